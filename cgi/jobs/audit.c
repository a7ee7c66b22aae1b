/*
 * Goes over the audit.  Must not hold the rule of what is sound: a SQL
 * function does.
 */
#include "jobs/audit.h"

#include "base/log.h"
#include "query/audit.h"

/* Rows in a run: less than a second, 70 million a day. */
#define CHUNK 50000

static void problem_log(const struct rows *rows, ptrdiff_t i)
{
	log_line(LOG_ERROR, "audit_not_sound",
		 LOG_INT("org_id", query_audit_check_org_id(rows, i)),
		 LOG_INT("row", query_audit_check_seq(rows, i)),
		 LOG_STR("why", query_audit_check_problem(rows, i)));
}

enum db_outcome audit_run(struct db *db, struct arena *a, struct audit *audit)
{
	struct rows *rows = query_audit_check(db, a, CHUNK);
	enum db_outcome outcome = db_run(db);

	for (ptrdiff_t i = 0; i < rows_count(rows); i++) {
		audit->rows += query_audit_check_looked_at(rows, i);
		audit->chains += query_audit_check_is_done(rows, i);
		if (str_is_absent(query_audit_check_problem(rows, i)))
			continue;
		audit->problems++;
		problem_log(rows, i);
	}
	db_reset(db);
	return outcome;
}
