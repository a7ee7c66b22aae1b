/*
 * SMTP as a protocol of transfer.h: the envelope, what the server's replies
 * say, and what they mean for the message.  Must not know the queue, nor log:
 * what passes here holds addresses.
 */
#include "send/smtp.h"

#include "base/address.h"
#include "send/refusal.h"
#include "send/transfer.h"

#define REPLY_AFTER_DATA 354
#define LIMIT_MS (60 * 1000)

struct notes {
	enum smtp_step step;
	char status[12];
	bool leaving; /* QUIT was sent: replies are no longer about a message */
};

static void see_sent(void *with, struct str line)
{
	static const struct {
		struct str verb;
		enum smtp_step step;
	} verbs[] = {
		{STR_INIT("EHLO"), STEP_HELLO},
		{STR_INIT("HELO"), STEP_HELLO},
		{STR_INIT("STARTTLS"), STEP_HELLO},
		{STR_INIT("AUTH"), STEP_AUTH},
		{STR_INIT("MAIL"), STEP_MAIL},
		{STR_INIT("RCPT"), STEP_RCPT},
		{STR_INIT("DATA"), STEP_DATA},
	};
	struct notes *notes = with;

	notes->leaving = str_starts(line, STR("QUIT"));
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (str_starts(line, verbs[i].verb))
			notes->step = verbs[i].step;
}

/* Keeps the enhanced status of "550 5.1.1 ..." when its shape is right. */
static void read_status(struct notes *notes, struct str line)
{
	struct str status = str_from(line, 4);
	ptrdiff_t n = 0;
	int dots = 0;

	notes->status[0] = 0;
	while (n < status.n && ((status.p[n] >= '0' && status.p[n] <= '9') ||
				status.p[n] == '.'))
		dots += status.p[n++] == '.';
	if (dots != 2 || n < 5 || n >= (ptrdiff_t)sizeof(notes->status) ||
	    status.p[0] != line.p[0])
		return;
	memcpy(notes->status, status.p, (size_t)n);
	notes->status[n] = 0;
}

static void see_reply(void *with, struct str line)
{
	struct notes *notes = with;

	if (line.n > 4 && !notes->leaving)
		read_status(notes, line);
}

/* For the reply to QUIT, after a refusal, libcurl would wait two minutes. */
static bool is_over(const void *with)
{
	const struct notes *notes = with;

	return notes->leaving;
}

static void judge_refusal(const struct notes *notes, int reply,
			  struct send_result *result)
{
	result->outcome = refusal_judge(notes->step, reply, notes->status);
	result->channel_fault =
		notes->step < STEP_RCPT || result->outcome == SEND_OURS;
	result->why = refusal_phrase(notes->step);
}

static void judge(const void *with, const struct transfer_end *end,
		  struct send_result *result)
{
	const struct notes *notes = with;

	memcpy(result->status, notes->status, sizeof(result->status));
	result->reply_code = end->reply;
	result->outcome = SEND_ACCEPTED;
	result->why = "";
	if (end->whole)
		return;
	if (end->reply >= 400) {
		judge_refusal(notes, end->reply, result);
		return;
	}
	result->outcome = SEND_RETRY;
	result->channel_fault = !end->cut_off;
	result->why = end->why;
	if (end->sent_whole && end->reply == REPLY_AFTER_DATA)
		result->why = "no reply after the message";
	else
		result->reply_code = 0;
}

static void begin_message(struct channel *channel,
			  const struct send_message *message, void *ticket)
{
	char from[ADDRESS_MAX + 3];
	char to[ADDRESS_MAX + 3];

	if (!address_is_valid(message->to)) {
		transfer_refuse(channel, SEND_BAD_RECIPIENT, "bad address",
				ticket);
		return;
	}
	if (!address_is_valid(message->from)) {
		transfer_refuse(channel, SEND_OURS, "bad sender", ticket);
		return;
	}
	snprintf(from, sizeof(from), "<%.*s>", STR_ARG(message->from));
	snprintf(to, sizeof(to), "<%.*s>", STR_ARG(message->to));
	transfer_begin(channel,
		       &(struct transfer_order){
			       .from = from, .to = to, .bytes = message->bytes},
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
		.schemes = "smtp,smtps",
		.limit_ms = LIMIT_MS,
		.notes_size = sizeof(struct notes),
		.notes_fresh = sizeof(struct notes),
		.see_sent = see_sent,
		.see_reply = see_reply,
		.is_over = is_over,
		.judge = judge,
	};

	if (!str_starts(url, STR("smtp")))
		return NULL;
	return transfer_open(a, url, &protocol);
}
