/*
 * Takes due messages out of the queue and sends them.  Must not log anything
 * a person wrote, or an address.
 */
#include "jobs/deliver.h"

#include "base/clock.h"
#include "base/log.h"
#include "query/delivery.h"

/*
 * Rows claimed at a time: few, so that an urgent message that comes in
 * meanwhile waits for few, and a stop leaves few leased.
 */
#define BATCH 16
/* After so long the rest of a batch is given back, for the same reason. */
#define BATCH_MS 1000
/* Messages in a row that failed by our fault before the channel rests. */
#define DOWN_AFTER 3
/* Memory for the rows of a claim. */
#define CLAIM_BYTES ((size_t)1 << 20)

struct job {
	int64_t id;
	struct str notification_id;
	struct str kind;
	int64_t user_id;
	int64_t lease;
};

/* What became of a job, for its log line. */
struct ending {
	struct str state;
	struct str cause;
	int reply_code;
	int64_t took_ms;
	bool ours; /* not the message's fault: see send_result */
};

static void count_cause(struct deliver_counts *counts, struct str cause)
{
	int i = 0;

	while (i < counts->causes &&
	       !str_equal(str_of(counts->cause[i].name), cause))
		i++;
	if (i == DELIVER_CAUSES_MAX)
		return;
	if (i == counts->causes) {
		snprintf(counts->cause[i].name, sizeof(counts->cause[i].name),
			 "%.*s", STR_ARG(cause));
		counts->causes++;
	}
	counts->cause[i].count++;
}

static void count_ending(struct deliver_counts *counts,
			 const struct ending *ending)
{
	const struct {
		struct str state;
		int64_t *count;
	} states[] = {
		{STR_INIT("sent"), &counts->sent},
		{STR_INIT("skipped"), &counts->skipped},
		{STR_INIT("held"), &counts->held},
		{STR_INIT("lost"), &counts->lost},
		{STR_INIT("pending"), &counts->retried},
		{STR_INIT("dead"), &counts->dead},
		{STR_INIT("expired"), &counts->expired},
	};

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (str_equal(states[i].state, ending->state))
			++*states[i].count;
	if (str_equal(ending->state, STR("skipped")))
		count_cause(counts, ending->cause);
}

static void log_ending(const struct job *job, const struct ending *ending)
{
	log_line(LOG_INFO, "message",
		 LOG_STR("notification_id", job->notification_id),
		 LOG_STR("kind", job->kind), LOG_INT("user_id", job->user_id),
		 LOG_STR("state", ending->state),
		 LOG_STR("cause", ending->cause),
		 LOG_INT("reply_code", ending->reply_code),
		 LOG_INT("ms", ending->took_ms));
}

static enum db_outcome record_failure(const struct deliver *d,
				      const struct job *job, int reply_code,
				      const char *why, bool for_good,
				      struct ending *ending)
{
	const int64_t code = reply_code;
	struct rows *rows =
		query_record_failed(d->db, d->arena, job->id, job->lease,
				    code ? &code : NULL, str_of(why), for_good);
	enum db_outcome outcome = db_run(d->db);

	ending->state = str_copy(d->arena, query_record_failed_state(rows, 0));
	if (str_is_absent(ending->state))
		ending->state = STR("lost");
	ending->cause = str_of(why);
	ending->reply_code = reply_code;
	db_reset(d->db);
	return outcome;
}

static enum db_outcome record_success(const struct deliver *d,
				      const struct job *job,
				      const struct send_result *result,
				      struct ending *ending)
{
	const int64_t code = result->reply_code;
	struct rows *rows = query_record_sent(
		d->db, d->arena, job->id, job->lease, &code, &result->took_ms);
	enum db_outcome outcome = db_run(d->db);

	ending->state =
		query_record_sent_recorded(rows, 0) ? STR("sent") : STR("lost");
	ending->reply_code = result->reply_code;
	db_reset(d->db);
	return outcome;
}

/* The bytes as first sent are what every copy is sent from. */
static enum db_outcome keep(const struct deliver *d, const struct job *job,
			    struct str bytes, bool *kept)
{
	struct rows *rows =
		query_keep_message(d->db, d->arena, job->id, job->lease, bytes);
	enum db_outcome outcome = db_run(d->db);

	*kept = query_keep_message_kept(rows, 0);
	db_reset(d->db);
	return outcome;
}

static enum db_outcome send_bytes(const struct deliver *d,
				  const struct job *job, struct str to,
				  struct str bytes, struct ending *ending)
{
	const struct send_message message = {
		.from = d->render.config->mail_from,
		.to = to,
		.bytes = bytes,
	};
	struct send_result result =
		d->channel->kind->send(d->channel, &message);
	struct str why = str_of(result.why);

	ending->took_ms = result.took_ms;
	ending->ours = result.ours;
	if (result.outcome == SEND_ACCEPTED)
		return record_success(d, job, &result, ending);
	if (result.status[0])
		why = str_printf(d->arena, "%s (%s)", result.why,
				 result.status);
	return record_failure(d, job, result.reply_code, str_z(d->arena, why),
			      result.outcome == SEND_REFUSED_FOR_GOOD, ending);
}

static enum db_outcome send_prepared(const struct deliver *d,
				     const struct job *job,
				     const struct rows *row,
				     struct ending *ending)
{
	struct arena *a = d->arena;
	struct str bytes = query_prepare_notification_message(a, row, 0);
	struct str to = str_copy(a, query_prepare_notification_email(row, 0));
	bool kept = true;
	struct render_fault fault = {0};
	bool is_new = bytes.n == 0;

