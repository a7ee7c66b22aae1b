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

static void forget(const struct deliver *d, const struct job *job,
		   struct str gone)
{
	if (!str_is_absent(gone))
		(void)query_forget_devices(d->db, d->arena, job->id, job->lease,
					   gone);
}

static enum db_outcome record_failure(struct flow *f, struct lane *lane,
				      const struct job *job,
				      const struct send_result *result,
				      struct str gone)
{
	const struct deliver *d = f->d;
	const int64_t code = result->reply_code;
	const int64_t wait = result->wait_s;
	struct rows *rows, *pause = NULL;
	enum db_outcome outcome;
	struct str state;

	forget(d, job, gone);
	rows = query_record_failed(
		d->db, d->arena, job->id, job->lease,
		str_of(send_outcome_name(result->outcome)), code ? &code : NULL,
		result->status[0] ? str_of(result->status) : STR_ABSENT,
		str_of(result->why), wait ? &wait : NULL);
	if (result->channel_fault)
		pause = query_channel_failed(d->db, d->arena,
					     str_of(flow_name(lane)), whom(job),
					     str_of(result->why));
	outcome = db_run(d->db);
	state = query_record_failed_state(rows, 0);
	if (outcome == DB_OK) {
		f->counts->failed[result->outcome]++;
		/* What has other devices is due again at once. */
		if (!str_is_absent(gone))
			lane->drained = false;
		flow_close(f, lane, job,
			   (struct ending){
				   .state = str_is_absent(state) ? STR("lost")
								 : state,
				   .cause = str_of(result->why),
				   .reply_code = result->reply_code,
				   .took_ms = result->took_ms,
			   });
		if (pause)
			note_pause(f, lane, pause, result->why);
	}
	db_reset(d->db);
	arena_reset(d->arena);
	return outcome;
}

static enum db_outcome record_success(struct flow *f, struct lane *lane,
				      const struct job *job,
				      const struct send_result *result,
				      struct str gone)
{
	const struct deliver *d = f->d;
	const int64_t code = result->reply_code;
	struct rows *rows;
	enum db_outcome outcome;

	forget(d, job, gone);
	rows = query_record_sent(d->db, d->arena, job->id, job->lease, &code,
				 &result->took_ms);
	outcome = db_run(d->db);
	if (outcome == DB_OK)
		flow_close(f, lane, job,
			   (struct ending){
				   .state = query_record_sent_recorded(rows, 0)
						    ? STR("sent")
						    : STR("lost"),
				   .reply_code = result->reply_code,
				   .took_ms = result->took_ms,
			   });
	db_reset(d->db);
	arena_reset(d->arena);
	return outcome;
}

enum db_outcome flow_record_fault(struct flow *f, struct lane *lane,
				  const struct job *job,
				  enum send_outcome outcome, const char *why)
{
	const struct send_result result = {.outcome = outcome, .why = why};

	return record_failure(f, lane, job, &result, STR_ABSENT);
}

enum db_outcome flow_record(struct flow *f, struct lane *lane,
			    const struct slot *slot, struct send_result *result)
{
	struct str gone = STR_ABSENT;

	if (flow_is_push(f, lane))
		gone = push_gone(f->d->arena, slot->tokens, result);
	return result->outcome == SEND_ACCEPTED
		       ? record_success(f, lane, &slot->job, result, gone)
		       : record_failure(f, lane, &slot->job, result, gone);
}
