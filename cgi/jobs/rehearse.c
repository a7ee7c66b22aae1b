/*
 * What a sweep would do now.  Must not call anything that changes a row.
 */
#include "jobs/rehearse.h"

#include "base/log.h"
#include "jobs/repeat.h"
#include "query/absence.h"
#include "query/delivery.h"
#include "query/plan.h"

static void tell_planned(const struct rows *rows, ptrdiff_t i)
{
	log_line(LOG_INFO, "would_plan",
		 LOG_STR("notification_id",
			 query_planned_prompts_notification_id(rows, i)),
		 LOG_INT("user_id", query_planned_prompts_user_id(rows, i)),
		 LOG_INT("event_id", query_planned_prompts_event_id(rows, i)),
		 LOG_INT("prompt_number",
			 query_planned_prompts_prompt_number(rows, i)),
		 LOG_STR("scheduled_for",
			 query_planned_prompts_scheduled_for(rows, i)),
		 LOG_STR("not_before",
			 query_planned_prompts_not_before(rows, i)),
		 LOG_STR("cause", query_planned_prompts_cause(rows, i)));
}

static void tell_shift(const struct rows *rows, ptrdiff_t i)
{
	log_line(LOG_INFO, "would_plan",
		 LOG_STR("notification_id",
			 query_planned_shifts_notification_id(rows, i)),
		 LOG_INT("user_id", query_planned_shifts_user_id(rows, i)),
		 LOG_INT("schedule_id",
			 query_planned_shifts_schedule_id(rows, i)),
		 LOG_STR("scheduled_for",
			 query_planned_shifts_scheduled_for(rows, i)));
}

static void tell_alert(const struct rows *rows, ptrdiff_t i)
{
	log_line(LOG_INFO, "would_plan",
		 LOG_STR("level", query_planned_alerts_level(rows, i)),
		 LOG_INT("user_id", query_planned_alerts_user_id(rows, i)),
		 LOG_STR("scheduled_for",
			 query_planned_alerts_scheduled_for(rows, i)));
}

static bool tell_due(const struct rows *rows, ptrdiff_t i)
{
	struct str outcome = query_queue_due_outcome(rows, i);
	const char *event = str_equal(outcome, STR("send"))   ? "would_send"
			    : str_equal(outcome, STR("hold")) ? "would_hold"
							      : "would_skip";

	log_line(LOG_INFO, event,
		 LOG_STR("notification_id",
			 query_queue_due_notification_id(rows, i)),
		 LOG_STR("kind", query_queue_due_kind(rows, i)),
		 LOG_INT("user_id", query_queue_due_user_id(rows, i)),
		 LOG_STR("cause", query_queue_due_cause(rows, i)),
		 LOG_STR("held_until", query_queue_due_held_until(rows, i)));
	return str_equal(outcome, STR("send"));
}

static void tell_absences(const struct rows *rows, ptrdiff_t i)
{
	struct str state = query_planned_absences_state(rows, i);

	log_line(LOG_INFO,
		 str_equal(state, STR("asked")) ? "would_ask_of_absences"
						: "would_flag_absences",
		 LOG_INT("event_id", query_planned_absences_event_id(rows, i)),
		 LOG_INT("participants",
			 query_planned_absences_participants(rows, i)));
}

enum db_outcome rehearse_run(struct db *db, struct arena *a)
{
	int64_t extended = 0;
	enum db_outcome outcome = repeat_rehearse(db, a, &extended);
	struct rows *planned = query_planned_prompts(db, a, REHEARSE_MAX);
	struct rows *shifts = query_planned_shifts(db, a, REHEARSE_MAX);
	struct rows *alerts = query_planned_alerts(db, a, REHEARSE_MAX);
	struct rows *absences = query_planned_absences(db, a, REHEARSE_MAX);
	struct rows *due = query_queue_due(db, a, REHEARSE_MAX);
	int64_t sent = 0;

	if (outcome == DB_OK)
		outcome = db_run(db);
	if (outcome == DB_OK) {
		for (ptrdiff_t i = 0; i < rows_count(planned); i++)
			tell_planned(planned, i);
		for (ptrdiff_t i = 0; i < rows_count(shifts); i++)
			tell_shift(shifts, i);
		for (ptrdiff_t i = 0; i < rows_count(alerts); i++)
			tell_alert(alerts, i);
		for (ptrdiff_t i = 0; i < rows_count(due); i++)
			sent += tell_due(due, i);
		for (ptrdiff_t i = 0; i < rows_count(absences); i++)
			tell_absences(absences, i);
		log_line(LOG_INFO, "dry_run",
			 LOG_INT("would_plan", rows_count(planned) +
						       rows_count(shifts) +
						       rows_count(alerts)),
			 LOG_INT("due", rows_count(due)),
			 LOG_INT("would_send", sent),
			 LOG_INT("would_extend", extended));
	}
	db_reset(db);
	return outcome;
}
