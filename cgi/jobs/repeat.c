/*
 * Keeps series of events going as time goes on.  Must not decide which or
 * how far; SQL functions do.
 */
#include "jobs/repeat.h"

#include "base/calendar.h"
#include "base/json.h"
#include "base/log.h"
#include "query/series.h"

/* Series in a run: half a second of work, 400,000 a day. */
#define RUN_MAX 300
#define CHUNK 100
#define SERIES_BYTES ((size_t)4 << 20)

/* A series whose next instances are to be made. */
struct due {
	int64_t id;
	struct str rule, starts, from, to;
};

static enum db_outcome fetch(struct db *db, struct arena *a, int max,
			     struct due **due, ptrdiff_t *count)
{
	struct rows *rows = query_series_due(db, a, max);
	enum db_outcome outcome = db_run(db);

	*count = rows_count(rows);
	*due = ARENA_ARRAY(a, *count + 1, struct due);
	for (ptrdiff_t i = 0; i < *count; i++)
		(*due)[i] = (struct due){
			query_series_due_id(rows, i),
			str_copy(a, query_series_due_rule(rows, i)),
			str_copy(a, query_series_due_starts(rows, i)),
			str_copy(a, query_series_due_window_starts(rows, i)),
			str_copy(a, query_series_due_window_ends(rows, i)),
		};
	db_reset(db);
	return outcome;
}

/* The dates that its rule makes; NULL when it cannot be read. */
static const struct calendar_repeats *find_dates(struct arena *a,
						 const struct due *due)
{
	struct str why;

	return calendar_repeat(a, due->rule, due->starts, due->from, due->to,
			       &why);
}

static struct str write_dates(struct arena *a,
			      const struct calendar_repeats *dates)
{
	struct buf json = buf_init(a, 256);

	buf_add_byte(&json, '[');
	for (ptrdiff_t i = 0; dates && i < dates->count; i++) {
		if (i > 0)
			buf_add_byte(&json, ',');
		json_add_text(&json, dates->starts[i]);
	}
	buf_add_byte(&json, ']');
	return buf_str(&json);
}

/* Whether it is the server that failed, and not what it was given. */
static bool is_away(const struct db *db)
{
	struct str state = db_sqlstate(db);

	return state.n == 0 || str_starts(state, STR("08")) ||
	       str_starts(state, STR("53")) || str_starts(state, STR("57"));
}

/*
 * One whose rule cannot be read is extended without dates: it then stays out
 * of the others' way for a week.
 */
static enum db_outcome extend(struct db *db, struct arena *a,
			      const struct due *due, struct repeat *repeat)
{
	const struct calendar_repeats *dates = find_dates(a, due);
	struct rows *rows = query_extend_series(db, a, due->id,
						write_dates(a, dates), due->to);
	enum db_outcome outcome = db_run(db);
	bool good = dates && outcome == DB_OK;

	repeat->series++;
	repeat->events += query_extend_series_made(rows, 0);
	if (outcome == DB_REFUSED || (outcome == DB_AWAY && !is_away(db)))
		outcome = DB_OK;
	if (!good && outcome == DB_OK) {
		repeat->failed++;
		log_line(LOG_WARNING, "series_failed",
			 LOG_INT("series_id", due->id),
			 LOG_STR("why", dates ? STR("refused by the database")
					      : STR("its rule cannot be "
						    "read")));
	}
	db_reset(db);
	return outcome;
}

/* Logs those that wait for a zone that this server does not know. */
static enum db_outcome check_zones(struct db *db, struct arena *a,
				   struct repeat *repeat)
{
	struct rows *rows = query_series_problems(db, a);
	enum db_outcome outcome = db_run(db);

	for (ptrdiff_t i = 0; i < rows_count(rows); i++)
		log_line(LOG_WARNING, "series_failed",
			 LOG_INT("series_id",
				 query_series_problems_series_id(rows, i)),
			 LOG_STR("why", STR("its zone is not known")));
	repeat->failed += rows_count(rows);
	db_reset(db);
	return outcome;
}

enum db_outcome repeat_run(struct db *db, struct arena *a,
			   const volatile int *stop, struct repeat *repeat)
{
	enum db_outcome outcome = check_zones(db, a, repeat);
	struct arena own;
	bool more = true;

	arena_init(&own, SERIES_BYTES);
	while (outcome == DB_OK && more && repeat->series < RUN_MAX && !*stop) {
		int64_t failed = repeat->failed;
		struct due *due;
		ptrdiff_t count;

		outcome = fetch(db, a, CHUNK, &due, &count);
		for (ptrdiff_t i = 0; i < count && outcome == DB_OK && !*stop;
		     i++) {
			outcome = extend(db, &own, &due[i], repeat);
			arena_reset(&own);
		}
		/* Those that failed may come again. */
		more = count == CHUNK && repeat->failed - failed < CHUNK;
	}
	arena_release(&own);
	return outcome;
}

enum db_outcome repeat_rehearse(struct db *db, struct arena *a, int64_t *would)
{
	struct arena own;
	struct due *due;
	ptrdiff_t count;
	enum db_outcome outcome = fetch(db, a, RUN_MAX, &due, &count);

	arena_init(&own, SERIES_BYTES);
	for (ptrdiff_t i = 0; i < count; i++) {
		const struct calendar_repeats *dates =
			find_dates(&own, &due[i]);

		log_line(LOG_INFO, "would_extend",
			 LOG_INT("series_id", due[i].id),
			 LOG_INT("dates", dates ? dates->count : 0),
			 LOG_STR("to", due[i].to));
		arena_reset(&own);
	}
	arena_release(&own);
	*would = count;
	return outcome;
}
