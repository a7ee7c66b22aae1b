/*
 * Mails of any bytes: what is taken of a report must be of the shapes that are
 * promised, lie in the mail, and be no address of ours.
 */
#include "base/report.h"
#include "send/bounce.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_status(const char *s)
{
	size_t n = strlen(s);

	return n == 0 || (n >= 5 && n <= 11 && (s[0] == '4' || s[0] == '5') &&
			  strspn(s, "0123456789.") == n);
}

static void check(struct str mail, const struct report *report)
{
	if (!is_status(report->status) ||
	    (report->reply != 0 &&
	     (report->reply < 400 || report->reply > 599)))
		abort();
	if (report->action != REPORT_FAILED &&
	    (report->status[0] || report->reply))
		abort();
	if (report->to_count < 0 || report->to_count > REPORT_TO_MAX)
		abort();
	for (int i = 0; i < report->to_count; i++)
		if (report->to[i].n < 1 || report->to[i].n > mail.n)
			abort();
	(void)bounce_judge(report);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct secret_keys keys = {
		.count = 1, .keys = {{.id = 1, .bytes = {1}}}};
	struct str mail = str_at((const char *)data, (ptrdiff_t)size);
	struct report report;
	struct arena a;
	int64_t id;

	arena_init(&a, (size_t)64 << 20);
	if (report_read(&a, mail, &report)) {
		check(mail, &report);
		if (secret_init() &&
		    bounce_find(&a, &keys, STR("bounce@rollcall.example"),
				&report, &id))
			abort();
	}
	arena_release(&a);
	return 0;
}
