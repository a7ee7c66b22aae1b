/*
 * The SMTP channel against a server that answers as it is told: what counts
 * as accepted, refused, our fault, unknown, ours, and that nothing but
 * one address ever reaches the wire.  Prints TAP.
 */
#include "send/smtp.h"

#include "base/clock.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define TEST_MEMORY ((size_t)16 << 20)
#define HEARD_MAX 8192

/* What the server says at each step; NULL: it hangs up there. */
struct script {
	const char *greeting;
	const char *hello;
	const char *mail;
	const char *rcpt;
	const char *data;
	const char *end;
};

static const struct script friendly = {
	"220 hi", "250 hi", "250 ok", "250 ok", "354 go on", "250 taken",
};

static struct arena arena;
static bool answers_quit = true;

struct server {
	pid_t pid;
	int heard; /* all that came in on the wire */
	struct str url;
	struct channel *channel;
};

/* NULL hangs up; an empty line is never said. */
static void say(FILE *out, const char *line)
{
	if (!line)
		_exit(0);
	if (!*line)
		return;
	fprintf(out, "%s\r\n", line);
	fflush(out);
}

/* One connection, as many messages as come. */
static void talk(int fd, int heard, const struct script *script)
{
	FILE *in = fdopen(fd, "r");
	FILE *out = fdopen(dup(fd), "w");
	char line[2048];
	bool data = false;

	say(out, script->greeting);
	while (fgets(line, sizeof(line), in)) {
		if (write(heard, line, strlen(line)) < 0)
			_exit(1);
		if (data && strcmp(line, ".\r\n") != 0)
			continue;
		if (data)
			say(out, script->end);
		else if (!strncmp(line, "EHLO", 4) || !strncmp(line, "HELO", 4))
			say(out, script->hello);
		else if (!strncmp(line, "MAIL", 4))
			say(out, script->mail);
		else if (!strncmp(line, "RCPT", 4))
			say(out, script->rcpt);
		else if (!strncmp(line, "DATA", 4))
			say(out, script->data);
		else if (answers_quit)
			say(out, "221 bye");
		else
			alarm(10); /* no more than that */
		data = (data && strcmp(line, ".\r\n") != 0) ||
		       (!strncmp(line, "DATA", 4) && script->data[0] == '3');
	}
}

static struct server start(const struct script *script)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t size = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int pipes[2];
	struct server server;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, size), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
	assert_int_equal(pipe(pipes), 0);
	server.pid = fork();
	if (server.pid == 0) {
		close(pipes[0]);
		alarm(60); /* a failed test does not stop it */
		for (;;) {
			int one = accept(fd, NULL, NULL);

			if (one < 0)
				_exit(0);
			signal(SIGCHLD, SIG_IGN);
			if (fork() == 0) {
				talk(one, pipes[1], script);
				_exit(0);
			}
			close(one);
		}
	}
	close(fd);
	close(pipes[1]);
	server.heard = pipes[0];
	server.url =
		str_printf(&arena, "smtp://127.0.0.1:%d", ntohs(at.sin_port));
	server.channel = smtp_open(&arena, server.url);
	assert_non_null(server.channel);
	return server;
}

/* Ends the server; returns all it heard. */
static struct str stop(struct server *server)
{
	char *p = arena_get_text(&arena, HEARD_MAX);
	ptrdiff_t n = 0;
	ssize_t got;

	server->channel->kind->close(server->channel);
	kill(server->pid, SIGKILL);
	waitpid(server->pid, NULL, 0);
	while (n < HEARD_MAX &&
	       (got = read(server->heard, p + n, (size_t)(HEARD_MAX - n))) > 0)
		n += got;
	close(server->heard);
	return str_at(p, n);
}

static struct send_message message(void)
{
	return (struct send_message){
		.from = STR("rollcall@example.org"),
		.to = STR("someone@example.org"),
		.bytes = STR("Subject: x\r\n\r\n.dot\r\nbody\r\n"),
	};
}

static struct send_result send_to(struct server *server)
{
	const struct send_message m = message();

	return channel_send(server->channel, &m);
}

static struct send_result send_once(const struct script *script)
{
	struct server server = start(script);
	struct send_result result = send_to(&server);

	(void)stop(&server);
	return result;
}

static int set_up(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	arena_init(&arena, TEST_MEMORY);
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
	struct server server = start(&friendly);
	struct send_result result = send_to(&server);
	struct str heard = stop(&server);

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
	struct server server = start(&friendly);
	struct str rest;
	int hellos = 0;
	ptrdiff_t at;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(send_to(&server).outcome, SEND_ACCEPTED);
	rest = stop(&server);
	while ((at = str_find_str(rest, STR("EHLO"))) >= 0) {
		hellos++;
		rest = str_from(rest, at + 4);
	}
	assert_int_equal(hellos, 1);
}

