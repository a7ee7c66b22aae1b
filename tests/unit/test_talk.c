/*
 * What is said to a mail server, by what it answers: no connection is needed
 * for that.  Prints TAP.
 */
#include "send/talk.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define SAID_MAX 65536
#define ENVELOPE                                                               \
	"MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n"
#define MESSAGE "Subject: x\r\n\r\n.dot\r\n"
#define STUFFED "Subject: x\r\n\r\n..dot\r\n.\r\n"

static struct talk talk;
static char said[SAID_MAX];
static ptrdiff_t said_n;

/* What is to be said goes out, so many bytes at a time. */
static void let_speak(ptrdiff_t most)
{
	struct str words;

	while ((words = talk_speak(&talk)).n > 0) {
		words = str_first(words, most);
		assert_true(said_n + words.n <= SAID_MAX);
		memcpy(said + said_n, words.p, (size_t)words.n);
		said_n += words.n;
		talk_spoke(&talk, words.n);
	}
}

static void dial(bool pipelines)
{
	memset(&talk, 0, sizeof(talk));
	said_n = 0;
	talk_dial(&talk);
	talk_see_reply(&talk, STR("220 there\r\n"));
	talk_see_sent(&talk, STR("EHLO here\r\n"));
	talk_see_reply(&talk, STR("250-there\r\n"));
	if (pipelines)
		talk_see_reply(&talk, STR("250-Pipelining\r\n"));
	talk_see_reply(&talk, STR("250 HELP\r\n"));
}

static void begin(struct str bytes)
{
	said_n = 0;
	talk_order(&talk, STR("a@example.org"), STR("b@example.org"), bytes);
	talk_begin(&talk);
	let_speak(SAID_MAX);
}

/* Replies, in pieces of so many bytes. */
static void hear(const char *replies, ptrdiff_t most)
{
	struct str rest = str_of(replies);

	for (; rest.n > 0; rest = str_from(rest, most)) {
		talk_hear(&talk, str_first(rest, most));
		if (talk_state(&talk) == TALK_GOES_ON)
			let_speak(SAID_MAX);
	}
}

static void assert_said(const char *all)
{
	if (!str_equal(str_at(said, said_n), str_of(all)))
		fail_msg("said %.*s", (int)said_n, said);
}

static void test_one_by_one(void **state)
{
	(void)state;
	dial(false);
	begin(STR(MESSAGE));
	assert_said("MAIL FROM:<a@example.org>\r\n");
	hear("250 ok\r\n", 99);
	assert_said("MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\n");
	hear("250 ok\r\n", 99);
	assert_said(ENVELOPE);
	hear("354 go on\r\n", 99);
	assert_said(ENVELOPE STUFFED);
	assert_true(talk.said_all);
	assert_false(talk.accepted);
	hear("250 2.0.0 taken\r\n", 99);
	assert_true(talk.accepted);
	assert_string_equal(talk.status, "2.0.0");
	assert_int_equal(talk_state(&talk), TALK_OVER);
}

static void test_at_once(void **state)
{
	(void)state;
	dial(true);
	begin(STR(MESSAGE));
	assert_said(ENVELOPE);
	hear("250 ok\r\n250 ok\r\n354 go on\r\n", 99);
	assert_said(ENVELOPE STUFFED);
	hear("250 taken\r\n", 99);
	assert_true(talk.accepted);
	/* the next needs no RSET */
	begin(STR(MESSAGE));
	assert_said(ENVELOPE);
}

static void test_offer_in_clear(void **state)
{
	(void)state;
	dial(true);
	talk_see_sent(&talk, STR("STARTTLS\r\n"));
	talk_see_reply(&talk, STR("220 go\r\n"));
	talk_see_sent(&talk, STR("EHLO here\r\n"));
	talk_see_reply(&talk, STR("250 there\r\n"));
	begin(STR(MESSAGE));
	assert_said("MAIL FROM:<a@example.org>\r\n");
}

