/*
 * Connections to a mail server that are kept for the next message: what becomes
 * of it when they are not what they were, and how logging in fails.  Prints
 * TAP.
 */
#include "base/clock.h"
#include "send/smtp.h"
#include "unit/mail_server.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>

#include <cmocka.h>

#define TEST_MEMORY ((size_t)32 << 20)
#define PIPELINING "250-hi\r\n250 PIPELINING"

static const struct script friendly = {
	"220 hi", "250 hi", "250 ok", "250 ok", "354 go on", "250 taken",
};

static struct arena arena;

static int set_up(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	arena_init(&arena, TEST_MEMORY);
	mail_server_mood = (struct mood){0};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static int count(struct str heard, struct str word)
{
	int n = 0;
	ptrdiff_t at;

	for (; (at = str_find_str(heard, word)) >= 0; n++)
		heard = str_from(heard, at + word.n);
	return n;
}

static void test_pipelining(void **state)
{
	static const struct script script = {
		"220 hi", PIPELINING,  "250 ok",
		"250 ok", "354 go on", "250 taken",
	};
	struct mail_server server = mail_server_start(&arena, &script);
	struct str heard;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(mail_server_send(&server).outcome,
				 SEND_ACCEPTED);
	heard = mail_server_stop(&arena, &server);
	assert_int_equal(count(heard, STR("EHLO")), 1);
	assert_int_equal(
		count(heard, STR("MAIL FROM:<rollcall@example.org>\r\n"
				 "RCPT TO:<someone@example.org>\r\nDATA\r\n"
				 "Subject: x\r\n\r\n..dot\r\nbody\r\n.\r\n")),
		3);
	assert_true(str_ends(heard, STR(".\r\nQUIT\r\n")));
}

/* What the first message's connection does to the second. */
struct second {
	struct script later;
	enum send_outcome outcome;
	int reply_code;
	int hellos; /* in all */
	int mails;
};

static const struct second seconds[] = {
	/* It went before: another is made, and nobody hears of it. */
	{{"", "", NULL, "", "", ""}, SEND_ACCEPTED, 250, 2, 3},
	{{"", "", "421 4.4.2 too long", "", "", ""}, SEND_ACCEPTED, 250, 2, 3},
	{{"", "", "what", "", "", ""}, SEND_ACCEPTED, 250, 2, 3},
	/* It went while this message was told: later. */
	{{"", "", "250 ok", NULL, "", ""}, SEND_RETRY, 0, 1, 2},
	{{"", "", "250 ok", "421 4.3.2 bye", "", ""}, SEND_RETRY, 421, 1, 2},
	{{"", "", "250 ok", "250 ok", "354 go", NULL}, SEND_RETRY, 354, 1, 2},
	/* A refusal is one. */
	{{"", "", "451 4.7.1 later", "503 no", "503 no", ""},
	 SEND_RETRY,
	 451,
	 1,
	 2},
};

static void assert_second(size_t i, const char *hello)
{
	const struct second *second = &seconds[i];
	struct script first = friendly;
	struct mail_server server;
	struct send_result result;
	struct str heard;

	first.hello = hello;
	mail_server_mood.later = &second->later;
	server = mail_server_start(&arena, &first);
	assert_int_equal(mail_server_send(&server).outcome, SEND_ACCEPTED);
	result = mail_server_send(&server);
	heard = mail_server_stop(&arena, &server);
	if (result.outcome != second->outcome ||
	    result.reply_code != second->reply_code ||
	    count(heard, STR("EHLO")) != second->hellos ||
	    count(heard, STR("MAIL")) != second->mails)
		fail_msg("case %zu, %s: outcome %d, reply %d, heard %.*s", i,
			 hello, (int)result.outcome, result.reply_code,
			 STR_ARG(heard));
}

static void test_seconds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++) {
		assert_second(i, "250 hi");
		assert_second(i, PIPELINING);
	}
}

/* Once: a server that always goes is not asked for ever. */
static void test_once(void **state)
{
	static const struct script gone = {"220 hi", "250 hi", NULL,
					   "",	     "",       ""};
	struct mail_server server = mail_server_start(&arena, &gone);
	struct str heard;

	(void)state;
	assert_int_equal(mail_server_send(&server).outcome, SEND_RETRY);
	heard = mail_server_stop(&arena, &server);
	assert_int_equal(count(heard, STR("MAIL")), 1);
}

