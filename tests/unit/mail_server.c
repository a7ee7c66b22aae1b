/*
 * A mail server for the tests of the channel.  Must not know what they want.
 */
#include "unit/mail_server.h"

#include "send/smtp.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define HEARD_MAX 8192

struct mood mail_server_mood;

/* NULL hangs up. */
static void say(FILE *out, const char *line)
{
	if (!line)
		_exit(0);
	for (const char *p = line; *p; p++) {
		fputc(*p, out);
		if (mail_server_mood.byte_ms == 0)
			continue;
		fflush(out);
		poll(NULL, 0, mail_server_mood.byte_ms);
	}
	if (*line)
		fputs("\r\n", out);
	fflush(out);
}

static void answer(FILE *out, const char *line, const struct script *script)
{
	if (!strncmp(line, "EHLO", 4) || !strncmp(line, "HELO", 4))
		say(out, script->hello);
	else if (!strncmp(line, "AUTH", 4))
		say(out, "535 5.7.8 who is that");
	else if (!strncmp(line, "STARTTLS", 8))
		say(out, "454 4.7.0 no TLS today");
	else if (!strncmp(line, "RSET", 4))
		say(out, "250 reset");
	else if (!strncmp(line, "MAIL", 4))
		say(out, script->mail);
	else if (!strncmp(line, "RCPT", 4))
		say(out, script->rcpt);
	else if (!strncmp(line, "DATA", 4))
		say(out, script->data);
	else if (!mail_server_mood.ignores_quit)
		say(out, "221 bye");
	else
		alarm(10); /* no more than that */
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
		if (!(data && mail_server_mood.forgets) &&
		    write(heard, line, strlen(line)) < 0)
			_exit(1);
		if (!data) {
			answer(out, line, script);
			data = !strncmp(line, "DATA", 4) &&
			       script->data[0] == '3';
		} else if (!strcmp(line, ".\r\n")) {
			say(out, script->end);
			data = false;
			if (mail_server_mood.later)
				script = mail_server_mood.later;
		}
	}
}

static void serve(int fd, int heard, const struct script *script)
{
	alarm(60); /* a failed test does not stop it */
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		int one = accept(fd, NULL, NULL);

		if (one < 0)
			_exit(0);
		if (fork() == 0) {
			talk(one, heard, script);
			_exit(0);
		}
		close(one);
	}
}

static void must(bool good)
{
	if (!good)
		abort();
}

struct mail_server mail_server_start(struct arena *a,
				     const struct script *script)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t size = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int pipes[2];
	struct mail_server server;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	must(bind(fd, (struct sockaddr *)&at, size) == 0);
	must(listen(fd, 8) == 0);
	must(getsockname(fd, (struct sockaddr *)&at, &size) == 0);
	must(pipe(pipes) == 0);
	server.pid = fork();
	if (server.pid == 0) {
		close(pipes[0]);
		serve(fd, pipes[1], script);
	}
	close(fd);
	close(pipes[1]);
	server.heard = pipes[0];
	server.url = str_printf(a, "smtp://127.0.0.1:%d", ntohs(at.sin_port));
	server.channel = smtp_open(a, server.url);
	must(server.channel != NULL);
	return server;
}

struct str mail_server_stop(struct arena *a, struct mail_server *server)
{
	char *p = arena_get_text(a, HEARD_MAX);
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

struct send_message mail_server_message(void)
{
	return (struct send_message){
		.from = STR("rollcall@example.org"),
		.to = STR("someone@example.org"),
		.bytes = STR("Subject: x\r\n\r\n.dot\r\nbody\r\n"),
	};
}

struct send_result mail_server_send(struct mail_server *server)
{
	const struct send_message m = mail_server_message();

	return channel_send(server->channel, &m);
}
