/*
 * Has those marked absent who were registered and whom nobody marked by the
 * end.  Must not decide who that is: a SQL function does.
 */
#include "jobs/absence.h"

#include "base/clock.h"
#include "base/log.h"
#include "query/absence.h"

/* Each writes to the audit, on which answers and the door wait meanwhile. */
#define CHUNK 500

static void log_step(const struct rows *rows, const char *op, int64_t since)
{
	log_line(LOG_INFO, "absence", LOG_STR("op", str_of(op)),
		 LOG_INT("event_id", query_flag_absences_event_id(rows, 0)),
		 LOG_INT("batch_id", query_flag_absences_batch_id(rows, 0)),
		 LOG_INT("scanned", query_flag_absences_scanned(rows, 0)),
		 LOG_INT("changed", query_flag_absences_changed(rows, 0)),
		 LOG_INT("duration_ms", clock_ms() - since));
}

/* Of the whole batch, however many runs it took; the time is this run's. */
static void log_summary(const struct rows *rows, int64_t since)
{
	log_line(LOG_INFO, "absence", LOG_STR("op", STR("autoAbsenceSummary")),
		 LOG_INT("org_id", query_flag_absences_org_id(rows, 0)),
		 LOG_INT("event_id", query_flag_absences_event_id(rows, 0)),
		 LOG_INT("batch_id", query_flag_absences_batch_id(rows, 0)),
		 LOG_STR("state", query_flag_absences_state(rows, 0)),
		 LOG_INT("scanned", query_flag_absences_all_scanned(rows, 0)),
		 LOG_INT("flagged", query_flag_absences_all_flagged(rows, 0)),
		 LOG_INT("skipped_present",
			 query_flag_absences_skipped_present(rows, 0)),
		 LOG_INT("skipped_late",
			 query_flag_absences_skipped_late(rows, 0)),
		 LOG_INT("skipped_absent",
			 query_flag_absences_skipped_absent(rows, 0)),
		 LOG_INT("skipped_excused",
			 query_flag_absences_skipped_excused(rows, 0)),
		 LOG_INT("skipped_waitlisted",
			 query_flag_absences_skipped_waitlisted(rows, 0)),
		 LOG_INT("skipped_withdrawn",
			 query_flag_absences_skipped_withdrawn(rows, 0)),
		 LOG_INT("taken_back", query_flag_absences_back(rows, 0)),
		 LOG_INT("batches", query_flag_absences_batches(rows, 0)),
		 LOG_INT("duration_ms", clock_ms() - since));
}

/* It is tried again by a later run; the others go on. */
static void log_failure(const struct rows *rows)
{
	log_line(LOG_ERROR, "absence", LOG_STR("op", STR("absenceFailed")),
		 LOG_INT("event_id", query_flag_absences_event_id(rows, 0)),
		 LOG_INT("batch_id", query_flag_absences_batch_id(rows, 0)),
		 LOG_STR("error", query_flag_absences_error(rows, 0)),
		 LOG_INT("failures", query_flag_absences_failures(rows, 0)));
}

static void count(const struct rows *rows, int64_t step_since,
		  struct absence *absence)
{
	struct str state = query_flag_absences_state(rows, 0);
	int64_t changed = query_flag_absences_changed(rows, 0);
	bool is_asked = str_equal(state, STR("asked"));
	bool is_back = str_starts(state, STR("tak"));

	if (absence->event != query_flag_absences_event_id(rows, 0)) {
		absence->event = query_flag_absences_event_id(rows, 0);
		absence->since = step_since;
	}
	absence->asked += is_asked;
	*(is_back ? &absence->back : &absence->flagged) += changed;
	if (!is_asked)
		log_step(rows,
			 is_back ? "absenceBackBatch" : "autoAbsenceBatch",
			 step_since);
	if (!str_equal(state, STR("flagging")) &&
	    !str_equal(state, STR("taking_back")))
		log_summary(rows, absence->since);
}

enum db_outcome absence_step(struct db *db, struct arena *a,
			     struct absence *absence, bool *more)
{
	int64_t since = clock_ms();
	struct rows *rows = query_flag_absences(db, a, CHUNK);
	enum db_outcome outcome = db_run(db);

	*more = rows_count(rows) > 0;
	if (*more && query_flag_absences_error(rows, 0).n > 0) {
		absence->failed++;
		log_failure(rows);
	} else if (*more)
		count(rows, since, absence);
	db_reset(db);
	return outcome;
}
