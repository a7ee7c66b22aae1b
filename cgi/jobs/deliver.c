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

/* --- from a claim to the way out, for as many as there is room for --- */

/* A message that was claimed, until it is begun. */
struct start {
	struct slot *slot;
	struct rows *row;  /* as it was prepared */
	struct rows *kept; /* whether its bytes were; NULL: not asked for */
	enum { TO_SEND, TO_KEEP, FAULTY, UNSENT } what;
	enum send_outcome outcome; /* of what is faulty */
	const char *why;
};

static struct slot *take_slot(struct lane *lane, const struct job *job)
{
	struct slot *slot = lane->slots;

	while (slot->busy)
		slot++;
	arena_reset(&slot->arena);
	slot->busy = true;
	slot->job = *job;
	slot->job.notification_id =
		str_copy(&slot->arena, job->notification_id);
	slot->job.kind = str_copy(&slot->arena, job->kind);
	return slot;
}

static struct str write_message(const struct flow *f, const struct lane *lane,
				const struct start *start, const char **why)
{
	const struct render *render = &f->d->render;
	struct slot *slot = start->slot;
	const struct job *job = &slot->job;

	return flow_is_push(f, lane)
		       ? render_push(render, &slot->arena, start->row,
				     job->kind, job->notification_id,
				     job->user_id, why)
		       : render_mail(render, &slot->arena, start->row,
				     job->kind, job->notification_id, why);
}

static void close_unsent(struct flow *f, struct lane *lane, struct start *start)
{
	struct str what = query_prepare_notification_outcome(start->row, 0);

	start->what = UNSENT;
	flow_close(
		f, lane, &start->slot->job,
		(struct ending){
			.state = str_equal(what, STR("skip"))	? STR("skipped")
				 : str_equal(what, STR("hold")) ? STR("held")
				 : str_equal(what, STR("email")) ? what
								 : STR("lost"),
			.cause =
				query_prepare_notification_cause(start->row, 0),
		});
}

/* Its bytes, new or as they were first sent, and where they go. */
static void write_prepared(struct flow *f, struct lane *lane,
			   struct start *start)
{
	struct slot *slot = start->slot;
	struct arena *a = &slot->arena;
	const struct rows *row = start->row;

	if (!str_equal(query_prepare_notification_outcome(row, 0),
		       STR("send"))) {
		close_unsent(f, lane, start);
		return;
	}
	slot->to = str_copy(a, query_prepare_notification_email(row, 0));
	slot->tokens = str_copy(a, query_prepare_notification_tokens(row, 0));
	slot->bytes = query_prepare_notification_message(a, row, 0);
	if (flow_is_push(f, lane) && str_is_absent(slot->tokens)) {
		start->what = FAULTY;
		start->outcome = SEND_BAD_ADDRESS;
		start->why = "device removed";
		return;
	}
	if (slot->bytes.n > 0)
		return;
	slot->bytes = write_message(f, lane, start, &start->why);
	start->what = str_is_absent(slot->bytes) ? FAULTY : TO_KEEP;
	start->outcome = SEND_OURS;
}

