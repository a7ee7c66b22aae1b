/*
 * What an SMTP refusal means for its message.  Must not decide how often or
 * when it is tried again.
 */
#include "send/refusal.h"

/* RFC 3463: a final dot stands for every status that begins so. */
struct by_status {
	const char *status;
	enum send_outcome outcome;
};

struct by_reply {
	int reply;
	enum send_outcome outcome;
};

/* The first that fits. */
static const struct by_status statuses[] = {
	{"5.1.1", SEND_BAD_ADDRESS},  /* no such mailbox */
	{"5.1.2", SEND_BAD_ADDRESS},  /* no such system */
	{"5.1.3", SEND_BAD_ADDRESS},  /* not an address */
	{"5.1.6", SEND_BAD_ADDRESS},  /* moved away */
	{"5.1.10", SEND_BAD_ADDRESS}, /* takes no mail at all (RFC 7505) */
	{"5.2.1", SEND_BAD_ADDRESS},  /* disabled */
	/* Of the address and the way there nothing else is certain. */
	{"5.1.", SEND_RETRY},
	{"5.2.", SEND_RETRY}, /* 5.2.2: a full mailbox has room again */
	{"5.4.", SEND_RETRY},
	/* The system, the talk, the content, the policy. */
	{"5.", SEND_OURS},
};

/* Where no status came with it. */
static const struct by_reply replies[] = {
	{550, SEND_BAD_RECIPIENT},
	{551, SEND_BAD_RECIPIENT},
	{552, SEND_RETRY}, /* full */
	{553, SEND_BAD_RECIPIENT},
};

static bool fits(struct str status, struct str entry)
{
	return str_ends(entry, STR(".")) ? str_starts(status, entry)
					 : str_equal(status, entry);
}

enum send_outcome refusal_judge(enum smtp_step step, int reply,
				const char *status)
{
	if (reply < 500)
		return SEND_RETRY;
	/* Who refuses before the recipient is named does not mean them. */
	if (step < STEP_RCPT)
		return SEND_OURS;
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (fits(str_of(status), str_of(statuses[i].status)))
			return statuses[i].outcome;
	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++)
		if (replies[i].reply == reply)
			return replies[i].outcome;
	return SEND_OURS;
}

const char *refusal_phrase(enum smtp_step step)
{
	switch (step) {
	case STEP_CONNECT:
	case STEP_HELLO:
		return "refused at greeting";
	case STEP_AUTH:
		return "refused at login";
	case STEP_MAIL:
		return "sender refused";
	case STEP_RCPT:
		return "recipient refused";
	case STEP_DATA:
		return "message refused";
	}
	return "refused";
}