static void test_left_alone(void **state)
{
	struct mail_server server = mail_server_start(&arena, &friendly);
	struct send_result result;
	struct str heard;

	(void)state;
	server.channel->idle_ms = 100;
	for (int i = 0; i < 4; i++) {
		assert_int_equal(mail_server_send(&server).outcome,
				 SEND_ACCEPTED);
		if (i == 1)
			poll(NULL, 0, 150);
	}
	assert_null(server.channel->kind->finish(server.channel, 0, &result));
	heard = mail_server_stop(&arena, &server);
	assert_int_equal(count(heard, STR("EHLO")), 2);
	assert_int_equal(count(heard, STR("QUIT")), 2);
}

static void test_reset(void **state)
{
	static const struct script refusing = {
		"220 hi", PIPELINING, "250 ok", "550 5.1.1 no", "503 no", "",
	};
	struct mail_server server = mail_server_start(&arena, &refusing);
	struct str heard;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(mail_server_send(&server).outcome,
				 SEND_BAD_ADDRESS);
	heard = mail_server_stop(&arena, &server);
	assert_int_equal(count(heard, STR("EHLO")), 1);
	assert_int_equal(count(heard, STR("DATA\r\nRSET\r\nMAIL")), 2);
}

static void test_for_nobody(void **state)
{
	static const struct script odd = {
		"220 hi", "250-hi\r\n250 PIPELINING",
		"250 ok", "550 5.1.1 no",
		"354 go", "250 taken",
	};
	struct mail_server server = mail_server_start(&arena, &odd);
	struct str heard;

	(void)state;
	assert_int_equal(mail_server_send(&server).outcome, SEND_BAD_ADDRESS);
	heard = mail_server_stop(&arena, &server);
	assert_true(str_ends(heard, STR("DATA\r\n")));
}

static void test_dribble(void **state)
{
	struct mail_server server;
	struct send_result result;

	(void)state;
	mail_server_mood.byte_ms = 10;
	server = mail_server_start(&arena, &friendly);
	assert_int_equal(mail_server_send(&server).outcome, SEND_ACCEPTED);
	server.channel->limit_ms = 150;
	result = mail_server_send(&server);
	(void)mail_server_stop(&arena, &server);
	assert_int_equal(result.outcome, SEND_RETRY);
	assert_string_equal(result.why, "time out");
	assert_in_range(result.took_ms, 150, 1000);
}

/* Another one is not held up by who says nothing, whatever it waits for. */
static void test_beside_silence(void **state)
{
	static const struct script silent = {
		"", "", "", "", "", "",
	};
	struct mail_server server;
	const struct send_message m = mail_server_message();
	struct send_result result;
	int64_t before = clock_ms();
	char one, two;

	(void)state;
	server = mail_server_start(&arena, &silent);
	server.channel->kind->begin(server.channel, &m, &one);
	assert_null(server.channel->kind->finish(server.channel, 50, &result));
	server.channel->kind->begin(
		server.channel,
		&(struct send_message){.from = m.from, .to = STR("no")}, &two);
	assert_ptr_equal(
		server.channel->kind->finish(server.channel, 9000, &result),
		&two);
	server.channel->kind->abandon(server.channel);
	assert_ptr_equal(
		server.channel->kind->finish(server.channel, 0, &result), &one);
	assert_string_equal(result.why, "told to stop");
	assert_false(result.channel_fault);
	(void)mail_server_stop(&arena, &server);
	assert_in_range(clock_ms() - before, 50, 2000);
}

struct login {
	const char *hello;
	const char *host;
	enum send_outcome outcome;
	int reply_code;
	const char *status;
	const char *why;
};

/* On Linux 0.0.0.0 is this machine, and does not look like it. */
static const struct login logins[] = {
	{"250-hi\r\n250 AUTH PLAIN", "127.0.0.1", SEND_OURS, 535, "5.7.8",
	 "refused at login"},
	{"250-hi\r\n250 AUTH PLAIN", "0.0.0.0", SEND_RETRY, 0, "", "no TLS"},
	{"250-hi\r\n250 STARTTLS", "0.0.0.0", SEND_RETRY, 454, "4.7.0",
	 "refused at greeting"},
};