static void test_any_pieces(void **state)
{
	static const char *const replies[] = {
		"250-2.1.0 ok\r\n250 2.1.0 ok\r\n",
		"250-hm\n250\r\n",
		"354-go\r\n354 on\r\n",
		"250-2.0.0 a\r\n250-2.0.0 b\r\n250 2.0.0 c\r\n",
	};
	char together[100];

	(void)state;
	snprintf(together, sizeof(together), "%s%s%s", replies[0], replies[1],
		 replies[2]);
	for (ptrdiff_t n = 1; n < (ptrdiff_t)sizeof(together); n++)
		for (int pipelines = 0; pipelines < 2; pipelines++) {
			dial(pipelines);
			begin(STR(MESSAGE));
			if (pipelines)
				hear(together, n);
			for (int i = pipelines ? 3 : 0; i < 4; i++)
				hear(replies[i], n);
			assert_true(talk.accepted);
			assert_string_equal(talk.status, "2.0.0");
			assert_int_equal(talk_state(&talk), TALK_OVER);
			assert_said(ENVELOPE STUFFED);
		}
}

struct refusal {
	bool pipelines;
	const char *replies;
	enum talk_state state;
	enum smtp_step step;
	int reply;
	const char *status;
	bool late;	  /* another connection may do */
	const char *next; /* what the next message begins with, if any */
};

static const struct refusal refusals[] = {
	{false, "550 5.1.8 who\r\n", TALK_OVER, STEP_MAIL, 550, "5.1.8", false,
	 "RSET\r\n"},
	{false, "250 ok\r\n550 5.1.1 nobody\r\n", TALK_OVER, STEP_RCPT, 550,
	 "5.1.1", false, "RSET\r\n"},
	{false, "250 ok\r\n250 ok\r\n451 later\r\n", TALK_OVER, STEP_DATA, 451,
	 "", false, "RSET\r\n"},
	{false, "250 ok\r\n250 ok\r\n354 go\r\n554 5.6.0 no\r\n", TALK_OVER,
	 STEP_DATA, 554, "5.6.0", false, "MAIL FROM:<a@example.org>\r\n"},
	{true, "250 ok\r\n550-5.1.1 no\r\n550 5.1.1 no\r\n503 5.5.1 none\r\n",
	 TALK_OVER, STEP_RCPT, 550, "5.1.1", false, "RSET\r\n" ENVELOPE},
	{true, "451 4.7.1 later\r\n503 no\r\n503 no\r\n", TALK_OVER, STEP_MAIL,
	 451, "4.7.1", false, "RSET\r\n" ENVELOPE},
	{true, "451 4.7.1 later\r\n250 ok\r\n503 no\r\n", TALK_OVER, STEP_MAIL,
	 451, "4.7.1", false, "RSET\r\n" ENVELOPE},
	/* asked for the message of nobody */
	{true, "250 ok\r\n550 5.1.1 no\r\n354 go\r\n", TALK_BROKEN, STEP_RCPT,
	 550, "5.1.1", false, NULL},
	{true, "550 no\r\n250 ok\r\n354 go\r\n", TALK_BROKEN, STEP_MAIL, 550,
	 "", false, NULL},
	/* a farewell: before anything was said to the message, and after */
	{true, "421 4.4.2 idle\r\n", TALK_BROKEN, STEP_MAIL, 421, "4.4.2", true,
	 NULL},
	{true, "250 ok\r\n421 4.3.2 bye\r\n", TALK_BROKEN, STEP_RCPT, 421,
	 "4.3.2", false, NULL},
	{true, "250 ok\r\n550 5.1.1 no\r\n421 bye\r\n", TALK_BROKEN, STEP_RCPT,
	 550, "5.1.1", false, NULL},
	{false, "250 ok\r\n250 ok\r\n354 go\r\n421 bye\r\n", TALK_BROKEN,
	 STEP_DATA, 421, "", false, NULL},
	/* still under way */
	{true, "250 ok\r\n550 5.1.1 no\r\n", TALK_GOES_ON, STEP_RCPT, 550,
	 "5.1.1", false, NULL},
	/* no replies to what was said */
	{true, "250 ok\r\n250 ok\r\n250 ok\r\n", TALK_BROKEN, STEP_DATA, 250,
	 "", false, NULL},
	{false, "354 go\r\n", TALK_BROKEN, STEP_MAIL, 354, "", false, NULL},
	{true, "hello\r\n", TALK_BROKEN, STEP_MAIL, 0, "", true, NULL},
	{true, "2500 ok\r\n", TALK_BROKEN, STEP_MAIL, 0, "", true, NULL},
	{true, "\r\n", TALK_BROKEN, STEP_MAIL, 0, "", true, NULL},
};