/* The bytes as first sent are what every copy is sent from. */
static enum db_outcome keep(struct flow *f, struct start *starts,
			    ptrdiff_t count)
{
	const struct deliver *d = f->d;

	for (ptrdiff_t i = 0; i < count; i++) {
		const struct slot *slot = starts[i].slot;

		if (starts[i].what == TO_KEEP)
			starts[i].kept = query_keep_message(
				d->db, d->arena, slot->job.id, slot->job.lease,
				slot->bytes);
	}
	return db_run(d->db);
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

static void begin(struct flow *f, struct lane *lane, struct slot *slot)
{
	const struct send_message message = {
		.from = envelope_sender(&f->d->render, slot),
		.to = slot->to,
		.bytes = slot->bytes,
	};

	lane->channel->kind->begin(lane->channel, &message, slot);
	lane->busy++;
}

/* Sends what is kept; of the others the slots are free again. */
static enum db_outcome begin_all(struct flow *f, struct lane *lane,
				 const struct start *starts, ptrdiff_t count)
{
	enum db_outcome outcome = DB_OK;

	for (ptrdiff_t i = 0; i < count; i++) {
		const struct start *start = &starts[i];
		struct slot *slot = start->slot;

		slot->busy = start->what == TO_SEND ||
			     (start->what == TO_KEEP &&
			      query_keep_message_kept(start->kept, 0));
		if (slot->busy)
			begin(f, lane, slot);
		else if (start->what == TO_KEEP)
			flow_close(f, lane, &slot->job,
				   (struct ending){.state = STR("lost")});
	}
	db_reset(f->d->db);
	arena_reset(f->d->arena);
	for (ptrdiff_t i = 0; i < count && outcome == DB_OK; i++)
		if (starts[i].what == FAULTY)
			outcome = flow_record_fault(f, lane, starts[i].slot,
						    starts[i].outcome,
						    starts[i].why);
	return outcome;
}

static enum db_outcome prepare(struct flow *f, struct lane *lane,
			       struct start *starts, ptrdiff_t count)
{
	const struct deliver *d = f->d;

	for (ptrdiff_t i = 0; i < count; i++) {
		const struct job *job = &starts[i].slot->job;

		starts[i].row = query_prepare_notification(
			d->db, d->arena, job->id, job->lease,
			str_of(flow_name(lane)), f->count > 1);
	}
	return db_run(d->db);
}

static void free_slots(struct start *starts, ptrdiff_t count)
{
	for (ptrdiff_t i = 0; i < count; i++)
		starts[i].slot->busy = false;
}

static enum db_outcome start_prepared(struct flow *f, struct lane *lane,
				      struct start *starts, ptrdiff_t count)
{
	enum db_outcome outcome;

	for (ptrdiff_t i = 0; i < count; i++)
		write_prepared(f, lane, &starts[i]);
	db_reset(f->d->db);
	outcome = keep(f, starts, count);
	if (outcome == DB_OK)
		return begin_all(f, lane, starts, count);
	free_slots(starts, count);
	return outcome;
}

/* *alone: nothing was done, because of one of them and not of the server. */
static enum db_outcome start_together(struct flow *f, struct lane *lane,
				      const struct job *jobs, ptrdiff_t count,
				      bool *alone)
{
	struct start starts[CHANNEL_MOST_EVER];
	enum db_outcome outcome;

	for (ptrdiff_t i = 0; i < count; i++)
		starts[i] = (struct start){.slot = take_slot(lane, &jobs[i])};
	outcome = prepare(f, lane, starts, count);
	*alone = outcome != DB_OK && flow_is_about_a_row(f, outcome);
	if (outcome == DB_OK)
		return start_prepared(f, lane, starts, count);
	db_reset(f->d->db);
	arena_reset(f->d->arena);
	free_slots(starts, count);
	if (*alone && count == 1)
		return flow_record_fault(f, lane, starts[0].slot, SEND_RETRY,
					 "could not be prepared");
	return outcome;
}

static enum db_outcome start_jobs(struct flow *f, struct lane *lane,
				  const struct job *jobs, ptrdiff_t count)
{
	bool alone;
	enum db_outcome outcome = start_together(f, lane, jobs, count, &alone);

	if (!alone || count == 1)
		return outcome;
	/* One row's trouble is not everybody's. */
	outcome = DB_OK;
	for (ptrdiff_t i = 0; i < count && outcome == DB_OK; i++)
		outcome = start_together(f, lane, &jobs[i], 1, &alone);
	return outcome;
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
	ptrdiff_t count;
	enum db_outcome outcome;

	arena_init(&a, MESSAGE_BYTES);
	lane->claims--;
	outcome = claim(f, lane, &a, jobs, &count);
	if (outcome == DB_OK && count > 0)
		outcome = is_open(f, lane) ? start_jobs(f, lane, jobs, count)
					   : release(f->d, &a, jobs, count);
	arena_release(&a);
	return outcome;
}

/* Waits for one, and takes all that are over by then. */
static enum db_outcome take_ended(struct flow *f, struct lane *lane,
				  int wait_ms)
{
	const struct channel_kind *kind = lane->channel->kind;
	struct flow_end ends[CHANNEL_MOST_EVER];
	ptrdiff_t count = 0;

	while (lane->busy > 0) {
		struct flow_end *end = &ends[count];

		end->slot = kind->finish(lane->channel, count ? 0 : wait_ms,
					 &end->result);
		if (!end->slot)
			break;
		end->slot->busy = false;
		lane->busy--;
		count++;
	}
	return count == 0 ? DB_OK : flow_record(f, lane, ends, count);
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
			outcome = take_ended(f, &f->lanes[i], wait_ms);
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
