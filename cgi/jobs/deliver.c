/*
 * Takes due messages out of the queue and sends them.  Must not log anything
 * a person wrote, or an address.
 */
#include "jobs/deliver.h"

#include "base/clock.h"
#include "base/log.h"
#include "query/delivery.h"
#include "send/bounce.h"

/* Memory for one message, from its recheck to its record. */
#define MESSAGE_BYTES ((size_t)2 << 20)
/* How long a look at what is under way may take before *stop is seen. */
#define LOOK_MS 200

struct job {
	int64_t id;
	struct str notification_id;
	struct str kind;
	int64_t user_id; /* 0: nobody yet */
	int64_t lease;
};

/* A message under way, and what it is made of. */
struct slot {
	bool busy;
	struct job job;
	struct arena arena;
};

/* What became of a job, for its log line. */
struct ending {
	struct str state;
	struct str cause;
	int reply_code;
	int64_t took_ms;
};

/* What is on its way, of one call. */
struct flow {
	const struct deliver *d;
	struct deliver_counts *counts;
	struct slot slots[CHANNEL_MOST_EVER];
	int busy;
	bool down;	 /* the channel has been paused */
	int64_t claims;	 /* that may still be made */
	bool drained;	 /* the last claim gave nothing */
	int64_t stop_by; /* when what is under way is cut off; 0: not told */
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

static void close_job(struct flow *f, const struct job *job,
		      const struct ending *ending)
{
	count_ending(f->counts, ending);
	log_ending(job, ending);
}

/* What SQL made of a failure that was no fault of the message's. */
static void note_pause(struct flow *f, const struct rows *rows, const char *why)
{
	if (f->down || !query_channel_failed_paused(rows, 0))
		return;
	f->down = true;
	log_line(LOG_WARNING, "channel_paused",
		 LOG_STR("channel", str_of(f->d->channel->kind->name)),
		 LOG_STR("why", str_of(why)),
		 LOG_BOOL("admins_told", query_channel_failed_told(rows, 0)));
}

/* Those who are nobody yet are told apart by what is mailed to them. */
static int64_t whom(const struct job *job)
{
	return job->user_id > 0 ? job->user_id : -job->id;
}

static enum db_outcome record_failure(struct flow *f, const struct job *job,
				      const struct send_result *result)
{
	const struct deliver *d = f->d;
	const int64_t code = result->reply_code;
	struct rows *rows = query_record_failed(
		d->db, d->arena, job->id, job->lease,
		str_of(send_outcome_name(result->outcome)), code ? &code : NULL,
		result->status[0] ? str_of(result->status) : STR_ABSENT,
		str_of(result->why));
	struct rows *pause = NULL;
	enum db_outcome outcome;
	struct str state;

	if (result->channel_fault)
		pause = query_channel_failed(d->db, d->arena,
					     str_of(d->channel->kind->name),
					     whom(job), str_of(result->why));
	outcome = db_run(d->db);
	state = query_record_failed_state(rows, 0);
	if (outcome == DB_OK) {
		const struct ending ending = {
			.state = str_is_absent(state) ? STR("lost") : state,
			.cause = str_of(result->why),
			.reply_code = result->reply_code,
			.took_ms = result->took_ms,
		};

		f->counts->failed[result->outcome]++;
		close_job(f, job, &ending);
		if (pause)
			note_pause(f, pause, result->why);
	}
	db_reset(d->db);
	arena_reset(d->arena);
	return outcome;
}

static enum db_outcome record_success(struct flow *f, const struct job *job,
				      const struct send_result *result)
{
	const struct deliver *d = f->d;
	const int64_t code = result->reply_code;
	struct rows *rows = query_record_sent(
		d->db, d->arena, job->id, job->lease, &code, &result->took_ms);
	enum db_outcome outcome = db_run(d->db);

	if (outcome == DB_OK) {
		const struct ending ending = {
			.state = query_record_sent_recorded(rows, 0)
					 ? STR("sent")
					 : STR("lost"),
			.reply_code = result->reply_code,
			.took_ms = result->took_ms,
		};

		close_job(f, job, &ending);
	}
	db_reset(d->db);
	arena_reset(d->arena);
	return outcome;
}

static enum db_outcome record_fault(struct flow *f, const struct job *job,
				    enum send_outcome outcome, const char *why)
{
	const struct send_result result = {.outcome = outcome, .why = why};