static void test_refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct refusal *r = &refusals[i];

		dial(r->pipelines);
		begin(STR(MESSAGE));
		hear(r->replies, 1);
		if (talk.accepted || talk_state(&talk) != r->state ||
		    talk.step != r->step || talk.reply != r->reply ||
		    strcmp(talk.status, r->status) != 0 ||
		    talk_was_late(&talk) != r->late)
			fail_msg("case %zu: state %d, step %d, reply %d %s, "
				 "late %d",
				 i, (int)talk_state(&talk), (int)talk.step,
				 talk.reply, talk.status, talk_was_late(&talk));
		if (!r->next)
			continue;
		begin(STR(MESSAGE));
		assert_said(r->next);
	}
}

/* Nobody gets an empty message for a dot that was said for the sake of form. */
static void test_nothing_for_nobody(void **state)
{
	(void)state;
	dial(true);
	begin(STR(MESSAGE));
	hear("250 ok\r\n550 5.1.1 no\r\n354 go\r\n", 99);
	let_speak(SAID_MAX);
	assert_said(ENVELOPE);
}

static void test_after_rset(void **state)
{
	(void)state;
	for (int pipelines = 0; pipelines < 2; pipelines++) {
		dial(pipelines);
		begin(STR(MESSAGE));
		hear(pipelines ? "550 no\r\n503 no\r\n503 no\r\n"
			       : "550 no\r\n",
		     99);
		begin(STR(MESSAGE));
		hear("250 reset\r\n", 99);
		assert_true(talk_was_late(&talk));
		hear("250 ok\r\n250 ok\r\n354 go\r\n250 taken\r\n", 1);
		assert_true(talk.accepted);
		assert_said("RSET\r\n" ENVELOPE STUFFED);
	}
}

/* Who does not know it is left. */
static void test_no_rset(void **state)
{
	(void)state;
	dial(false);
	begin(STR(MESSAGE));
	hear("550 no\r\n", 99);
	begin(STR(MESSAGE));
	hear("502 what\r\n", 99);
	assert_int_equal(talk_state(&talk), TALK_BROKEN);
	assert_true(talk_was_late(&talk));
}

/* A yes to what is not all said is none. */
static void test_early(void **state)
{
	(void)state;
	dial(true);
	begin(STR(MESSAGE));
	talk_hear(&talk, STR("250 ok\r\n250 ok\r\n354 go\r\n250 taken\r\n"));
	assert_false(talk.accepted);
	assert_false(talk.said_all);
	assert_int_equal(talk_state(&talk), TALK_BROKEN);
	dial(true);
	begin(STR(MESSAGE));
	talk_hear(&talk,
		  STR("250 ok\r\n250 ok\r\n354 go\r\n552 5.3.4 big\r\n"));
	assert_int_equal(talk.reply, 552);
	assert_string_equal(talk.status, "5.3.4");
}

static void test_too_many(void **state)
{
	(void)state;
	dial(true);
	begin(STR(MESSAGE));
	hear("250 ok\r\n250 ok\r\n354 go\r\n", 99);
	hear("250 taken\r\n421 bye\r\n", 99);
	assert_true(talk.accepted);
	assert_int_equal(talk.reply, 250);
	assert_int_equal(talk_state(&talk), TALK_BROKEN);
}

