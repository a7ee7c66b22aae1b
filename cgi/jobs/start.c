/*
 * Makes messages ready and begins them.  Must not log anything a person wrote,
 * or an address, or a token.
 */
#include "jobs/start.h"

#include "query/commit.h"
#include "query/delivery.h"
#include "send/bounce.h"

/* Memory for what is claimed at once. */
#define CLAIM_BYTES ((size_t)2 << 20)

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

/* What is lost with this in a crash of the server is done once more. */
static void commit_early(const struct deliver *d)
{
	(void)query_commit_early(d->db, d->arena);
}

/* --- written --- */

static struct str write_message(const struct flow *f, const struct lane *lane,
				struct slot *slot, const struct rows *rows,
				ptrdiff_t at, const char **why)
{
	const struct render *render = &f->d->render;
	const struct job *job = &slot->job;

	return flow_is_push(f, lane)
		       ? render_push(render, &slot->arena, rows, at, job->kind,
				     job->notification_id, job->user_id, why)
		       : render_mail(render, &slot->arena, rows, at, job->kind,
				     job->notification_id, why);
}

static void close_unsent(struct flow *f, struct lane *lane, struct slot *slot,
			 const struct rows *rows, ptrdiff_t at)
{
	struct str what = query_prepare_notification_outcome(rows, at);

	flow_close(
		f, lane, &slot->job,
		(struct ending){
			.state = str_equal(what, STR("skip"))	? STR("skipped")
				 : str_equal(what, STR("hold")) ? STR("held")
				 : str_equal(what, STR("email")) ? what
								 : STR("lost"),
			.cause = query_prepare_notification_cause(rows, at),
		});
	slot->busy = false;
}

static void end_faulty(struct lane *lane, struct slot *slot,
		       enum send_outcome outcome, const char *why)
{
	flow_end(lane, slot,
		 &(struct send_result){.outcome = outcome, .why = why});
}

static void add_to(struct batch *batch, struct slot *slot, bool to_keep)
{
	batch->slots[batch->count] = slot;
	batch->to_keep[batch->count] = to_keep;
	batch->count++;
}

/* Its bytes, new or as they were first sent, and where they go. */
static void write_prepared(struct flow *f, struct lane *lane, struct slot *slot,
			   const struct rows *rows, ptrdiff_t at,
			   struct batch *batch)
{
	struct arena *a = &slot->arena;
	const char *why = "";

	if (!str_equal(query_prepare_notification_outcome(rows, at),
		       STR("send"))) {
		close_unsent(f, lane, slot, rows, at);
		return;
	}
	slot->to = str_copy(a, query_prepare_notification_email(rows, at));
	slot->tokens = str_copy(a, query_prepare_notification_tokens(rows, at));
	slot->bytes = query_prepare_notification_message(a, rows, at);
	if (flow_is_push(f, lane) && str_is_absent(slot->tokens)) {
		end_faulty(lane, slot, SEND_BAD_ADDRESS, "device removed");
		return;
	}
	if (slot->bytes.n > 0) {
		add_to(batch, slot, false);
		return;
	}
	slot->bytes = write_message(f, lane, slot, rows, at, &why);
	if (str_is_absent(slot->bytes))
		end_faulty(lane, slot, SEND_OURS, why);
	else
		add_to(batch, slot, true);
}

/* --- looked at again --- */

static struct rows *queue_prepare(struct flow *f, struct lane *lane,
				  const struct job *jobs, ptrdiff_t count)
{
	const struct deliver *d = f->d;
	struct flow_list ids = flow_list_of(d->arena, count);
	struct flow_list leases = flow_list_of(d->arena, count);

	commit_early(d);
	for (ptrdiff_t i = 0; i < count; i++) {
		flow_list_add(&ids, jobs[i].id);
		flow_list_add(&leases, jobs[i].lease);
	}
	return query_prepare_notification(
		d->db, d->arena, flow_list_end(&ids), flow_list_end(&leases),
		str_of(flow_name(lane)), f->count > 1);
}

static const struct job *find_job(const struct job *jobs, ptrdiff_t count,
				  int64_t id)
{
	for (ptrdiff_t i = 0; i < count; i++)
		if (jobs[i].id == id)
			return &jobs[i];
	return NULL;
}

/* *alone: nothing was done, because of one of them and not of the server. */
static enum db_outcome prepare(struct flow *f, struct lane *lane,
			       const struct job *jobs, ptrdiff_t count,
			       struct batch *batch, bool *alone)
{
	struct rows *rows = queue_prepare(f, lane, jobs, count);
	enum db_outcome outcome = db_run(f->d->db);

	*alone = outcome != DB_OK && flow_is_about_a_row(f, outcome);
	for (ptrdiff_t i = 0; i < rows_count(rows); i++) {
		const struct job *job = find_job(
			jobs, count, query_prepare_notification_id(rows, i));

		if (job)
			write_prepared(f, lane, take_slot(lane, job), rows, i,
				       batch);
	}
	db_reset(f->d->db);
	arena_reset(f->d->arena);
	return outcome;
}

static enum db_outcome prepare_all(struct flow *f, struct lane *lane,
				   const struct job *jobs, ptrdiff_t count,
				   struct batch *batch)
{
	bool alone;
	enum db_outcome outcome = prepare(f, lane, jobs, count, batch, &alone);

	if (!alone)
		return outcome;
	/* One row's trouble is not everybody's. */
	outcome = DB_OK;
	for (ptrdiff_t i = 0; i < count && outcome == DB_OK; i++) {
		outcome = prepare(f, lane, &jobs[i], 1, batch, &alone);
		if (!alone)
			continue;
		outcome = DB_OK;
		end_faulty(lane, take_slot(lane, &jobs[i]), SEND_RETRY,
			   "could not be prepared");
	}
	return outcome;
}

