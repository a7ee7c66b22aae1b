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

/* --- a record: queued with others, run, and read --- */

struct record {
	struct rows *rows;
	struct rows *pause; /* NULL: the channel is not to blame */
	struct str gone;    /* devices that are there no more */
};

static void queue_success(const struct deliver *d, const struct job *job,
			  const struct send_result *result,
			  struct record *record)
{
	const int64_t code = result->reply_code;

	record->rows = query_record_sent(d->db, d->arena, job->id, job->lease,
					 &code, &result->took_ms);
}

static void queue_failure(const struct deliver *d, const struct lane *lane,
			  const struct job *job,
			  const struct send_result *result,
			  struct record *record)
{
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

static void queue_record(const struct flow *f, const struct lane *lane,
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
	if (end->result.outcome == SEND_ACCEPTED)
		queue_success(d, job, &end->result, record);
	else
		queue_failure(d, lane, job, &end->result, record);
}

static struct str state_of(const struct send_result *result,
			   const struct record *record)
{
	struct str state;

	if (result->outcome == SEND_ACCEPTED)
		return query_record_sent_recorded(record->rows, 0)
			       ? STR("sent")
			       : STR("lost");
	state = query_record_failed_state(record->rows, 0);
	return str_is_absent(state) ? STR("lost") : state;
}

static void close_recorded(struct flow *f, struct lane *lane,
			   const struct flow_end *end,
			   const struct record *record)
{
	const struct send_result *result = &end->result;
	const bool accepted = result->outcome == SEND_ACCEPTED;

	if (!accepted)
		f->counts->failed[result->outcome]++;
	/* What has other devices is due again at once. */
	if (!accepted && !str_is_absent(record->gone))
		lane->drained = false;
	flow_close(f, lane, &end->slot->job,
		   (struct ending){
			   .state = state_of(result, record),
			   .cause = accepted ? STR("") : str_of(result->why),
			   .reply_code = result->reply_code,
			   .took_ms = result->took_ms,
		   });
	if (record->pause)
		note_pause(f, lane, record->pause, result->why);
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

static enum db_outcome record_all(struct flow *f, struct lane *lane,
				  struct flow_end *ends, ptrdiff_t count,
				  bool *alone)
{
	struct record records[CHANNEL_MOST_EVER];
	enum db_outcome outcome;

	for (ptrdiff_t i = 0; i < count; i++)
		queue_record(f, lane, &ends[i], &records[i]);
	outcome = db_run(f->d->db);
	for (ptrdiff_t i = 0; i < count && outcome == DB_OK; i++)
		close_recorded(f, lane, &ends[i], &records[i]);
	*alone = outcome != DB_OK && flow_is_about_a_row(f, outcome);
	db_reset(f->d->db);
	arena_reset(f->d->arena);
	return outcome;
}

enum db_outcome flow_record(struct flow *f, struct lane *lane,
			    struct flow_end *ends, ptrdiff_t count)
{
	bool alone;
	enum db_outcome worst = record_all(f, lane, ends, count, &alone);

	if (!alone || count == 1)
		return worst;
	/* One of them cannot be: the others are not sent again for that. */
	worst = DB_OK;
	for (ptrdiff_t i = 0; i < count; i++) {
		enum db_outcome outcome =
			record_all(f, lane, &ends[i], 1, &alone);

		if (outcome != DB_OK)
			worst = outcome;
	}
	return worst;
}

enum db_outcome flow_record_fault(struct flow *f, struct lane *lane,
				  struct slot *slot, enum send_outcome outcome,
				  const char *why)
{
	struct flow_end end = {slot, {.outcome = outcome, .why = why}};

	return flow_record(f, lane, &end, 1);
}