/* Dots wherever a piece of the message may begin or end. */
static void test_endless(void **state)
{
	int lines = 0;

	(void)state;
	dial(false);
	begin(STR(MESSAGE));
	while (talk_state(&talk) == TALK_GOES_ON && lines < TALK_REPLY_MAX)
		hear(lines++ % 2 ? "250-more\r\n" : "250-more of it\r\n", 99);
	assert_int_equal(talk_state(&talk), TALK_BROKEN);
	assert_in_range(lines, 4000, 6000);
	/* A long talk is another thing than a long reply. */
	dial(true);
	for (int i = 0; i < 3000; i++) {
		begin(STR(MESSAGE));
		hear("250 ok\r\n250 ok\r\n354 go on\r\n", 99);
		hear("250 taken\r\n", 99);
		assert_int_equal(talk_state(&talk), TALK_OVER);
	}
}

static void test_dots(void **state)
{
	static char message[3 * TALK_ROOM];
	static char wanted[6 * TALK_ROOM];

	(void)state;
	for (size_t first = 0; first < 9; first++) {
		size_t n = 0, want = 0;

		memset(message, 'x', first);
		n += first;
		while (n + 8 < sizeof(message)) {
			memcpy(message + n, "\r\n.\r\n..", 7);
			n += 7;
		}
		memcpy(message + n, "\r\n", 2);
		n += 2;
		for (size_t i = 0; i < n; i++) {
			if (message[i] == '.' &&
			    (i == 0 || message[i - 1] == '\n'))
				wanted[want++] = '.';
			wanted[want++] = message[i];
		}
		memcpy(wanted + want, ".\r\n", 4);
		dial(true);
		begin(str_at(message, (ptrdiff_t)n));
		said_n = 0;
		talk_hear(&talk, STR("250 ok\r\n250 ok\r\n354 go\r\n"));
		let_speak((ptrdiff_t)(first * 1000 + 1));
		assert_said(wanted);
		assert_true(talk.said_all);
	}
}

static void test_unsound(void **state)
{
	static const struct {
		const char *bytes;
		bool sound;
	} cases[] = {
		{"", true},
		{"x\r\n", true},
		{"x\r\n\r\n.\r\ny\r\n", true},
		{"x", false},
		{"x\r", false},
		{"x\n", false},
		{"x\r\n\n.\r\n", false},
		{"x\r\n.\n", false},
		{"x\r\r\n", false},
		{"x\n.\r\ny\r\n", false},
		{"x\r\n.\ry\r\n", false},
		{"x\r\n.", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (talk_is_sound(str_of(cases[i].bytes)) != cases[i].sound)
			fail_msg("case %zu", i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-F3 each command waits for its reply", test_one_by_one, NULL,
		 NULL, NULL},
		{"R-F3 where PIPELINING is offered they go together",
		 test_at_once, NULL, NULL, NULL},
		{"R-F3 what was offered before TLS is forgotten",
		 test_offer_in_clear, NULL, NULL, NULL},
		{"R-F3 replies come in any pieces", test_any_pieces, NULL, NULL,
		 NULL},
		{"R-F2 each refusal is known by its step and code",
		 test_refusals, NULL, NULL, NULL},
		{"R-F2 a server that wants a message for nobody gets none",
		 test_nothing_for_nobody, NULL, NULL, NULL},
		{"R-F2 after a refusal the next begins with RSET",
		 test_after_rset, NULL, NULL, NULL},
		{"R-F2 or on another connection", test_no_rset, NULL, NULL,
		 NULL},
		{"R-F2 a reply before its time accepts nothing", test_early,
		 NULL, NULL, NULL},
		{"R-F2 a reply too many ends the connection", test_too_many,
		 NULL, NULL, NULL},
		{"R-F2 a reply without end is none", test_endless, NULL, NULL,
		 NULL},
		{"R-F4 dots are doubled at each line's beginning", test_dots,
		 NULL, NULL, NULL},
		{"R-F4 a message's bytes cannot end it early", test_unsound,
		 NULL, NULL, NULL},
	};

	return cmocka_run_group_tests_name("talk", tests, NULL, NULL);
}