static void test_logins(void **state)
{
	(void)state;
	mail_server_mood.ignores_quit = true;
	for (size_t i = 0; i < sizeof(logins) / sizeof(logins[0]); i++) {
		const struct login *login = &logins[i];
		struct script script = friendly;
		struct mail_server server;
		struct send_result result;
		struct str heard;
		int64_t before = clock_ms();

		script.hello = login->hello;
		server = mail_server_start(&arena, &script);
		server.channel->kind->close(server.channel);
		server.channel = smtp_open(
			&arena, str_printf(&arena, "smtp://u:secret@%s:%.*s",
					   login->host,
					   STR_ARG(str_from(server.url, 17))));
		result = mail_server_send(&server);
		heard = mail_server_stop(&arena, &server);
		if (result.outcome != login->outcome ||
		    result.reply_code != login->reply_code ||
		    !result.channel_fault ||
		    strcmp(result.status, login->status) != 0 ||
		    strcmp(result.why, login->why) != 0)
			fail_msg("case %zu: outcome %d, reply %d %s: %s", i,
				 (int)result.outcome, result.reply_code,
				 result.status, result.why);
		assert_int_equal(count(heard, STR("MAIL")), 0);
		assert_in_range(clock_ms() - before, 0, 3000);
	}
}

/* More than the sockets between us hold: it waits for room. */
static void test_long(void **state)
{
	enum { LINES = 200000, WIDTH = 60 };
	char *bytes = arena_get_text(&arena, LINES * WIDTH);
	struct send_message m = mail_server_message();
	struct mail_server server;

	(void)state;
	memset(bytes, '.', LINES * WIDTH);
	for (int i = 1; i <= LINES; i++)
		memcpy(bytes + i * WIDTH - 2, "\r\n", 2);
	m.bytes = str_at(bytes, LINES * WIDTH);
	mail_server_mood.forgets = true;
	server = mail_server_start(&arena, &friendly);
	assert_int_equal(channel_send(server.channel, &m).outcome,
			 SEND_ACCEPTED);
	assert_int_equal(mail_server_send(&server).outcome, SEND_ACCEPTED);
	(void)mail_server_stop(&arena, &server);
}

static void test_unsound(void **state)
{
	struct mail_server server = mail_server_start(&arena, &friendly);
	struct send_message m = mail_server_message();
	struct send_result result;

	(void)state;
	m.bytes = STR("Subject: x\r\n\r\nx\n.\r\nMAIL FROM:<y@z>\r\n");
	result = channel_send(server.channel, &m);
	assert_int_equal(result.outcome, SEND_OURS);
	assert_string_equal(result.why, "not a mail");
	assert_int_equal(mail_server_stop(&arena, &server).n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-F3 where PIPELINING is offered a message takes two turns",
		 test_pipelining, set_up, tear_down, NULL},
		{"R-F2 a kept connection that went is no fault of the "
		 "message's",
		 test_seconds, set_up, tear_down, NULL},
		{"R-F2 a new one that goes is", test_once, set_up, tear_down,
		 NULL},
		{"R-F1 one that was left alone for long is not trusted",
		 test_left_alone, set_up, tear_down, NULL},
		{"R-F2 after a refusal the connection goes on", test_reset,
		 set_up, tear_down, NULL},
		{"R-F2 who wants a message for nobody gets none",
		 test_for_nobody, set_up, tear_down, NULL},
		{"R-F2 a server that dribbles is heard out, up to the limit",
		 test_dribble, set_up, tear_down, NULL},
		{"R-F1 who says nothing holds up nobody", test_beside_silence,
		 set_up, tear_down, NULL},
		{"R-F2 no login, no TLS: each is told apart, and soon",
		 test_logins, set_up, tear_down, NULL},
		{"R-F3 a message may be longer than there is room for",
		 test_long, set_up, tear_down, NULL},
		{"R-F4 bytes that could end a message early are not sent",
		 test_unsound, set_up, tear_down, NULL},
	};

	return cmocka_run_group_tests_name("kept", tests, NULL, NULL);
}
