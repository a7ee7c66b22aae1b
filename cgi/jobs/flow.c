/*
 * What became of each message, written down under its lease.  Must not log
 * anything a person wrote, or an address, or a token.
 */
#include "jobs/flow.h"

#include "base/log.h"
#include "query/delivery.h"
#include "send/push.h"

const char *flow_name(const struct lane *lane)
{
	return lane->channel->kind->name;
}

bool flow_is_push(const struct flow *f, const struct lane *lane)
{
	return lane == &f->lanes[PUSH];
}

void flow_close(struct flow *f, const struct lane *lane, const struct job *job,
		struct ending ending)
{
	ending.channel = flow_name(lane);
	/* What cannot be pushed is to be claimed as mail. */
	if (str_equal(ending.state, STR("email")))
		f->lanes[MAIL].drained = false;
	ending_note(f->counts, job, &ending);
}

/* What SQL made of a failure that was no fault of the message's. */
static void note_pause(struct flow *f, struct lane *lane,
		       const struct rows *rows, const char *why)
{
	if (lane->down || !query_channel_failed_paused(rows, 0))
		return;
	lane->down = true;
	/* What was to be pushed goes as mail from now on. */
	f->lanes[MAIL].drained = false;
	log_line(LOG_WARNING, "channel_paused",
		 LOG_STR("channel", str_of(flow_name(lane))),
		 LOG_STR("why", str_of(why)),
		 LOG_BOOL("admins_told", query_channel_failed_told(rows, 0)));
}

/* Those who are nobody yet are told apart by what is mailed to them. */
static int64_t whom(const struct job *job)
{
	return job->user_id > 0 ? job->user_id : -job->id;
}

/* SQLSTATE classes 22, 23, P0. */
bool flow_is_about_a_row(const struct flow *f, enum db_outcome outcome)
{
	struct str state = db_sqlstate(f->d->db);

	return outcome == DB_REFUSED ||
	       (outcome == DB_AWAY &&
		(str_starts(state, STR("22")) || str_starts(state, STR("23")) ||
		 str_starts(state, STR("P0"))));
}

void flow_end(struct lane *lane, struct slot *slot,
	      const struct send_result *result)
{
	lane->ends[lane->ended++] = (struct flow_end){slot, *result};
}

struct flow_list flow_list_of(struct arena *a, ptrdiff_t most)
{
	return (struct flow_list){buf_init(a, 24 * (most + 1))};
}

void flow_list_add(struct flow_list *list, int64_t v)
{
	buf_add_byte(&list->text, list->text.n > 0 ? ',' : '{');
	buf_add_int(&list->text, v);
}

struct str flow_list_end(struct flow_list *list)
{
	if (list->text.n == 0)
		buf_add_byte(&list->text, '{');
	buf_add_byte(&list->text, '}');
	return buf_str(&list->text);
}

/* --- what has ended, recorded --- */

static bool arrived(const struct flow_end *end)
{
	return end->result.outcome == SEND_ACCEPTED;
}

/* Before what became of the message is recorded: the row is gone then. */
static void queue_gone(const struct flow *f, const struct lane *lane,
		       struct flow_end *end, struct record *record)
{
	const struct deliver *d = f->d;
	const struct job *job = &end->slot->job;

	*record = (struct record){.gone = STR_ABSENT};
	if (flow_is_push(f, lane))
		record->gone =
			push_gone(d->arena, end->slot->tokens, &end->result);
	if (!str_is_absent(record->gone))
		(void)query_forget_devices(d->db, d->arena, job->id, job->lease,
					   record->gone);
}

/* So many that arrived, by one statement. */
static void queue_sent(const struct flow *f, const struct flow_end *ends,
		       struct record *records, ptrdiff_t count)
{
	const struct deliver *d = f->d;
	struct flow_list ids = flow_list_of(d->arena, count);
	struct flow_list leases = flow_list_of(d->arena, count);
	struct flow_list codes = flow_list_of(d->arena, count);
	struct flow_list took = flow_list_of(d->arena, count);
	struct rows *rows;

	for (ptrdiff_t i = 0; i < count; i++) {
		flow_list_add(&ids, ends[i].slot->job.id);
		flow_list_add(&leases, ends[i].slot->job.lease);
		flow_list_add(&codes, ends[i].result.reply_code);
		flow_list_add(&took, ends[i].result.took_ms);
	}
	rows = query_record_sent(d->db, d->arena, flow_list_end(&ids),
				 flow_list_end(&leases), flow_list_end(&codes),
				 flow_list_end(&took));
	for (ptrdiff_t i = 0; i < count; i++)
		records[i].rows = rows;
}