	return record_failure(f, job, &result);
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
	arena_reset(d->arena);
	return outcome;
}

static struct slot *find_slot(struct flow *f)
{
	struct slot *slot = f->slots;

	while (slot->busy)
		slot++;
	return slot;
}

/* Where reports of non-delivery go tells which message they are about. */
static struct str envelope_sender(const struct render *render,
				  struct slot *slot)
{
	struct str base = render->config->bounce_address;

	return str_is_absent(base) ? render->config->mail_from
				   : bounce_address(&slot->arena, render->keys,
						    base, slot->job.id);
}

static void begin(struct flow *f, struct slot *slot, struct str to,
		  struct str bytes)
{
	const struct send_message message = {
		.from = envelope_sender(&f->d->render, slot),
		.to = to,
		.bytes = bytes,
	};

	f->d->channel->kind->begin(f->d->channel, &message, slot);
	slot->busy = true;
	f->busy++;
}

static enum db_outcome send_prepared(struct flow *f, struct slot *slot,
				     const struct rows *row)
{
	const struct deliver *d = f->d;
	const struct job *job = &slot->job;
	struct arena *a = &slot->arena;
	struct str bytes = query_prepare_notification_message(a, row, 0);
	struct str to = str_copy(a, query_prepare_notification_email(row, 0));
	enum db_outcome outcome = DB_OK;
	bool kept = true;
	const char *why = "";
	bool is_new = bytes.n == 0;

	if (is_new)
		bytes = render_mail(&d->render, a, row, job->kind,
				    job->notification_id, &why);
	db_reset(d->db);
	if (str_is_absent(bytes))
		return record_fault(f, job, SEND_OURS, why);
	if (is_new)
		outcome = keep(d, job, bytes, &kept);
	if (outcome != DB_OK)
		return outcome;
	if (kept)
		begin(f, slot, to, bytes);
	else
		close_job(f, job, &(struct ending){.state = STR("lost")});
	return DB_OK;
}

/* A statement that failed, not the server: SQLSTATE classes 22, 23, P0. */
static bool is_about_the_row(struct str sqlstate)
{
	return str_starts(sqlstate, STR("22")) ||
	       str_starts(sqlstate, STR("23")) ||
	       str_starts(sqlstate, STR("P0"));
}

static void close_unsent(struct flow *f, const struct job *job,
			 const struct rows *row)
{
	struct str what = query_prepare_notification_outcome(row, 0);
	const struct ending ending = {
		.state = str_equal(what, STR("skip"))	? STR("skipped")
			 : str_equal(what, STR("hold")) ? STR("held")
							: STR("lost"),
		.cause = query_prepare_notification_cause(row, 0),
	};

	close_job(f, job, &ending);
	db_reset(f->d->db);
}

static enum db_outcome start_job(struct flow *f, const struct job *job)
{
	struct db *db = f->d->db;
	struct slot *slot = find_slot(f);
	struct rows *row;
	enum db_outcome outcome;
	bool alone;

