/*
 * What a sweep run does before it sends.  Must not hold rules: they are SQL
 * functions, called here in their order.
 */
#include "jobs/plan.h"

#include "base/log.h"
#include "query/plan.h"

/* Rows planned or put away in one transaction. */
#define CHUNK 5000
/* People who are held meanwhile, who may want to check in. */
#define WATCH_CHUNK 200
/* Those that write to the audit, on which answers wait meanwhile. */
#define AUDITED_CHUNK 500

static enum db_outcome advance(struct db *db, struct arena *a,
			       struct plan *plan)
{
	struct rows *rows = query_advance_events(db, a);
	enum db_outcome outcome = db_run(db);

	plan->started += query_advance_events_started(rows, 0);
	plan->completed += query_advance_events_completed(rows, 0);
	db_reset(db);
	return outcome;
}

/* One step a person, however often it is called within a run. */
static enum db_outcome watch(struct db *db, struct arena *a,
			     const volatile int *stop, struct plan *plan)
{
	enum db_outcome outcome = DB_OK;
	bool more = true;

	while (outcome == DB_OK && more && !*stop) {
		struct rows *rows = query_step_alerts(db, a, WATCH_CHUNK);

		outcome = db_run(db);
		plan->risen[0] += query_step_alerts_l1(rows, 0);
		plan->risen[1] += query_step_alerts_l2(rows, 0);
		plan->risen[2] += query_step_alerts_l3(rows, 0);
		plan->risen[3] += query_step_alerts_l4(rows, 0);
		plan->covered += query_step_alerts_covered(rows, 0);
		plan->cleared = query_step_alerts_cleared(rows, 0);
		more = query_step_alerts_more(rows, 0);
		db_reset(db);
	}
	return outcome;
}

/* Of many that were missed, so many at a time. */
static enum db_outcome remind(struct db *db, struct arena *a,
			      const volatile int *stop, struct plan *plan)
{
	enum db_outcome outcome = DB_OK;
	bool more = true;

	while (outcome == DB_OK && more && !*stop) {
		struct rows *rows = query_plan_shifts(db, a);

		outcome = db_run(db);
		plan->shift_starts += query_plan_shifts_planned_start(rows, 0);
		plan->shift_ends += query_plan_shifts_planned_end(rows, 0);
		plan->shift_skipped += query_plan_shifts_skipped(rows, 0);
		plan->expired += query_plan_shifts_expired(rows, 0);
		more = query_plan_shifts_more(rows, 0);
		db_reset(db);
	}
	return outcome;
}

enum db_outcome plan_urgent(struct db *db, struct arena *a,
			    const volatile int *stop, struct plan *plan)
{
	enum db_outcome outcome = watch(db, a, stop, plan);

	return outcome == DB_OK ? remind(db, a, stop, plan) : outcome;
}

static enum db_outcome cancel_moved(struct db *db, struct arena *a,
				    struct plan *plan)
{
	struct rows *rows = query_cancel_moved_prompts(db, a);
	enum db_outcome outcome = db_run(db);

	plan->cancelled += query_cancel_moved_prompts_cancelled(rows, 0);
	db_reset(db);
	return outcome;
}

static enum db_outcome ask_first(struct db *db, struct arena *a,
				 struct plan *plan, bool *more)
{
	struct rows *rows = query_plan_prompts(db, a, CHUNK);
	enum db_outcome outcome = db_run(db);
	int64_t planned = query_plan_prompts_planned(rows, 0);

	plan->prompts += planned;
	*more = planned >= CHUNK;
	db_reset(db);
	return outcome;
}

static enum db_outcome ask_again(struct db *db, struct arena *a,
				 struct plan *plan, bool *more)
{
	struct rows *rows = query_plan_second_prompts(db, a, CHUNK);
	enum db_outcome outcome = db_run(db);

	plan->reminders += query_plan_second_prompts_planned(rows, 0);
	*more = query_plan_second_prompts_looked_at(rows, 0) >= CHUNK;
	db_reset(db);
	return outcome;
}

static enum db_outcome gather(struct db *db, struct arena *a, struct plan *plan,
			      bool *more)
{
	struct rows *rows = query_plan_digests(db, a, CHUNK);
	enum db_outcome outcome = db_run(db);

	plan->digests += query_plan_digests_planned(rows, 0);
	*more = query_plan_digests_looked_at(rows, 0) >= CHUNK;
	db_reset(db);
	return outcome;
}

static enum db_outcome settle(struct db *db, struct arena *a, struct plan *plan,
			      bool *more)
{
	struct rows *rows = query_settle_unanswered(db, a, AUDITED_CHUNK);
	enum db_outcome outcome = db_run(db);
	int64_t settled = query_settle_unanswered_settled(rows, 0);

	plan->unknown += settled;
	*more = settled >= AUDITED_CHUNK;
	db_reset(db);
	return outcome;
}

enum db_outcome plan_prompts(struct db *db, struct arena *a, struct plan *plan,
			     bool *more)
{
	enum db_outcome outcome = ask_first(db, a, plan, more);

	if (outcome == DB_OK && !*more)
		outcome = ask_again(db, a, plan, more);
	if (outcome == DB_OK && !*more)
		outcome = gather(db, a, plan, more);
	if (outcome == DB_OK && !*more)
		outcome = settle(db, a, plan, more);
	return outcome;
}

static enum db_outcome expire(struct db *db, struct arena *a,
			      const volatile int *stop, struct plan *plan)
{
	enum db_outcome outcome = DB_OK;
	int64_t done = CHUNK;

	while (outcome == DB_OK && done >= CHUNK && !*stop) {
		struct rows *rows = query_expire_notifications(db, a, CHUNK);

		outcome = db_run(db);
		done = query_expire_notifications_expired(rows, 0);
		plan->expired += done;
		db_reset(db);
	}
	return outcome;
}

/* The server's zones may have been updated since the last run. */
static enum db_outcome check_zones(struct db *db, struct arena *a,
				   struct plan *plan)
{
	(void)query_refresh_timezones(db, a);
	struct rows *rows = query_zone_problems(db, a);
	enum db_outcome outcome = db_run(db);

	for (ptrdiff_t i = 0; i < rows_count(rows); i++)
		log_line(LOG_WARNING, "unknown_zone",
			 LOG_INT("user_id",
				 query_zone_problems_user_id(rows, i)));
	plan->bad_zones += rows_count(rows);
	db_reset(db);
	return outcome;
}

enum db_outcome plan_run(struct db *db, struct arena *a,
			 const volatile int *stop, struct plan *plan)
{
	/* First, because these are wanted to the minute. */
	enum db_outcome outcome = plan_urgent(db, a, stop, plan);

	if (outcome == DB_OK)
		outcome = advance(db, a, plan);
	if (outcome == DB_OK)
		outcome = cancel_moved(db, a, plan);
	if (outcome == DB_OK)
		outcome = expire(db, a, stop, plan);
	if (outcome == DB_OK)
		outcome = check_zones(db, a, plan);
	return outcome;
}

enum db_outcome plan_wait(struct db *db, struct arena *a, int64_t *wait)
{
	struct rows *rows = query_next_due(db, a);
	enum db_outcome outcome = db_run(db);

	if (outcome == DB_OK && !query_next_due_wait_is_null(rows, 0))
		*wait = query_next_due_wait(rows, 0);
	db_reset(db);
	return outcome;
}
