/*
 * Pushes the same message for so many seconds, as the sweep's channel does,
 * without the queue.  Prints how many were taken a second.
 *
 *   bench_push URL SECONDS FILE    (FILE: what push_write() would give)
 *   bench_push write               prints such a message
 */
#include "base/clock.h"
#include "send/push.h"

#include <stdlib.h>

#define BENCH_MEMORY ((size_t)32 << 20)
#define MESSAGE_MAX 4096
#define LOOK_MS 1000

static int write_sample(struct arena *a)
{
	const char *why;
	const struct push push = {
		.id = STR("mA0bN1cO2dP3eQ4fR5gS6hT7"),
		.notification_id = STR("prompt-1-2-1-r1"),
		.user_id = 2,
		.kind = STR("attendance_prompt"),
		.org_name = STR("Repair café"),
		.title = STR("Were you at Repair evening?"),
		.body = STR("Friday 20 November 2026, 19:00, Repair café. One "
			    "tap answers."),
		.link = STR("https://rollcall.example.org/r/"
			    "AQABAQAAAAAAAAABAAAAAWkgAAAAAAAA"),
		.tokens = STR("[\"d1b2c3d4e5f60718293a4b5c6d7e8f90\"]"),
	};
	struct str bytes = push_write(a, &push, &why);

	fwrite(bytes.p, 1, (size_t)bytes.n, stdout);
	return str_is_absent(bytes);
}

static struct str read_sample(struct arena *a, const char *path)
{
	char *bytes = arena_get(a, MESSAGE_MAX);
	FILE *f = fopen(path, "rb");
	size_t n = f ? fread(bytes, 1, MESSAGE_MAX, f) : 0;

	if (f)
		(void)fclose(f);
	return str_at(bytes, (ptrdiff_t)n);
}

/* How many were taken; -1 when one was not. */
static int64_t push_until(struct channel *channel,
			  const struct send_message *message, int64_t end)
{
	struct send_result result;
	int64_t taken = 0;
	int busy = 0;

	while (clock_ms() < end || busy > 0) {
		for (; busy < channel->most && clock_ms() < end; busy++)
			channel->kind->begin(channel, message, channel);
		if (!channel->kind->finish(channel, LOOK_MS, &result))
			continue;
		busy--;
		if (result.outcome != SEND_ACCEPTED)
			return -1;
		taken++;
	}
	return taken;
}

int main(int argc, char **argv)
{
	struct arena a;
	struct channel *channel;
	int64_t start, taken;

	arena_init(&a, BENCH_MEMORY);
	if (argc == 2)
		return write_sample(&a);
	channel = argc == 4 ? push_open(&a, str_of(argv[1])) : NULL;
	if (!channel)
		return 2;

	const struct send_message message = {.bytes = read_sample(&a, argv[3])};

	start = clock_ms();
	taken = push_until(channel, &message,
			   start + (int64_t)(strtod(argv[2], NULL) * 1000));
	if (taken >= 0)
		printf("%.1f\n",
		       (double)taken * 1000 / (double)(clock_ms() - start));
	channel->kind->close(channel);
	arena_release(&a);
	return taken < 0;
}
