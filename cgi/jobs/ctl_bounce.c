/*
 * The command that a mail server hands reports of non-delivery to.  Whatever
 * comes is dealt with and said to be done: a mail server would answer anything
 * else with another report, but for what it is to hand over again.
 */
#include "jobs/ctl.h"

#include "base/log.h"
#include "query/bounce.h"
#include "send/bounce.h"

#include <errno.h>
#include <unistd.h>

/*
 * The beginning of what comes in, as much as is looked at; the rest is read
 * and dropped, so that whoever writes it can.  False when it breaks off.
 */
static bool read_mail(struct arena *a, struct str *mail)
{
	char *room = arena_get_text(a, REPORT_BYTES_MAX);
	char rest[4096];
	ptrdiff_t n = 0;
	ssize_t got;

	do {
		bool is_full = n == REPORT_BYTES_MAX;

		got = is_full ? read(STDIN_FILENO, rest, sizeof(rest))
			      : read(STDIN_FILENO, room + n,
				     (size_t)(REPORT_BYTES_MAX - n));
		if (got > 0 && !is_full)
			n += got;
	} while (got > 0 || (got < 0 && errno == EINTR));
	*mail = str_at(room, n);
	return got == 0;
}

/* By ids and words of ours: what a mail says is nobody's business. */
static void tell(int64_t id, struct str effect, const struct report *report)
{
	printf("%.*s\n", STR_ARG(effect));
	log_line(LOG_INFO, "bounce", LOG_INT("message", id),
		 LOG_STR("effect", effect),
		 LOG_STR("status", str_of(report->status)),
		 LOG_INT("reply_code", report->reply));
}

/* Why nothing is to be made of it; absent when something is. */
static struct str find_idle(const struct ctl *ctl,
			    const struct secret_keys *keys,
			    const struct report *report, int64_t *id)
{
	*id = 0;
	if (report->action == REPORT_NONE)
		return STR("no report");
	if (!bounce_find(ctl->arena, keys, ctl->config.bounce_address, report,
			 id))
		return STR("unknown");
	if (report->action == REPORT_DELAYED)
		return STR("delayed");
	if (report->action == REPORT_DELIVERED)
		return STR("delivered");
	return STR_ABSENT;
}

static enum ctl_status record(struct ctl *ctl, int64_t id,
			      const struct report *report)
{
	struct arena *a = ctl->arena;
	struct str status = str_of(report->status);
	struct str effect;
	struct rows *rows;

	if (status.n == 0)
		status = report->reply ? str_printf(a, "%d", report->reply)
				       : STR_ABSENT;
	rows = query_record_bounce(
		ctl->db, a, id, str_of(send_outcome_name(bounce_judge(report))),
		status);
	if (ctl_run(ctl) != CTL_DONE)
		return CTL_NOT_NOW;
	effect = query_record_bounce_effect(rows, 0);
	tell(id, effect, report);
	return str_equal(effect, STR("early")) ? CTL_NOT_NOW : CTL_DONE;
}

enum ctl_status ctl_bounce(struct ctl *ctl)
{
	struct secret_keys *keys;
	struct report report;
	struct str mail, idle;
	int64_t id;

	if (str_is_absent(ctl->config.bounce_address))
		return ctl_say(CTL_NOT_NOW, STR("BOUNCE_ADDRESS is not set"));
	if (ctl_keys_read(ctl, &keys) != CTL_DONE)
		return CTL_NOT_NOW;
	if (!read_mail(ctl->arena, &mail))
		return ctl_say(CTL_NOT_NOW, STR("the mail broke off"));
	if (!report_read(ctl->arena, mail, &report))
		return ctl_say(CTL_NO_MAIL, STR("this is no mail"));
	idle = find_idle(ctl, keys, &report, &id);
	if (str_is_absent(idle))
		return record(ctl, id, &report);
	tell(id, idle, &report);
	return CTL_DONE;
}
