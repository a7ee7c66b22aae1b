/*
 * The SMTP channel against a server that answers as it is told: what counts
 * as accepted, refused, our fault, unknown, ours, and that nothing but
 * one address ever reaches the wire.  Prints TAP.
 */
#include "base/clock.h"
#include "send/smtp.h"
#include "unit/mail_server.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>

#include <cmocka.h>

#define TEST_MEMORY ((size_t)16 << 20)

static const struct script friendly = {
	"220 hi", "250 hi", "250 ok", "250 ok", "354 go on", "250 taken",
};

static struct arena arena;

static struct send_result send_once(const struct script *script)
{
	struct mail_server server = mail_server_start(&arena, script);
	struct send_result result = mail_server_send(&server);

	(void)mail_server_stop(&arena, &server);
	return result;
}

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

static void test_accepted(void **state)
{
	struct mail_server server = mail_server_start(&arena, &friendly);
	struct send_result result = mail_server_send(&server);
	struct str heard = mail_server_stop(&arena, &server);

	(void)state;
	assert_int_equal(result.outcome, SEND_ACCEPTED);
	assert_int_equal(result.reply_code, 250);
	assert_false(result.channel_fault);
	assert_true(str_find_str(heard, STR("MAIL FROM:<rollcall@example.org>"
					    "\r\n")) > 0);
	assert_true(str_find_str(heard, STR("RCPT TO:<someone@example.org>"
					    "\r\n")) > 0);
	assert_true(str_find_str(heard, STR("\r\n\r\n..dot\r\nbody\r\n.\r\n")) >
		    0);
}

static void test_reused(void **state)
{
	struct mail_server server = mail_server_start(&arena, &friendly);
	struct str rest;
	int hellos = 0;
	ptrdiff_t at;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(mail_server_send(&server).outcome,
				 SEND_ACCEPTED);
	rest = mail_server_stop(&arena, &server);
	while ((at = str_find_str(rest, STR("EHLO"))) >= 0) {
		hellos++;
		rest = str_from(rest, at + 4);
	}
	assert_int_equal(hellos, 1);
}

static void test_quit_unanswered(void **state)
{
	struct mail_server server;
	int64_t before;

	(void)state;
	mail_server_mood.ignores_quit = true;
	server = mail_server_start(&arena, &friendly);
	assert_int_equal(mail_server_send(&server).outcome, SEND_ACCEPTED);
	before = clock_ms();
	assert_true(
		str_ends(mail_server_stop(&arena, &server), STR("QUIT\r\n")));
	assert_in_range(clock_ms() - before, 0, 5000);
}

static void test_quit_after_refusal(void **state)
{
	static const struct script refusing = {
		"220 hi", "250 hi", "250 ok", "550 5.1.1 nobody", "", "",
	};
	struct mail_server server;
	int64_t before = clock_ms();

	(void)state;
	mail_server_mood.ignores_quit = true;
	server = mail_server_start(&arena, &refusing);
	assert_int_equal(mail_server_send(&server).outcome, SEND_BAD_ADDRESS);
	assert_in_range(clock_ms() - before, 0, 5000);
	(void)mail_server_stop(&arena, &server);
}

struct expected {
	struct script script;
	enum send_outcome outcome;
	int reply_code;
	const char *status;
	bool ours;
};

/* Who is told all at once answers all of it. */
static struct script with_pipelining(struct script script)
{
	static const char none[] = "503 5.5.1 of what";

	if (script.hello && script.hello[0] == '2')
		script.hello = "250-hi\r\n250 PIPELINING";
	script.rcpt = script.rcpt && !*script.rcpt ? none : script.rcpt;
	script.data = script.data && !*script.data ? none : script.data;
	return script;
}

static void assert_expected(size_t i, const struct expected *e,
			    struct script script)
{
	struct send_result result = send_once(&script);

