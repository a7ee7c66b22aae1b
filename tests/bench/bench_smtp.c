/*
 * Sends one message again and again, by one connection, as the sweep does.
 *
 *   bench_smtp SMTP_URL COUNT FILE
 *
 * Prints messages a second.
 */
#include "base/arena.h"
#include "send/smtp.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>

static double seconds_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct str read_file(struct arena *a, const char *name)
{
	enum { MOST = 1 << 20 };
	char *bytes = ARENA_ARRAY(a, MOST, char);
	FILE *file = fopen(name, "rb");
	size_t n = 0;

	if (file) {
		n = fread(bytes, 1, MOST, file);
		(void)fclose(file);
	}
	return (struct str){bytes, (ptrdiff_t)n};
}

int main(int argc, char **argv)
{
	struct arena a;
	struct channel *channel;
	struct send_message message = {
		.from = STR("from@example.org"),
		.to = STR("to@example.org"),
	};
	long count, sent = 0;
	double begun;

	if (argc != 4)
		return 64;
	signal(SIGPIPE, SIG_IGN);
	arena_init(&a, (size_t)8 << 20);
	count = strtol(argv[2], NULL, 10);
	message.bytes = read_file(&a, argv[3]);
	channel = smtp_open(&a, str_of(argv[1]));
	if (!channel || message.bytes.n == 0)
		return 1;
	channel->most = 1;
	begun = seconds_now();
	while (sent < count &&
	       channel_send(channel, &message).outcome == SEND_ACCEPTED)
		sent++;
	if (sent == count)
		printf("%.1f\n", (double)count / (seconds_now() - begun));
	channel->kind->close(channel);
	arena_release(&a);
	return sent == count ? 0 : 1;
}