static void queue_failure(const struct flow *f, const struct lane *lane,
			  const struct flow_end *end, struct record *record)
{
	const struct deliver *d = f->d;
	const struct job *job = &end->slot->job;
	const struct send_result *result = &end->result;
	const int64_t code = result->reply_code;
	const int64_t wait = result->wait_s;

	record->rows = query_record_failed(
		d->db, d->arena, job->id, job->lease,
		str_of(send_outcome_name(result->outcome)), code ? &code : NULL,
		result->status[0] ? str_of(result->status) : STR_ABSENT,
		str_of(result->why), wait ? &wait : NULL);
	if (result->channel_fault)
		record->pause = query_channel_failed(
			d->db, d->arena, str_of(flow_name(lane)), whom(job),
			str_of(result->why));
}

/* In the order in which they ended: who fails in a row is counted. */
void flow_queue(struct flow *f, struct lane *lane, struct record *records)
{
	struct flow_end *ends = lane->ends;
	ptrdiff_t i;

	for (i = 0; i < lane->ended; i++)
		queue_gone(f, lane, &ends[i], &records[i]);
	i = 0;
	while (i < lane->ended) {
		ptrdiff_t first = i;

		while (i < lane->ended && arrived(&ends[i]))
			i++;
		if (i > first)
			queue_sent(f, &ends[first], &records[first], i - first);
		for (; i < lane->ended && !arrived(&ends[i]); i++)
			queue_failure(f, lane, &ends[i], &records[i]);
	}
}

static struct str state_of(const struct flow_end *end,
			   const struct record *record)
{
	struct str state;

	if (!arrived(end)) {
		state = query_record_failed_state(record->rows, 0);
		return str_is_absent(state) ? STR("lost") : state;
	}
	for (ptrdiff_t i = 0; i < rows_count(record->rows); i++)
		if (query_record_sent_id(record->rows, i) == end->slot->job.id)
			return STR("sent");
	return STR("lost");
}

static void close_recorded(struct flow *f, struct lane *lane,
			   const struct flow_end *end,
			   const struct record *record)
{
	const struct send_result *result = &end->result;

	if (!arrived(end))
		f->counts->failed[result->outcome]++;
	/* What has other devices is due again at once. */
	if (!arrived(end) && !str_is_absent(record->gone))
		lane->drained = false;
	flow_close(
		f, lane, &end->slot->job,
		(struct ending){
			.state = state_of(end, record),
			.cause = arrived(end) ? STR("") : str_of(result->why),
			.reply_code = result->reply_code,
			.took_ms = result->took_ms,
		});
	if (record->pause)
		note_pause(f, lane, record->pause, result->why);
}

void flow_read(struct flow *f, struct lane *lane, const struct record *records)
{
	for (int i = 0; i < lane->ended; i++) {
		close_recorded(f, lane, &lane->ends[i], &records[i]);
		lane->ends[i].slot->busy = false;
	}
	lane->ended = 0;
}

/* *alone: it was not recorded because of itself and not of the server. */
static enum db_outcome record_now(struct flow *f, struct lane *lane,
				  bool *alone)
{
	struct record record;
	enum db_outcome outcome;

	flow_queue(f, lane, &record);
	outcome = db_run(f->d->db);
	*alone = outcome != DB_OK && flow_is_about_a_row(f, outcome);
	if (outcome == DB_OK)
		flow_read(f, lane, &record);
	db_reset(f->d->db);
	arena_reset(f->d->arena);
	return outcome;
}

enum db_outcome flow_record_each(struct flow *f, struct lane *lane)
{
	enum db_outcome worst = DB_OK;
	struct flow_end ends[LANE_SLOTS];
	int count = lane->ended;
	bool alone = true;

	memcpy(ends, lane->ends, sizeof(ends));
	for (int i = 0; i < count && alone; i++) {
		enum db_outcome outcome;

		lane->ends[0] = ends[i];
		lane->ended = 1;
		outcome = record_now(f, lane, &alone);
		if (alone)
			f->bad = outcome;
		else
			worst = outcome;
		alone |= outcome == DB_OK;
	}
	for (int i = 0; i < count; i++)
		ends[i].slot->busy = false;
	lane->ended = 0;
	return worst;
}