	if (is_new)
		bytes = render_mail(&d->render, a, row, job->kind,
				    job->notification_id, &fault);
	db_reset(d->db);
	if (str_is_absent(bytes))
		return record_failure(d, job, 0, fault.why, !fault.ours,
				      ending);
	if (is_new) {
		enum db_outcome outcome = keep(d, job, bytes, &kept);

		if (outcome != DB_OK)
			return outcome;
	}
	if (!kept) {
		ending->state = STR("lost");
		return DB_OK;
	}
	return send_bytes(d, job, to, bytes, ending);
}

/* A statement that failed, not the server: SQLSTATE classes 22, 23, P0. */
static bool is_about_the_row(struct str sqlstate)
{
	return str_starts(sqlstate, STR("22")) ||
	       str_starts(sqlstate, STR("23")) ||
	       str_starts(sqlstate, STR("P0"));
}

static enum db_outcome deliver_one(const struct deliver *d,
				   const struct job *job, struct ending *ending)
{
	struct rows *row = query_prepare_notification(d->db, d->arena, job->id,
						      job->lease);
	enum db_outcome outcome = db_run(d->db);
	struct str what =
		str_copy(d->arena, query_prepare_notification_outcome(row, 0));

	if (outcome == DB_OK && str_equal(what, STR("send")))
		return send_prepared(d, job, row, ending);
	if (outcome == DB_OK) {
		ending->cause = str_copy(
			d->arena, query_prepare_notification_cause(row, 0));
		ending->state = str_equal(what, STR("skip"))   ? STR("skipped")
				: str_equal(what, STR("hold")) ? STR("held")
							       : STR("lost");
		db_reset(d->db);
		return DB_OK;
	}
	/* One row's trouble is not everybody's. */
	bool alone =
		outcome == DB_REFUSED || is_about_the_row(db_sqlstate(d->db));

	db_reset(d->db);
	return alone ? record_failure(d, job, 0, "could not be prepared", false,
				      ending)
		     : outcome;
}

static enum db_outcome claim(const struct deliver *d, struct arena *a,
			     struct job jobs[BATCH], ptrdiff_t *count)
{
	struct rows *rows = query_claim_notifications(d->db, a, BATCH);
	enum db_outcome outcome = db_run(d->db);

	*count = rows_count(rows);
	for (ptrdiff_t i = 0; i < *count && i < BATCH; i++)
		jobs[i] = (struct job){
			.id = query_claim_notifications_id(rows, i),
			.notification_id = str_copy(
				a, query_claim_notifications_notification_id(
					   rows, i)),
			.kind = str_copy(
				a, query_claim_notifications_kind(rows, i)),
			.user_id = query_claim_notifications_user_id(rows, i),
			.lease = query_claim_notifications_lease_id(rows, i),
		};
	db_reset(d->db);
	return outcome;
}

/* What was claimed and not begun need not wait for its lease to end. */
static void release(const struct deliver *d, struct arena *a,
		    const struct job *jobs, ptrdiff_t count)
{
	if (count == 0)
		return;
	for (ptrdiff_t i = 0; i < count; i++)
		(void)query_release_notification(d->db, a, jobs[i].id,
						 jobs[i].lease);
	(void)db_run(d->db);
	db_reset(d->db);
}

static enum db_outcome deliver_batch(const struct deliver *d, struct arena *a,
				     const struct job *jobs, ptrdiff_t count,
				     int *failures,
				     struct deliver_counts *counts)
{
	enum db_outcome outcome = DB_OK;
	int64_t until = clock_ms() + BATCH_MS;
	ptrdiff_t i;

	for (i = 0; i < count && outcome == DB_OK; i++) {
		struct ending ending = {.state = STR("lost")};

		if (*d->stop || *failures >= DOWN_AFTER ||
		    (i > 0 && clock_ms() >= until))
			break;
		outcome = deliver_one(d, &jobs[i], &ending);
		if (outcome == DB_OK) {
			count_ending(counts, &ending);
			log_ending(&jobs[i], &ending);
		}
		if (ending.ours)
			++*failures;
		else if (ending.reply_code)
			*failures = 0;
		arena_reset(d->arena);
	}
	counts->claimed += i;
	if (outcome == DB_OK)
		release(d, a, jobs + i, count - i);
	return outcome;
}

/* Batches, most of them at most, until nothing is due. */
static enum db_outcome deliver_batches(const struct deliver *d, int64_t most,
				       struct deliver_counts *counts)
{
	struct arena a;
	struct job jobs[BATCH];
	enum db_outcome outcome = DB_OK;
	ptrdiff_t count = BATCH;
	int failures = 0;

	arena_init(&a, CLAIM_BYTES);
	while (outcome == DB_OK && count > 0 && !*d->stop &&
	       failures < DOWN_AFTER && most-- > 0) {
		outcome = claim(d, &a, jobs, &count);
		if (outcome == DB_OK)
			outcome = deliver_batch(d, &a, jobs, count, &failures,
						counts);
		arena_reset(&a);
	}
	counts->channel_down = failures >= DOWN_AFTER;
	arena_release(&a);
	return outcome;
}

enum db_outcome deliver_run(const struct deliver *deliver,
			    struct deliver_counts *counts)
{
	return deliver_batches(deliver, INT64_MAX, counts);
}

enum db_outcome deliver_urgent(const struct deliver *deliver,
			       struct deliver_counts *counts)
{
	return deliver_batches(deliver, 1, counts);
}
