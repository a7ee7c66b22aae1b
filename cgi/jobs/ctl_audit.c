/*
 * The operator's commands that go over the audit's chains.
 */
#include "jobs/ctl.h"

#include "base/date.h"
#include "query/audit.h"

#include <inttypes.h>

/* A day, which begins at midnight UTC, or a moment of it; as SQL takes it. */
static bool read_since(struct arena *a, struct str text, struct str *moment)
{
	int64_t seconds;

	if (text.n == 10)
		text = str_printf(a, "%.*sT00:00:00", STR_ARG(text));
	*moment = str_printf(a, "%.*sZ", STR_ARG(text));
	return date_read_local(text, &seconds);
}

enum ctl_status ctl_audit_verify(struct ctl *ctl)
{
	struct str since = STR_ABSENT;
	struct rows *rows;
	enum ctl_status status;

	if (!str_is_absent(ctl->since) &&
	    !read_since(ctl->arena, ctl->since, &since))
		return ctl_say(
			CTL_USAGE,
			STR("--since takes a day, 2026-11-20, or a moment "
			    "in UTC, 2026-11-20T18:30:00"));
	rows = query_audit_verify(ctl->db, ctl->arena, ctl->org, since);
	status = ctl_run(ctl);
	if (status != CTL_DONE)
		return status;
	for (ptrdiff_t i = 0; i < rows_count(rows); i++)
		printf("%.*s: row %" PRId64 ": %.*s\n",
		       STR_ARG(query_audit_verify_org_slug(rows, i)),
		       query_audit_verify_seq(rows, i),
		       STR_ARG(query_audit_verify_problem(rows, i)));
	if (rows_count(rows) > 0)
		return CTL_REFUSED;
	printf("The audit is sound.\n");
	return CTL_DONE;
}

enum ctl_status ctl_audit_head(struct ctl *ctl)
{
	struct rows *rows = query_audit_head(ctl->db, ctl->arena, ctl->org);
	enum ctl_status status = ctl_run(ctl);

	for (ptrdiff_t i = 0; i < rows_count(rows); i++)
		printf("%.*s %" PRId64 " %.*s\n",
		       STR_ARG(query_audit_head_org_slug(rows, i)),
		       query_audit_head_seq(rows, i),
		       STR_ARG(query_audit_head_hash(rows, i)));
	return status;
}
