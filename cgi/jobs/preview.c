/*
 * Tells what a sweep run would do.  Must not do it.
 */
#include "jobs/preview.h"

#include "base/log.h"
#include "query/plan.h"

#define LINES_MAX 1000

static void log_message(const struct rows *rows, ptrdiff_t row)
{
	log_line(LOG_INFO, "would",
		 LOG_STR("notification_id",
			 query_preview_sweep_notification_id(rows, row)),
		 LOG_STR("kind", query_preview_sweep_kind(rows, row)),
		 LOG_INT("user_id", query_preview_sweep_user_id(rows, row)),
		 LOG_BOOL("planned", query_preview_sweep_planned(rows, row)),
		 LOG_STR("outcome", query_preview_sweep_outcome(rows, row)),
		 LOG_STR("cause", query_preview_sweep_cause(rows, row)));
}

enum db_outcome preview_run(struct db *db, struct arena *a)
{
	struct rows *rows = query_preview_sweep(db, a, LINES_MAX);
	enum db_outcome outcome = db_run(db);
	ptrdiff_t count = rows_count(rows);
	int64_t planned = 0;
	int64_t sent = 0;

	for (ptrdiff_t i = 0; i < count; i++) {
		log_message(rows, i);
		planned += query_preview_sweep_planned(rows, i);
		sent += str_equal(query_preview_sweep_outcome(rows, i),
				  STR("send"));
	}
	if (outcome == DB_OK)
		log_line(LOG_INFO, "dry_run", LOG_INT("planned", planned),
			 LOG_INT("sent", sent),
			 LOG_BOOL("more", count >= LINES_MAX));
	db_reset(db);
	return outcome;
}
