/*
 * What is posted to a push service, and what its answers say of devices.
 */
#include "send/push.h"

#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define TEST_MEMORY ((size_t)16 << 20)
#define TOKENS "[\"one\", \"two\", \"th\\\"ree\"]"

static struct arena arena;

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena, TEST_MEMORY);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static struct push sample(void)
{
	return (struct push){
		.id = STR("KEY_-1"),
		.notification_id = STR("prompt-1-2-1-r1"),
		.user_id = 2,
		.kind = STR("attendance_prompt"),
		.org_name = STR("The \"Oars\""),
		.title = STR("Were you at Sp\xc3\xa4t?"),
		.body = STR("At 9.\nSo?"),
		.link = STR("https://x.example/r/T"),
		.tokens = STR(TOKENS),
	};
}

static void test_bytes(void **state)
{
	const char *why;
	struct push push = sample();
	struct str bytes = push_write(&arena, &push, &why);

	(void)state;
	assert_true(str_equal(
		bytes,
		STR("Idempotency-Key: KEY_-1\n"
		    "{\"user_id\":2,\"title\":\"Were you at Sp\xc3\xa4t?\","
		    "\"body\":\"At 9.\\nSo?\",\"data\":{\"kind\":"
		    "\"attendance_prompt\",\"organisation\":"
		    "\"The \\\"Oars\\\"\",\"link\":\"https://x.example/r/T\"},"
		    "\"notification_id\":\"prompt-1-2-1-r1\",\"tokens\":" TOKENS
		    "}")));
	assert_true(str_equal(bytes, push_write(&arena, &push, &why)));
	push.link = STR_ABSENT;
	push.org_name = STR_ABSENT;
	bytes = push_write(&arena, &push, &why);
	assert_true(str_find_str(bytes,
				 STR("{\"kind\":\"attendance_prompt\"}")) > 0);
}

static void test_refusals(void **state)
{
	const char *why;
	struct push push = sample();

	(void)state;
	push.title = STR("");
	assert_true(str_is_absent(push_write(&arena, &push, &why)));
	push.title = STR("a\nb");
	assert_true(str_is_absent(push_write(&arena, &push, &why)));
	push = sample();
	push.body = STR("a\x07");
	assert_true(str_is_absent(push_write(&arena, &push, &why)));
}

/* What is gone, by what is answered. */
static const struct {
	enum send_outcome before, after;
	const char *reply;
	const char *gone; /* NULL: nobody */
} answers[] = {
	{SEND_ACCEPTED, SEND_ACCEPTED, "", NULL},
	{SEND_ACCEPTED, SEND_ACCEPTED, "{}", NULL},
	{SEND_ACCEPTED, SEND_ACCEPTED, "<html>{\"gone\": [\"one\"]}", NULL},
	{SEND_ACCEPTED, SEND_ACCEPTED, "[\"one\"]", NULL},
	{SEND_ACCEPTED, SEND_ACCEPTED, "{\"gone\": \"one\"}", NULL},
	{SEND_ACCEPTED, SEND_ACCEPTED, "{\"gone\": [1, null, {}, \"four\"]}",
	 NULL},
	{SEND_ACCEPTED, SEND_ACCEPTED, "{\"gone\": [\"two\", \"two\"]}",
	 "[\"two\"]"},
	{SEND_ACCEPTED, SEND_ACCEPTED, "{\"gone\": [\"th\\\"ree\", \"one\"]}",
	 "[\"one\",\"th\\\"ree\"]"},
	{SEND_ACCEPTED, SEND_BAD_ADDRESS,
	 "{\"gone\": [\"two\", \"th\\u0022ree\", \"one\"]}",
	 "[\"one\",\"two\",\"th\\\"ree\"]"},
	{SEND_BAD_ADDRESS, SEND_BAD_ADDRESS, "", TOKENS},
	{SEND_BAD_ADDRESS, SEND_BAD_ADDRESS, "{\"gone\": {}}", TOKENS},
	{SEND_BAD_ADDRESS, SEND_BAD_ADDRESS, "{\"gone\": [\"one\"]}",
	 "[\"one\"]"},
	{SEND_RETRY, SEND_RETRY, "{\"gone\": [\"one\"]}", "[\"one\"]"},
	{SEND_OURS, SEND_OURS, "", NULL},
};

static void test_gone(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct send_result result = {
			.outcome = answers[i].before,
			.reply = str_of(answers[i].reply),
		};
		struct str gone = push_gone(&arena, STR(TOKENS), &result);

		if (!str_equal(gone, str_of(answers[i].gone)) ||
		    str_is_absent(gone) != !answers[i].gone ||
		    result.outcome != answers[i].after)
			fail_msg("%d %s", answers[i].before, answers[i].reply);
	}
}

static void test_urls(void **state)
{
	static const struct {
		const char *url;
		bool safe;
	} urls[] = {
		{"https://push.example.org/x", true},
		{"https://127.0.0.1/x", true},
		{"http://127.0.0.1:9/x", true},
		{"http://localhost/x", true},
		{"http://push.example.org/x", false},
		{"http://127.0.0.1.example.org/x", false},
		{"http://localhost@push.example.org/x", false},
		{"http://push.example.org/@localhost", false},
		{"ftp://127.0.0.1/x", false},
		{"https:/push", false},
		{"", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
		if (push_url_is_safe(str_of(urls[i].url)) != urls[i].safe)
			fail_msg("%s", urls[i].url);
	assert_null(push_open(&arena, STR("http://push.example.org/x")));
}

/* What was not written by push_write() is not sent. */
static void test_not_a_push(void **state)
{
	static const char *const bytes[] = {
		"",
		"{}",
		"Idempotency-Key: x",
		"X: y\n{}",
		"Idempotency-Key: x\r\nX: y\n{}",
	};
	struct channel *channel = push_open(&arena, STR("http://127.0.0.1:9/"));

	(void)state;
	assert_non_null(channel);
	for (size_t i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++) {
		const struct send_message message = {.bytes = str_of(bytes[i])};
		struct send_result result = channel_send(channel, &message);

		assert_int_equal(result.outcome, SEND_OURS);
		assert_string_equal(result.why, "not a push");
	}
	channel->kind->close(channel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-F3 what is posted", test_bytes, set_up, tear_down, NULL},
		{"R-F3 what is refused", test_refusals, set_up, tear_down,
		 NULL},
		{"R-F3 which devices are gone", test_gone, set_up, tear_down,
		 NULL},
		{"R-G3 no token crosses a network in clear", test_urls, set_up,
		 tear_down, NULL},
		{"R-F3 what is no push is not sent", test_not_a_push, set_up,
		 tear_down, NULL},
	};

	return cmocka_run_group_tests_name("push", tests, NULL, NULL);
}