	if (result.outcome != e->outcome ||
	    result.reply_code != e->reply_code ||
	    result.channel_fault != e->ours ||
	    strcmp(result.status, e->status) != 0)
		fail_msg("case %zu, %s: outcome %d, reply %d, status %s, "
			 "ours %d: %s",
			 i, script.hello ? script.hello : "",
			 (int)result.outcome, result.reply_code, result.status,
			 result.channel_fault, result.why);
}

static void test_outcomes(void **state)
{
	static const struct expected cases[] = {
		/* about the recipient, for good */
		{{"220 hi", "250 hi", "250 ok", "550 5.1.1 nobody", "", ""},
		 SEND_BAD_ADDRESS,
		 550,
		 "5.1.1",
		 false},
		{{"220 hi", "250 hi", "250 ok", "550 nobody", "", ""},
		 SEND_BAD_RECIPIENT,
		 550,
		 "",
		 false},
		{{"220 hi", "250 hi", "250 ok", "250 ok", "354 go",
		  "554 5.2.1 gone"},
		 SEND_BAD_ADDRESS,
		 554,
		 "5.2.1",
		 false},
		/* for now */
		{{"220 hi", "250 hi", "250 ok", "451 4.7.1 later", "", ""},
		 SEND_RETRY,
		 451,
		 "4.7.1",
		 false},
		{{"220 hi", "250 hi", "250 ok", "250 ok", "354 go",
		  "452 4.3.1 full"},
		 SEND_RETRY,
		 452,
		 "4.3.1",
		 false},
		{{"220 hi", "250 hi", "250 ok", "552 5.2.2 full", "", ""},
		 SEND_RETRY,
		 552,
		 "5.2.2",
		 false},
		/* our fault */
		{{"220 hi", "250 hi", "250 ok", "554 5.7.1 no relaying", "",
		  ""},
		 SEND_OURS,
		 554,
		 "5.7.1",
		 true},
		{{"220 hi", "250 hi", "550 5.1.8 who are you", "", "", ""},
		 SEND_OURS,
		 550,
		 "5.1.8",
		 true},
		{{"220 hi", "250 hi", "250 ok", "250 ok", "354 go",
		  "554 5.6.0 what is this"},
		 SEND_OURS,
		 554,
		 "5.6.0",
		 true},
		{{"220 hi", "550 5.3.0 closed", "", "", "", ""},
		 SEND_OURS,
		 550,
		 "5.3.0",
		 true},
		{{"421 4.3.2 busy", "", "", "", "", ""},
		 SEND_RETRY,
		 421,
		 "4.3.2",
		 true},
		/* a status that lies, or is none */
		{{"220 hi", "250 hi", "250 ok", "550 4.7.1 odd", "", ""},
		 SEND_BAD_RECIPIENT,
		 550,
		 "",
		 false},
		{{"220 hi", "250 hi", "250 ok", "550 5.7", "", ""},
		 SEND_BAD_RECIPIENT,
		 550,
		 "",
		 false},
		/* nobody there, or gone before the message */
		{{NULL, "", "", "", "", ""}, SEND_RETRY, 0, "", true},
		{{"220 hi", NULL, "", "", "", ""}, SEND_RETRY, 0, "", true},
		{{"220 hi", "250 hi", "250 ok", NULL, "", ""},
		 SEND_RETRY,
		 0,
		 "",
		 true},
		{{"220 hi", "250 hi", NULL, "", "", ""},
		 SEND_RETRY,
		 0,
		 "",
		 true},
		{{"220 hi", "250 hi", "250 ok", "250 ok", NULL, ""},
		 SEND_RETRY,
		 0,
		 "",
		 true},
		/* it cannot be followed */
		{{"220 hi", "250 hi", "250 ok", "250 ok", "250 go", ""},
		 SEND_RETRY,
		 0,
		 "",
		 true},
		{{"220 hi", "250 hi", "ok", "", "", ""},
		 SEND_RETRY,
		 0,
		 "",
		 true},
		/* a farewell in the middle */
		{{"220 hi", "250 hi", "250 ok", "421 4.3.2 bye", "", ""},
		 SEND_RETRY,
		 421,
		 "4.3.2",
		 false},
		{{"220 hi", "250 hi", "250 ok", "250 ok", "354 go",
		  "421 4.3.2 bye"},
		 SEND_RETRY,
		 421,
		 "4.3.2",
		 false},
		/* gone after the final dot: it may have arrived */
		{{"220 hi", "250 hi", "250 ok", "250 ok", "354 go", NULL},
		 SEND_RETRY,
		 354,
		 "",
		 true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_expected(i, &cases[i], cases[i].script);
		assert_expected(i, &cases[i], with_pipelining(cases[i].script));
	}
}

static void test_after_refusal(void **state)
{
	static const struct script refusing = {
		"220 hi", "250 hi", "250 ok", "550 5.1.1 no", "", "",
	};
	struct mail_server server = mail_server_start(&arena, &refusing);

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct send_result result = mail_server_send(&server);

		assert_int_equal(result.outcome, SEND_BAD_ADDRESS);
		assert_string_equal(result.status, "5.1.1");
	}
	(void)mail_server_stop(&arena, &server);
}

