/*
 * Replies of any bytes, to several messages on one connection: a message is
 * accepted only by a good reply to each part of it, no more is said than has
 * been asked for, and what was refused is never ended by a dot.  The first byte
 * says whether PIPELINING was offered, and how much goes in and out at once.
 */
#include "send/talk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char message[] = "Subject: x\r\n\r\n.\r\n..\r\nx\r\n";
static const char stuffed[] = "Subject: x\r\n\r\n..\r\n...\r\nx\r\n.\r\n";

static char said[1024];
static ptrdiff_t said_n;

static void let_speak(struct talk *talk, ptrdiff_t most)
{
	struct str words;

	while ((words = talk_speak(talk)).n > 0) {
		words = str_first(words, most);
		if (said_n + words.n > (ptrdiff_t)sizeof(said))
			abort();
		memcpy(said + said_n, words.p, (size_t)words.n);
		said_n += words.n;
		talk_spoke(talk, words.n);
	}
}

static void check(const struct talk *talk)
{
	const struct str all = str_at(said, said_n);
	const bool whole = str_ends(all, STR("\r\n.\r\n"));

	if (whole != talk->said_all ||
	    (whole && !str_ends(all, str_of(stuffed))))
		abort();
	if (talk->accepted && (!whole || talk->reply / 100 != 2))
		abort();
	if (talk_state(talk) == TALK_OVER && !talk->accepted &&
	    talk->reply < 400)
		abort();
	if (talk->said_all && talk->reply >= 400 && talk->step != STEP_DATA)
		abort();
	if (talk->accepted && talk_was_late(talk))
		abort();
	if (strlen(talk->status) >= sizeof(talk->status))
		abort();
}

/* Until it is over; what is left of the replies. */
static struct str carry(struct talk *talk, struct str replies, ptrdiff_t most)
{
	said_n = 0;
	talk_order(talk, STR("a@example.org"), STR("b@example.org"),
		   str_at(message, sizeof(message) - 1));
	talk_begin(talk);
	let_speak(talk, most);
	while (replies.n > 0 && talk_state(talk) == TALK_GOES_ON) {
		talk_hear(talk, str_first(replies, most));
		replies = str_from(replies, most);
		if (talk_state(talk) == TALK_GOES_ON)
			let_speak(talk, most);
		check(talk);
	}
	return replies;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct talk talk;
	struct str replies = str_at((const char *)data, (ptrdiff_t)size);
	ptrdiff_t most;

	if (size == 0)
		return 0;
	most = 1 + (data[0] >> 1);
	talk_dial(&talk);
	talk_see_sent(&talk, STR("EHLO x\r\n"));
	if (data[0] & 1)
		talk_see_reply(&talk, STR("250 PIPELINING\r\n"));
	talk_see_reply(&talk, replies);
	replies = str_from(replies, 1);
	do
		replies = carry(&talk, replies, most);
	while (replies.n > 0 && talk_state(&talk) == TALK_OVER);
	return 0;
}