static void test_quit_unanswered(void **state)
{
	struct server server;
	int64_t before;

	(void)state;
	answers_quit = false;
	server = start(&friendly);
	answers_quit = true;
	assert_int_equal(send_to(&server).outcome, SEND_ACCEPTED);
	before = clock_ms();
	assert_true(str_ends(stop(&server), STR("QUIT\r\n")));
	assert_in_range(clock_ms() - before, 0, 5000);
}

static void test_quit_after_refusal(void **state)
{
	static const struct script refusing = {
		"220 hi", "250 hi", "250 ok", "550 5.1.1 nobody", "", "",
	};
	struct server server;
	int64_t before = clock_ms();

	(void)state;
	answers_quit = false;
	server = start(&refusing);
	answers_quit = true;
	assert_int_equal(send_to(&server).outcome, SEND_BAD_ADDRESS);
	assert_in_range(clock_ms() - before, 0, 5000);
	(void)stop(&server);
}

struct expected {
	struct script script;
	enum send_outcome outcome;
	int reply_code;
	const char *status;
	bool ours;
};

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
		/* gone after the final dot: it may have arrived */
		{{"220 hi", "250 hi", "250 ok", "250 ok", "354 go", NULL},
		 SEND_RETRY,
		 354,
		 "",
		 true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct expected *e = &cases[i];
		struct send_result result = send_once(&e->script);

		if (result.outcome != e->outcome ||
		    result.reply_code != e->reply_code ||
		    result.channel_fault != e->ours ||
		    strcmp(result.status, e->status) != 0)
			fail_msg("case %zu: outcome %d, reply %d, status %s, "
				 "ours %d: %s",
				 i, (int)result.outcome, result.reply_code,
				 result.status, result.channel_fault,
				 result.why);
	}
}

static void test_after_refusal(void **state)
{
	static const struct script refusing = {
		"220 hi", "250 hi", "250 ok", "550 5.1.1 no", "", "",
	};
	struct server server = start(&refusing);

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct send_result result = send_to(&server);

		assert_int_equal(result.outcome, SEND_BAD_ADDRESS);
		assert_string_equal(result.status, "5.1.1");
	}
	(void)stop(&server);
}

/* Each is over before any other began to be waited for. */
static void test_many_at_once(void **state)
{
	struct server server = start(&friendly);
	const struct send_message m = message();
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
	(void)stop(&server);
}

static void test_abandoned(void **state)
{
	static const struct script silent = {
		"220 hi", "250 hi", "250 ok", "250 ok", "354 go", "",
	};
	struct server server = start(&silent);
	const struct send_message m = message();
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
	(void)stop(&server);
}

/* The message of one that is cut off early is not ended by its dot. */
static void test_abandoned_early(void **state)
{
	static const struct script silent = {
		"220 hi", "250 hi", "250 ok", "", "", "",
	};
	struct server server = start(&silent);
	const struct send_message m = message();
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
	heard = stop(&server);
	assert_true(str_find_str(heard, STR("RCPT TO")) > 0);
	assert_true(str_find_str(heard, STR("\r\n.\r\n")) < 0);
}

static void test_too_slow(void **state)
{
	static const struct script slow = {
		"220-", "", "", "", "", "",
	};
	struct server server = start(&slow);
	struct send_result result;

	(void)state;
	server.channel->limit_ms = 300;
	result = send_to(&server);
	(void)stop(&server);
	assert_int_equal(result.outcome, SEND_RETRY);
	assert_true(result.channel_fault);
	assert_string_equal(result.why, "time out");
}

static void test_nobody_listens(void **state)
{
	struct server server = start(&friendly);
	struct channel *channel = smtp_open(&arena, server.url);
	const struct send_message m = message();
	struct send_result result;

	(void)state;
	(void)stop(&server);
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
	struct server server = start(&friendly);
	struct str heard;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct send_message m = message();
		struct send_result result;

		m.to = str_of(bad[i]);
		result = channel_send(server.channel, &m);
		assert_int_equal(result.outcome, SEND_BAD_RECIPIENT);
		m = message();
		m.from = str_of(bad[i]);
		result = channel_send(server.channel, &m);
		assert_int_equal(result.outcome, SEND_OURS);
	}
	heard = stop(&server);
	assert_int_equal(heard.n, 0);
}

static void test_null_channel(void **state)
{
	struct channel *channel = null_open(&arena);
	const struct send_message m = message();

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
