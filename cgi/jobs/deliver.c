/*
 * Takes due messages out of the queue and sends them.  Must not log anything
 * a person wrote, or an address, or a token.
 */
#include "jobs/deliver.h"

#include "base/clock.h"
#include "jobs/flow.h"
#include "query/delivery.h"
#include "send/bounce.h"

/* Memory for one message, from its recheck to its record. */
#define MESSAGE_BYTES ((size_t)2 << 20)
/* How long a look at what is under way may take before *stop is seen. */
#define LOOK_MS 200
/* The same of one channel, while there is something under way by the other. */
#define GLANCE_MS 2

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

static struct slot *find_slot(struct lane *lane)
{
	struct slot *slot = lane->slots;

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

static void begin(struct flow *f, struct lane *lane, struct slot *slot,
		  struct str to, struct str bytes)
{
	const struct send_message message = {
		.from = envelope_sender(&f->d->render, slot),
		.to = to,
		.bytes = bytes,
	};

	lane->channel->kind->begin(lane->channel, &message, slot);
	slot->busy = true;
	lane->busy++;
}

static struct str write_message(const struct flow *f, const struct lane *lane,
				struct slot *slot, const struct rows *row,
				const char **why)
{
	const struct render *render = &f->d->render;
	const struct job *job = &slot->job;

	return flow_is_push(f, lane)
		       ? render_push(render, &slot->arena, row, job->kind,
				     job->notification_id, job->user_id, why)
		       : render_mail(render, &slot->arena, row, job->kind,
				     job->notification_id, why);
}

static enum db_outcome send_prepared(struct flow *f, struct lane *lane,
				     struct slot *slot, const struct rows *row)
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

	slot->tokens = str_copy(a, query_prepare_notification_tokens(row, 0));
	if (flow_is_push(f, lane) && str_is_absent(slot->tokens)) {
		db_reset(d->db);
		return flow_record_fault(f, lane, job, SEND_BAD_ADDRESS,
					 "device removed");
	}
	if (is_new)
		bytes = write_message(f, lane, slot, row, &why);
	db_reset(d->db);
	if (str_is_absent(bytes))
		return flow_record_fault(f, lane, job, SEND_OURS, why);
	if (is_new)
		outcome = keep(d, job, bytes, &kept);
	if (outcome != DB_OK)
		return outcome;
	if (kept)
		begin(f, lane, slot, to, bytes);
	else
		flow_close(f, lane, job, (struct ending){.state = STR("lost")});
	return DB_OK;
}

/* A statement that failed, not the server: SQLSTATE classes 22, 23, P0. */
static bool is_about_the_row(struct str sqlstate)
{
	return str_starts(sqlstate, STR("22")) ||
	       str_starts(sqlstate, STR("23")) ||
	       str_starts(sqlstate, STR("P0"));
}

static void close_unsent(struct flow *f, struct lane *lane,
			 const struct job *job, const struct rows *row)
{
	struct str what = query_prepare_notification_outcome(row, 0);

	flow_close(
		f, lane, job,
		(struct ending){
			.state = str_equal(what, STR("skip"))	? STR("skipped")
				 : str_equal(what, STR("hold")) ? STR("held")
				 : str_equal(what, STR("email")) ? what
								 : STR("lost"),
			.cause = query_prepare_notification_cause(row, 0),
		});
	db_reset(f->d->db);
}

static enum db_outcome start_job(struct flow *f, struct lane *lane,
				 const struct job *job)
{
	struct db *db = f->d->db;
	struct slot *slot = find_slot(lane);
	struct rows *row;
	enum db_outcome outcome;
	bool alone;

	arena_reset(&slot->arena);
	slot->job = *job;
	slot->job.notification_id =
		str_copy(&slot->arena, job->notification_id);
	slot->job.kind = str_copy(&slot->arena, job->kind);
	row = query_prepare_notification(db, &slot->arena, job->id, job->lease,
					 str_of(flow_name(lane)), f->count > 1);
	outcome = db_run(db);
	if (outcome == DB_OK) {
		if (str_equal(query_prepare_notification_outcome(row, 0),
			      STR("send")))
			return send_prepared(f, lane, slot, row);
		close_unsent(f, lane, job, row);
		return DB_OK;
	}
	/* One row's trouble is not everybody's. */
	alone = outcome == DB_REFUSED || is_about_the_row(db_sqlstate(db));
	db_reset(db);
	return alone ? flow_record_fault(f, lane, job, SEND_RETRY,
					 "could not be prepared")
		     : outcome;
}

