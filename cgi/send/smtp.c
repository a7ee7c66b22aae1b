/*
 * SMTP as a protocol of transfer.h: which messages are fit to be sent, and
 * what became of them.  Must not know the queue, nor log: what passes here
 * holds addresses.
 */
#include "send/smtp.h"

#include "base/address.h"
#include "send/talk.h"
#include "send/transfer.h"

#define REPLY_AFTER_DATA 354
#define LIMIT_MS (60 * 1000)

static void judge_refusal(const struct talk *talk, struct send_result *result)
{
	result->outcome = refusal_judge(talk->step, talk->reply, talk->status);
	result->channel_fault =
		talk->step < STEP_RCPT || result->outcome == SEND_OURS;
	result->why = refusal_phrase(talk->step);
}

static void judge(const void *with, const struct transfer_end *end,
		  struct send_result *result)
{
	const struct talk *talk = with;

	memcpy(result->status, talk->status, sizeof(result->status));
	result->reply_code = talk->reply;
	if (talk->accepted) {
		result->outcome = SEND_ACCEPTED;
		result->why = "";
		return;
	}
	if (talk->reply >= 400) {
		judge_refusal(talk, result);
		return;
	}
	result->outcome = SEND_RETRY;
	result->channel_fault = !end->cut_off;
	result->why = talk->said_all ? "no reply after the message" : end->why;
	result->reply_code = talk->said_all ? REPLY_AFTER_DATA : 0;
}

static void begin_message(struct channel *channel,
			  const struct send_message *message, void *ticket)
{
	if (!address_is_valid(message->to))
		transfer_refuse(channel, SEND_BAD_RECIPIENT, "bad address",
				ticket);
	else if (!address_is_valid(message->from))
		transfer_refuse(channel, SEND_OURS, "bad sender", ticket);
	else if (!talk_is_sound(message->bytes))
		transfer_refuse(channel, SEND_OURS, "not a mail", ticket);
	else
		transfer_begin(channel,
			       &(struct transfer_order){
				       .from = message->from,
				       .to = message->to,
				       .bytes = message->bytes,
			       },
			       ticket);
}

struct channel *smtp_open(struct arena *a, struct str url)
{
	static const struct channel_kind kind = {
		.name = "email",
		.begin = begin_message,
		.finish = transfer_finish,
		.abandon = transfer_abandon,
		.close = transfer_close,
	};
	static const struct transfer_protocol protocol = {
		.kind = &kind,
		.way = &transfer_talks,
		.schemes = "smtp,smtps",
		.limit_ms = LIMIT_MS,
		.notes_size = sizeof(struct talk),
		.judge = judge,
	};

	if (!str_starts(url, STR("smtp")))
		return NULL;
	return transfer_open(a, url, &protocol);
}
