/*
 * A mail by SMTP: libcurl connects, greets, encrypts and logs in, and from then
 * on we move the bytes of the talk.  (Its own way of sending waits for the
 * reply to the final dot inside one call, up to 7.88 at least: one message at
 * a time.)  Must not know what is said, nor log.
 */
#include "send/transfer_code.h"

#include "send/talk.h"

#define HEAR_ROOM 1024

/* --- greeting, by libcurl --- */

static size_t see_reply(char *line, size_t size, size_t count, void *with)
{
	struct transfer *t = with;

	talk_see_reply(t->notes, str_at(line, (ptrdiff_t)(size * count)));
	return size * count;
}

static int see_sent(CURL *easy, curl_infotype type, char *data, size_t size,
		    void *with)
{
	struct transfer *t = with;

	(void)easy;
	if (type == CURLINFO_HEADER_OUT)
		talk_see_sent(t->notes, str_at(data, (ptrdiff_t)size));
	return 0;
}

static bool set_up(struct transfer *t)
{
	CURL *easy = t->easy;
	bool good = true;

	good &= !curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
	good &= !curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, see_reply);
	good &= !curl_easy_setopt(easy, CURLOPT_HEADERDATA, (void *)t);
	good &= !curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, see_sent);
	good &= !curl_easy_setopt(easy, CURLOPT_DEBUGDATA, (void *)t);
	good &= !curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
	return good;
}

static bool dial(struct transfer *t)
{
	const int64_t left = transfer_left_ms(t);

	talk_dial(t->notes);
	t->kept = false;
	/* 0 would be for ever. */
	return !curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS,
				 (long)(left > 0 ? left : 1)) &&
	       transfer_add(t);
}

/* --- moving bytes --- */

enum moved { MOVED_NONE, MOVED_SOME, MOVED_LOST };

/* All that is to be said, as far as the socket takes it. */
static enum moved speak(struct transfer *t)
{
	struct str words;

	while ((words = talk_speak(t->notes)).n > 0) {
		size_t n = 0;
		CURLcode code =
			curl_easy_send(t->easy, words.p, (size_t)words.n, &n);

		if (code == CURLE_AGAIN)
			break;
		if (code != CURLE_OK)
			return MOVED_LOST;
		talk_spoke(t->notes, (ptrdiff_t)n);
	}
	return MOVED_SOME;
}

static enum moved hear(struct transfer *t)
{
	char bytes[HEAR_ROOM];
	size_t n = 0;
	CURLcode code = curl_easy_recv(t->easy, bytes, sizeof(bytes), &n);

	if (code == CURLE_AGAIN)
		return MOVED_NONE;
	if (code != CURLE_OK || n == 0)
		return MOVED_LOST;
	talk_hear(t->notes, str_at(bytes, (ptrdiff_t)n));
	return MOVED_SOME;
}

static void leave(struct transfer *t)
{
	size_t n;

	if (t->mover == MOVER_TALK)
		(void)curl_easy_send(t->easy, "QUIT\r\n", 6, &n);
	transfer_remove(t);
}

static void settle(struct transfer *t, bool cut_off, const char *why)
{
	transfer_settle(t,
			&(struct transfer_end){.cut_off = cut_off, .why = why});
}

/* The message's end; the connection's too unless it may carry the next. */
static void stop(struct transfer *t, bool cut_off, const char *why)
{
	settle(t, cut_off, why);
	transfer_remove(t);
}

/* One that was closed before this message is no fault of the message's. */
static void lose(struct transfer *t, const char *why)
{
	if (!t->kept || !talk_was_late(t->notes))
		stop(t, false, why);
	else if (!dial(t))
		stop(t, false, "out of memory");
}

/* Until it waits: for room to speak or, having spoken, for an answer. */
static enum moved converse(struct transfer *t)
{
	const struct talk *talk = t->notes;
	enum moved moved = MOVED_SOME;

	while (moved == MOVED_SOME && talk_speak(talk).n == 0 &&
	       talk_state(talk) == TALK_GOES_ON)
		moved = hear(t);
	if (moved != MOVED_LOST && talk_state(talk) == TALK_GOES_ON)
		moved = speak(t);
	/* Who hung up on us may have said why. */
	while (moved == MOVED_LOST && talk_state(talk) == TALK_GOES_ON &&
	       hear(t) == MOVED_SOME)
		;
	return moved;
}

static void step(struct transfer *t)
{
	const enum moved moved = converse(t);

	if (talk_state(t->notes) == TALK_OVER)
		settle(t, false, "");
	else if (talk_state(t->notes) == TALK_BROKEN)
		lose(t, "reply not understood");
	else if (moved == MOVED_LOST)
		lose(t, "connection lost");
}

static short waits(const struct transfer *t)
{
	return talk_speak(t->notes).n > 0 ? CURL_WAIT_POLLOUT
					  : CURL_WAIT_POLLIN;
}

/* --- an exchange --- */

static void begin_talk(struct transfer *t)
{
	t->mover = MOVER_TALK;
	talk_begin(t->notes);
	step(t);
}

static bool begin(struct transfer *t, const struct transfer_order *order)
{
	talk_order(t->notes, order->from, order->to, order->bytes);
	if (t->mover == MOVER_TALK &&
	    t->begun_ms - t->over_ms > t->pool->channel.idle_ms)
		leave(t);
	if (t->mover != MOVER_TALK)
		return dial(t);
	t->kept = true;
	begin_talk(t);
	return true;
}

static void done(struct transfer *t, CURLcode code)
{
	if (code == CURLE_OK &&
	    !curl_easy_getinfo(t->easy, CURLINFO_ACTIVESOCKET, &t->socket) &&
	    t->socket != CURL_SOCKET_BAD)
		begin_talk(t);
	else
		stop(t, false, transfer_name_failure(code));
}

const struct transfer_way transfer_talks = {
	.set_up = set_up,
	.begin = begin,
	.done = done,
	.step = step,
	.waits = waits,
	.stop = stop,
	.leave = leave,
};