/* Each is over before any other began to be waited for. */
static void test_many_at_once(void **state)
{
	struct mail_server server = mail_server_start(&arena, &friendly);
	const struct send_message m = mail_server_message();
	char tickets[CHANNEL_MOST] = {0};
	struct send_result result;
	char *ticket;

	(void)state;
	server.channel->most = CHANNEL_MOST;
	for (int i = 0; i < CHANNEL_MOST; i++)
		server.channel->kind->begin(server.channel, &m, &tickets[i]);
	for (int i = 0; i < CHANNEL_MOST;) {
		ticket = server.channel->kind->finish(server.channel, 1000,
						      &result);
		if (!ticket)
			continue;
		assert_int_equal(result.outcome, SEND_ACCEPTED);
		assert_int_equal(++*ticket, 1);
		i++;
	}
	assert_null(server.channel->kind->finish(server.channel, 0, &result));
	(void)mail_server_stop(&arena, &server);
}

static void test_abandoned(void **state)
{
	static const struct script silent = {
		"220 hi", "250 hi", "250 ok", "250 ok", "354 go", "",
	};
	struct mail_server server = mail_server_start(&arena, &silent);
	const struct send_message m = mail_server_message();
	struct send_result result;
	char one;

	(void)state;
	server.channel->kind->begin(server.channel, &m, &one);
	for (int i = 0; i < 20; i++)
		assert_null(server.channel->kind->finish(server.channel, 20,
							 &result));
	server.channel->kind->abandon(server.channel);
	assert_ptr_equal(
		server.channel->kind->finish(server.channel, 0, &result), &one);
	assert_int_equal(result.outcome, SEND_RETRY);
	assert_false(result.channel_fault);
	assert_string_equal(result.why, "no reply after the message");
	(void)mail_server_stop(&arena, &server);
}

/* The message of one that is cut off early is not ended by its dot. */
static void test_abandoned_early(void **state)
{
	static const struct script silent = {
		"220 hi", "250 hi", "250 ok", "", "", "",
	};
	struct mail_server server = mail_server_start(&arena, &silent);
	const struct send_message m = mail_server_message();
	struct send_result result;
	struct str heard;
	char one;

	(void)state;
	server.channel->kind->begin(server.channel, &m, &one);
	for (int i = 0; i < 20; i++)
		assert_null(server.channel->kind->finish(server.channel, 20,
							 &result));
	server.channel->kind->abandon(server.channel);
	assert_ptr_equal(
		server.channel->kind->finish(server.channel, 0, &result), &one);
	assert_string_equal(result.why, "told to stop");
	heard = mail_server_stop(&arena, &server);
	assert_true(str_find_str(heard, STR("RCPT TO")) > 0);
	assert_true(str_find_str(heard, STR("\r\n.\r\n")) < 0);
}