	arena_reset(&slot->arena);
	slot->job = *job;
	slot->job.notification_id =
		str_copy(&slot->arena, job->notification_id);
	slot->job.kind = str_copy(&slot->arena, job->kind);
	row = query_prepare_notification(db, &slot->arena, job->id, job->lease);
	outcome = db_run(db);
	if (outcome == DB_OK) {
		if (str_equal(query_prepare_notification_outcome(row, 0),
			      STR("send")))
			return send_prepared(f, slot, row);
		close_unsent(f, job, row);
		return DB_OK;
	}
	/* One row's trouble is not everybody's. */
	alone = outcome == DB_REFUSED || is_about_the_row(db_sqlstate(db));
	db_reset(db);
	return alone ? record_fault(f, job, SEND_RETRY, "could not be prepared")
		     : outcome;
}

static enum db_outcome claim(struct flow *f, struct arena *a, struct job *jobs,
			     ptrdiff_t *count)
{
	const struct deliver *d = f->d;
	int room = d->channel->most - f->busy;
	struct rows *rows = query_claim_notifications(d->db, a, room);
	enum db_outcome outcome = db_run(d->db);

	*count = rows_count(rows);
	for (ptrdiff_t i = 0; i < *count; i++)
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
	f->counts->claimed += *count;
	f->drained = *count == 0;
	return outcome;
}

/* What was claimed and not begun need not wait for its lease to end. */
static enum db_outcome release(const struct deliver *d, struct arena *a,
			       const struct job *jobs, ptrdiff_t count)
{
	enum db_outcome outcome;

	if (count == 0)
		return DB_OK;
	for (ptrdiff_t i = 0; i < count; i++)
		(void)query_release_notification(d->db, a, jobs[i].id,
						 jobs[i].lease);
	outcome = db_run(d->db);
	db_reset(d->db);
	return outcome;
}

static bool is_open(const struct flow *f)
{
	return !*f->d->stop && !f->down;
}

static bool may_claim(const struct flow *f)
{
	return is_open(f) && !f->drained && f->claims > 0;
}

/* Claims as many as there is room for, and sets them out. */
static enum db_outcome fill(struct flow *f)
{
	struct job jobs[CHANNEL_MOST_EVER];
	struct arena a;
	ptrdiff_t count, i = 0;
	enum db_outcome outcome;

	arena_init(&a, MESSAGE_BYTES);
	f->claims--;
	outcome = claim(f, &a, jobs, &count);
	while (outcome == DB_OK && i < count && is_open(f))
		outcome = start_job(f, &jobs[i++]);
	if (outcome == DB_OK)
		outcome = release(f->d, &a, jobs + i, count - i);
	arena_release(&a);
	return outcome;
}

static enum db_outcome take_result(struct flow *f, int wait_ms)
{
	struct channel *channel = f->d->channel;
	struct send_result result;
	struct slot *slot = channel->kind->finish(channel, wait_ms, &result);

	if (!slot)
		return DB_OK;
	slot->busy = false;
	f->busy--;
	if (result.outcome == SEND_ACCEPTED)
		return record_success(f, &slot->job, &result);
	return record_failure(f, &slot->job, &result);
}

static void keep_stop(struct flow *f)
{
	if (!*f->d->stop)
		return;
	if (f->stop_by == 0)
		f->stop_by = clock_ms() + DELIVER_STOP_MS;
	else if (clock_ms() >= f->stop_by)
		f->d->channel->kind->abandon(f->d->channel);
}

static enum db_outcome flow_run(struct flow *f)
{
	enum db_outcome outcome = DB_OK;

	while (outcome == DB_OK) {
		if (may_claim(f) && f->busy < f->d->channel->most)
			outcome = fill(f);
		if (outcome != DB_OK || f->busy == 0) {
			if (!may_claim(f))
				break;
			continue;
		}
		keep_stop(f);
		outcome = take_result(f, LOOK_MS);
	}
	return outcome;
}

/* Nobody can record what becomes of these: their leases will end. */
static void drop_all(struct flow *f)
{
	struct channel *channel = f->d->channel;
	struct send_result result;

	channel->kind->abandon(channel);
	while (channel->kind->finish(channel, 0, &result))
		f->busy--;
}

/* Until nothing is due, or so many claims have been made. */
static enum db_outcome deliver_claims(const struct deliver *d, int64_t claims,
				      struct deliver_counts *counts)
{
	struct flow flow = {.d = d, .counts = counts, .claims = claims};
	struct flow *f = &flow;
	enum db_outcome outcome;

	for (int i = 0; i < d->channel->most; i++)
		arena_init(&f->slots[i].arena, MESSAGE_BYTES);
	outcome = flow_run(f);
	if (outcome != DB_OK)
		drop_all(f);
	counts->channel_down = f->down;
	for (int i = 0; i < d->channel->most; i++)
		arena_release(&f->slots[i].arena);
	return outcome;
}

enum db_outcome deliver_run(const struct deliver *deliver,
			    struct deliver_counts *counts)
{
	return deliver_claims(deliver, INT64_MAX, counts);
}

enum db_outcome deliver_urgent(const struct deliver *deliver,
			       struct deliver_counts *counts)
{
	return deliver_claims(deliver, 1, counts);
}
