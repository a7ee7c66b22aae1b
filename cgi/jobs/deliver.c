/*
 * Takes due messages out of the queue and sends them.  Must not log anything
 * a person wrote, or an address, or a token.
 */
#include "jobs/deliver.h"

#include "base/clock.h"
#include "jobs/flow.h"
#include "jobs/start.h"

/* Memory for one message, from its recheck to its record. */
#define MESSAGE_BYTES ((size_t)2 << 20)
/* How long a look at what is under way may take before *stop is seen. */
#define LOOK_MS 200
/* The same of one channel, while there is something under way by the other. */
#define GLANCE_MS 2
/* How long one that is over waits for others, to be recorded with them. */
#define GATHER_MS 5

/* What has ended may have paused the channel. */
static bool may_begin(const struct flow *f, const struct lane *lane)
{
	return !*f->d->stop && !lane->down;
}

static bool may_claim(const struct flow *f, const struct lane *lane)
{
	return may_begin(f, lane) && !lane->drained && lane->claims > 0;
}

/*
 * What is over is recorded, and what is to go is kept, with one wait for the
 * disk: a connection is used again only when what became of the message before
 * is there.
 */
static enum db_outcome settle(struct flow *f, struct lane *lane,
			      struct batch *batch)
{
	struct record records[LANE_SLOTS];
	enum db_outcome outcome;
	bool alone, begun = false;

	flow_queue(f, lane, records);
	start_queue(f, batch);
	outcome = db_run(f->d->db);
	alone = outcome != DB_OK && flow_is_about_a_row(f, outcome);
	if (outcome == DB_OK) {
		flow_read(f, lane, records);
		begun = may_begin(f, lane);
		if (begun)
			start_read(f, lane, batch);
	}
	db_reset(f->d->db);
	arena_reset(f->d->arena);
	/* One row's trouble is not everybody's. */
	if (alone)
		outcome = flow_record_each(f, lane);
	if (outcome != DB_OK)
		start_drop(batch);
	else if (alone && may_begin(f, lane))
		outcome = start_each(f, lane, batch);
	else if (!begun)
		outcome = start_release(f, batch);
	return outcome;
}

/* Half of the connections are free, or what is over has waited. */
static bool is_turn(const struct flow *f, const struct lane *lane)
{
	return lane->ended > 0 ||
	       (may_claim(f, lane) && 2 * lane->busy <= lane->channel->most);
}

/* One more may pause the channel: that is known before others are made ready.
 */
static bool has_fault(const struct lane *lane)
{
	for (int i = 0; i < lane->ended; i++)
		if (lane->ends[i].result.channel_fault)
			return true;
	return false;
}

static enum db_outcome turn(struct flow *f, struct lane *lane)
{
	struct batch batch = {.count = 0};
	enum db_outcome outcome = DB_OK;

	if (has_fault(lane))
		outcome = settle(f, lane, &batch);
	if (outcome == DB_OK && may_claim(f, lane))
		outcome = start_claim(f, lane, &batch);
	if (outcome == DB_OK)
		return settle(f, lane, &batch);
	start_drop(&batch);
	return outcome;
}

/* Waits for one, and gathers those that are over soon after it. */
static void gather(struct lane *lane, int wait_ms)
{
	const struct channel_kind *kind = lane->channel->kind;

	while (lane->busy > 0) {
		struct send_result result;
		struct slot *slot =
			kind->finish(lane->channel, wait_ms, &result);

		if (!slot)
			break;
		flow_end(lane, slot, &result);
		lane->busy--;
		if (wait_ms > GATHER_MS)
			wait_ms = GATHER_MS;
	}
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

static enum db_outcome take_turns(struct flow *f)
{
	enum db_outcome outcome = DB_OK;

	for (int i = 0; i < f->count && outcome == DB_OK; i++)
		if (is_turn(f, &f->lanes[i]))
			outcome = turn(f, &f->lanes[i]);
	return outcome;
}

static void gather_all(struct flow *f)
{
	int wait_ms = count_busy(f) > 1 ? GLANCE_MS : LOOK_MS;

	for (int i = 0; i < f->count; i++)
		gather(&f->lanes[i], wait_ms);
}

/* What could not be kept or prepared is to be recorded still. */
static bool is_over(const struct flow *f)
{
	bool over = count_busy(f) == 0;

	for (int i = 0; i < f->count; i++)
		over &= !is_turn(f, &f->lanes[i]);
	return over;
}

static enum db_outcome flow_run(struct flow *f)
{
	enum db_outcome outcome = DB_OK;

	while (outcome == DB_OK && !is_over(f)) {
		outcome = take_turns(f);
		if (outcome != DB_OK)
			break;
		keep_stop(f);
		gather_all(f);
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
	for (int i = 0; i < LANE_SLOTS; i++)
		arena_init(&lane->slots[i].arena, MESSAGE_BYTES);
}

static void close_lane(struct lane *lane, bool failed)
{
	if (failed)
		drop_all(lane);
	for (int i = 0; i < LANE_SLOTS; i++)
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
	if (outcome == DB_OK)
		outcome = flow.bad;
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