static void test_too_slow(void **state)
{
	static const struct script slow = {
		"220-", "", "", "", "", "",
	};
	struct mail_server server = mail_server_start(&arena, &slow);
	struct send_result result;

	(void)state;
	server.channel->limit_ms = 300;
	result = mail_server_send(&server);
	(void)mail_server_stop(&arena, &server);
	assert_int_equal(result.outcome, SEND_RETRY);
	assert_true(result.channel_fault);
	assert_string_equal(result.why, "time out");
}

static void test_nobody_listens(void **state)
{
	struct mail_server server = mail_server_start(&arena, &friendly);
	struct channel *channel = smtp_open(&arena, server.url);
	const struct send_message m = mail_server_message();
	struct send_result result;

	(void)state;
	(void)mail_server_stop(&arena, &server);
	result = channel_send(channel, &m);
	channel->kind->close(channel);
	assert_int_equal(result.outcome, SEND_RETRY);
	assert_true(result.channel_fault);
	assert_int_equal(result.reply_code, 0);
}

static void test_injection(void **state)
{
	static const char *const bad[] = {
		"a@b>\r\nRCPT TO:<victim@example.org",
		"a@b\n",
		"a@b\r",
		"",
		"a@b> <c@d",
		"a b@c",
		"@",
		"a@b,c@d",
		"\"a\"@b",
	};
	struct mail_server server = mail_server_start(&arena, &friendly);
	struct str heard;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct send_message m = mail_server_message();
		struct send_result result;

		m.to = str_of(bad[i]);
		result = channel_send(server.channel, &m);
		assert_int_equal(result.outcome, SEND_BAD_RECIPIENT);
		m = mail_server_message();
		m.from = str_of(bad[i]);
		result = channel_send(server.channel, &m);
		assert_int_equal(result.outcome, SEND_OURS);
	}
	heard = mail_server_stop(&arena, &server);
	assert_int_equal(heard.n, 0);
}

static void test_null_channel(void **state)
{
	struct channel *channel = null_open(&arena);
	const struct send_message m = mail_server_message();

	(void)state;
	assert_int_equal(channel_send(channel, &m).outcome, SEND_ACCEPTED);
	channel->kind->close(channel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-F3 a message is handed over by SMTP, dots doubled",
		 test_accepted, set_up, tear_down, NULL},
		{"R-F3 the connection is kept between messages", test_reused,
		 set_up, tear_down, NULL},
		{"R-F1 nobody waits for a server to answer QUIT",
		 test_quit_unanswered, set_up, tear_down, NULL},
		{"R-F1 nor after a refusal", test_quit_after_refusal, set_up,
		 tear_down, NULL},
		{"R-F2 each reply has its outcome", test_outcomes, set_up,
		 tear_down, NULL},
		{"R-F2 a refusal does not spoil the next message",
		 test_after_refusal, set_up, tear_down, NULL},
		{"R-F1 several are under way at once, each with its ticket",
		 test_many_at_once, set_up, tear_down, NULL},
		{"R-F1 what is cut off is over, and no fault of the channel",
		 test_abandoned, set_up, tear_down, NULL},
		{"R-F1 what is cut off before its end is not ended",
		 test_abandoned_early, set_up, tear_down, NULL},
		{"R-F2 a server that takes too long is given up", test_too_slow,
		 set_up, tear_down, NULL},
		{"R-F2 nobody listening is a matter of later",
		 test_nobody_listens, set_up, tear_down, NULL},
		{"R-F4 an address that is more than one never reaches the "
		 "wire",
		 test_injection, set_up, tear_down, NULL},
		{"R-F3 the null channel accepts all", test_null_channel, set_up,
		 tear_down, NULL},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
