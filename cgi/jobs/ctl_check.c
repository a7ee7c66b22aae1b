/*
 * The operator's commands that tell whether an installation works.
 */
#include "jobs/ctl.h"

#include "jobs/check.h"
#include "jobs/test_mail.h"
#include "send/smtp.h"

#include <inttypes.h>

enum ctl_status ctl_check_all(struct ctl *ctl)
{
	int bad = check_run(stdout, ctl->arena, &ctl->config, ctl->db);

	return bad ? CTL_NOT_NOW : CTL_DONE;
}

static enum ctl_status report_test(const struct ctl *ctl,
				   const struct send_result *result)
{
	if (result->outcome == SEND_ACCEPTED) {
		printf("Accepted with %d after %" PRId64 " ms.\n",
		       result->reply_code, result->took_ms);
		return CTL_DONE;
	}
	return ctl_say(CTL_REFUSED,
		       str_printf(ctl->arena, "not sent: %s, reply %d %s",
				  result->why, result->reply_code,
				  result->status));
}

enum ctl_status ctl_check_mail(struct ctl *ctl)
{
	struct arena *a = ctl->arena;
	struct template_error error;
	struct render render = {
		.config = &ctl->config,
		.templates = template_set_read(
			a, str_z(a, ctl->config.templates_dir), &error),
	};
	struct send_result result;
	struct channel *channel;
	const char *why = "";
	bool made;

	if (!render.templates)
		return ctl_say(CTL_NOT_NOW, STR("a template does not compile: "
						"see check"));
	if (ctl->config.smtp_url.n == 0)
		return ctl_say(CTL_NOT_NOW, STR("SMTP_URL is missing"));
	if (!secret_init())
		return ctl_say(CTL_NOT_NOW,
			       STR("there is no source of random bytes"));
	channel = smtp_open(a, ctl->config.smtp_url);
	if (!channel)
		return ctl_say(CTL_NOT_NOW, STR("SMTP_URL cannot be used"));
	made = test_mail_send(&render, a, channel, ctl->words[0], &result,
			      &why);
	channel->kind->close(channel);
	return made ? report_test(ctl, &result)
		    : ctl_say(CTL_REFUSED, str_of(why));
}