/* --- claimed --- */

static enum db_outcome claim(struct flow *f, struct lane *lane, struct arena *a,
			     struct job *jobs, ptrdiff_t *count)
{
	const struct deliver *d = f->d;
	int room = lane->channel->most - lane->busy;
	struct rows *rows;
	enum db_outcome outcome;

	commit_early(d);
	rows = query_claim_notifications(d->db, a, room,
					 str_of(flow_name(lane)), f->count > 1);
	outcome = db_run(d->db);
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
	arena_reset(d->arena);
	f->counts->claimed += *count;
	lane->drained = *count == 0;
	return outcome;
}

/* What was claimed and not begun need not wait for its lease to end. */
static enum db_outcome release(const struct deliver *d, const struct job *jobs,
			       ptrdiff_t count)
{
	enum db_outcome outcome = DB_OK;

	for (ptrdiff_t i = 0; i < count; i++)
		(void)query_release_notification(d->db, d->arena, jobs[i].id,
						 jobs[i].lease);
	if (count > 0)
		outcome = db_run(d->db);
	db_reset(d->db);
	arena_reset(d->arena);
	return outcome;
}

enum db_outcome start_claim(struct flow *f, struct lane *lane,
			    struct batch *batch)
{
	struct job jobs[CHANNEL_MOST_EVER];
	struct arena a;
	ptrdiff_t count;
	enum db_outcome outcome;

	*batch = (struct batch){.count = 0};
	arena_init(&a, CLAIM_BYTES);
	lane->claims--;
	outcome = claim(f, lane, &a, jobs, &count);
	if (outcome == DB_OK && count > 0)
		outcome = *f->d->stop || lane->down
				  ? release(f->d, jobs, count)
				  : prepare_all(f, lane, jobs, count, batch);
	arena_release(&a);
	return outcome;
}

/* --- kept --- */

static void queue_keep(struct flow *f, struct batch *batch, ptrdiff_t from,
		       ptrdiff_t to)
{
	const struct deliver *d = f->d;
	struct flow_list ids = flow_list_of(d->arena, to - from);
	struct flow_list leases = flow_list_of(d->arena, to - from);
	struct flow_list lengths = flow_list_of(d->arena, to - from);
	ptrdiff_t size = 0;
	struct buf messages;

	for (ptrdiff_t i = from; i < to; i++)
		size += batch->slots[i]->bytes.n;
	messages = buf_init(d->arena, size + 1);
	for (ptrdiff_t i = from; i < to; i++) {
		const struct slot *slot = batch->slots[i];

		if (!batch->to_keep[i])
			continue;
		flow_list_add(&ids, slot->job.id);
		flow_list_add(&leases, slot->job.lease);
		flow_list_add(&lengths, slot->bytes.n);
		buf_add(&messages, slot->bytes);
	}
	batch->kept = messages.n == 0
			      ? NULL
			      : query_keep_messages(d->db, d->arena,
						    flow_list_end(&ids),
						    flow_list_end(&leases),
						    flow_list_end(&lengths),
						    buf_str(&messages));
}

void start_queue(struct flow *f, struct batch *batch)
{
	queue_keep(f, batch, 0, batch->count);
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

static bool is_kept(const struct batch *batch, ptrdiff_t i)
{
	if (!batch->to_keep[i])
		return true;
	for (ptrdiff_t row = 0; row < rows_count(batch->kept); row++)
		if (query_keep_messages_id(batch->kept, row) ==
		    batch->slots[i]->job.id)
			return true;
	return false;
}

static void begin_kept(struct flow *f, struct lane *lane,
		       const struct batch *batch, ptrdiff_t i)
{
	struct slot *slot = batch->slots[i];

	if (is_kept(batch, i)) {
		begin(f, lane, slot);
		return;
	}
	flow_close(f, lane, &slot->job, (struct ending){.state = STR("lost")});
	slot->busy = false;
}

void start_read(struct flow *f, struct lane *lane, const struct batch *batch)
{
	for (ptrdiff_t i = 0; i < batch->count; i++)
		begin_kept(f, lane, batch, i);
}

/* One that cannot be is tried again later, and is not sent now. */
static enum db_outcome keep_one(struct flow *f, struct lane *lane,
				struct batch *batch, ptrdiff_t i)
{
	struct slot *slot = batch->slots[i];
	enum db_outcome outcome;
	bool alone;

	queue_keep(f, batch, i, i + 1);
	outcome = db_run(f->d->db);
	alone = outcome != DB_OK && flow_is_about_a_row(f, outcome);
	if (outcome == DB_OK)
		begin_kept(f, lane, batch, i);
	else if (alone)
		end_faulty(lane, slot, SEND_RETRY, "could not be kept");
	else
		slot->busy = false;
	db_reset(f->d->db);
	arena_reset(f->d->arena);
	return alone ? DB_OK : outcome;
}

enum db_outcome start_each(struct flow *f, struct lane *lane,
			   struct batch *batch)
{
	enum db_outcome outcome = DB_OK;
	ptrdiff_t i = 0;

	while (i < batch->count && outcome == DB_OK)
		outcome = keep_one(f, lane, batch, i++);
	while (i < batch->count)
		batch->slots[i++]->busy = false;
	return outcome;
}

enum db_outcome start_release(struct flow *f, const struct batch *batch)
{
	struct job jobs[CHANNEL_MOST_EVER];

	for (ptrdiff_t i = 0; i < batch->count; i++)
		jobs[i] = batch->slots[i]->job;
	start_drop(batch);
	return release(f->d, jobs, batch->count);
}

void start_drop(const struct batch *batch)
{
	for (ptrdiff_t i = 0; i < batch->count; i++)
		batch->slots[i]->busy = false;
}