static enum db_outcome claim(struct flow *f, struct lane *lane, struct arena *a,
			     struct job *jobs, ptrdiff_t *count)
{
	const struct deliver *d = f->d;
	int room = lane->channel->most - lane->busy;
	struct rows *rows = query_claim_notifications(
		d->db, a, room, str_of(flow_name(lane)), f->count > 1);
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
	lane->drained = *count == 0;
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

static bool is_open(const struct flow *f, const struct lane *lane)
{
	return !*f->d->stop && !lane->down;
}

static bool may_claim(const struct flow *f, const struct lane *lane)
{
	return is_open(f, lane) && !lane->drained && lane->claims > 0;
}

/* Claims as many as there is room for, and sets them out. */
static enum db_outcome fill(struct flow *f, struct lane *lane)
{
	struct job jobs[CHANNEL_MOST_EVER];
	struct arena a;
	ptrdiff_t count, i = 0;
	enum db_outcome outcome;

	arena_init(&a, MESSAGE_BYTES);
	lane->claims--;
	outcome = claim(f, lane, &a, jobs, &count);
	while (outcome == DB_OK && i < count && is_open(f, lane))
		outcome = start_job(f, lane, &jobs[i++]);
	if (outcome == DB_OK)
		outcome = release(f->d, &a, jobs + i, count - i);
	arena_release(&a);
	return outcome;
}

static enum db_outcome take_result(struct flow *f, struct lane *lane,
				   int wait_ms)
{
	struct channel *channel = lane->channel;
	struct send_result result;
	struct slot *slot = channel->kind->finish(channel, wait_ms, &result);

	if (!slot)
		return DB_OK;
	slot->busy = false;
	lane->busy--;
	return flow_record(f, lane, slot, &result);
}

static void keep_stop(struct flow *f)
{
	if (!*f->d->stop)
		return;
	if (f->stop_by == 0)
		f->stop_by = clock_ms() + DELIVER_STOP_MS;
	else if (clock_ms() >= f->stop_by)
		for (int i = 0; i < f->count; i++)
			f->lanes[i].channel->kind->abandon(f->lanes[i].channel);
}

static int count_busy(const struct flow *f)
{
	int lanes = 0;

	for (int i = 0; i < f->count; i++)
		lanes += f->lanes[i].busy > 0;
	return lanes;
}

static enum db_outcome fill_all(struct flow *f)
{
	enum db_outcome outcome = DB_OK;

	for (int i = 0; i < f->count && outcome == DB_OK; i++) {
		struct lane *lane = &f->lanes[i];

		if (may_claim(f, lane) && lane->busy < lane->channel->most)
			outcome = fill(f, lane);
	}
	return outcome;
}

static enum db_outcome take_results(struct flow *f)
{
	int wait_ms = count_busy(f) > 1 ? GLANCE_MS : LOOK_MS;
	enum db_outcome outcome = DB_OK;

	for (int i = 0; i < f->count && outcome == DB_OK; i++)
		if (f->lanes[i].busy > 0)
			outcome = take_result(f, &f->lanes[i], wait_ms);
	return outcome;
}

static bool may_claim_any(const struct flow *f)
{
	bool may = false;

	for (int i = 0; i < f->count; i++)
		may |= may_claim(f, &f->lanes[i]);
	return may;
}

static enum db_outcome flow_run(struct flow *f)
{
	enum db_outcome outcome = DB_OK;

	while (outcome == DB_OK) {
		outcome = fill_all(f);
		if (outcome != DB_OK || count_busy(f) == 0) {
			if (!may_claim_any(f))
				break;
			continue;
		}
		keep_stop(f);
		outcome = take_results(f);
	}
	return outcome;
}

/* Nobody can record what becomes of these: their leases will end. */
static void drop_all(struct lane *lane)
{
	struct channel *channel = lane->channel;
	struct send_result result;

	channel->kind->abandon(channel);
	while (channel->kind->finish(channel, 0, &result))
		lane->busy--;
}

static void open_lane(struct flow *f, struct channel *channel, int64_t claims)
{
	struct lane *lane = &f->lanes[f->count++];

	lane->channel = channel;
	lane->claims = claims;
	for (int i = 0; i < channel->most; i++)
		arena_init(&lane->slots[i].arena, MESSAGE_BYTES);
}

static void close_lane(struct lane *lane, bool failed)
{
	if (failed)
		drop_all(lane);
	for (int i = 0; i < lane->channel->most; i++)
		arena_release(&lane->slots[i].arena);
}

/* Until nothing is due, or so many claims have been made of each channel. */
static enum db_outcome deliver_claims(const struct deliver *d, int64_t claims,
				      struct deliver_counts *counts)
{
	struct flow flow = {.d = d, .counts = counts};
	enum db_outcome outcome;

	open_lane(&flow, d->mail, claims);
	if (d->push)
		open_lane(&flow, d->push, claims);
	outcome = flow_run(&flow);
	counts->mail_down |= flow.lanes[MAIL].down;
	counts->push_down |= flow.lanes[PUSH].down;
	for (int i = 0; i < flow.count; i++)
		close_lane(&flow.lanes[i], outcome != DB_OK);
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
