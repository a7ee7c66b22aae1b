/*
 * What each SMTP refusal means: R-F2, line by line.  Prints TAP.
 */
#include "send/refusal.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct expected {
	enum smtp_step step;
	int reply;
	const char *status;
	enum send_outcome outcome;
};

static void check(const struct expected *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct expected *e = &cases[i];
		enum send_outcome got =
			refusal_judge(e->step, e->reply, e->status);

		if (got != e->outcome)
			fail_msg("step %d, %d %s: %s, not %s", (int)e->step,
				 e->reply, e->status, send_outcome_name(got),
				 send_outcome_name(e->outcome));
	}
}

#define CHECK(cases) check(cases, sizeof(cases) / sizeof(cases[0]))

static void test_address(void **state)
{
	static const struct expected cases[] = {
		{STEP_RCPT, 550, "5.1.1", SEND_BAD_ADDRESS},
		{STEP_RCPT, 553, "5.1.2", SEND_BAD_ADDRESS},
		{STEP_RCPT, 501, "5.1.3", SEND_BAD_ADDRESS},
		{STEP_RCPT, 551, "5.1.6", SEND_BAD_ADDRESS},
		{STEP_RCPT, 556, "5.1.10", SEND_BAD_ADDRESS},
		{STEP_RCPT, 550, "5.2.1", SEND_BAD_ADDRESS},
		{STEP_DATA, 554, "5.1.1", SEND_BAD_ADDRESS},
	};

	(void)state;
	CHECK(cases);
}

static void test_not_address(void **state)
{
	static const struct expected cases[] = {
		{STEP_RCPT, 550, "5.1.0", SEND_RETRY},
		{STEP_RCPT, 550, "5.1.11", SEND_RETRY},
		{STEP_RCPT, 550, "5.1.100", SEND_RETRY},
		{STEP_RCPT, 550, "5.2.0", SEND_RETRY},
		{STEP_RCPT, 550, "5.2.10", SEND_RETRY},
		{STEP_RCPT, 550, "5.4.1", SEND_RETRY},
		{STEP_MAIL, 550, "5.1.1", SEND_OURS},
	};

	(void)state;
	CHECK(cases);
}

static void test_retry(void **state)
{
	(void)state;
	for (int step = STEP_CONNECT; step <= STEP_DATA; step++)
		for (int reply = 400; reply < 500; reply++)
			assert_int_equal(refusal_judge((enum smtp_step)step,
						       reply, "4.1.1"),
					 SEND_RETRY);
	assert_int_equal(refusal_judge(STEP_RCPT, 552, "5.2.2"), SEND_RETRY);
	assert_int_equal(refusal_judge(STEP_DATA, 552, "5.2.2"), SEND_RETRY);
	assert_int_equal(refusal_judge(STEP_RCPT, 552, ""), SEND_RETRY);
	assert_int_equal(refusal_judge(STEP_DATA, 354, ""), SEND_RETRY);
	assert_int_equal(refusal_judge(STEP_CONNECT, 0, ""), SEND_RETRY);
}

static void test_recipient(void **state)
{
	static const struct expected cases[] = {
		{STEP_RCPT, 550, "", SEND_BAD_RECIPIENT},
		{STEP_RCPT, 551, "", SEND_BAD_RECIPIENT},
		{STEP_RCPT, 553, "", SEND_BAD_RECIPIENT},
		{STEP_DATA, 550, "", SEND_BAD_RECIPIENT},
	};

	(void)state;
	CHECK(cases);
}

static void test_ours(void **state)
{
	static const char *const statuses[] = {
		"5.3.0", "5.3.4", "5.5.0", "5.5.2",  "5.6.0",
		"5.6.7", "5.7.0", "5.7.1", "5.7.26", "5.0.0",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		for (int step = STEP_CONNECT; step <= STEP_DATA; step++)
			for (int reply = 500; reply < 560; reply++)
				assert_int_equal(
					refusal_judge((enum smtp_step)step,
						      reply, statuses[i]),
					SEND_OURS);
	for (int step = STEP_CONNECT; step <= STEP_MAIL; step++)
		for (int reply = 500; reply < 560; reply++)
			assert_int_equal(
				refusal_judge((enum smtp_step)step, reply, ""),
				SEND_OURS);
	assert_int_equal(refusal_judge(STEP_RCPT, 554, ""), SEND_OURS);
	assert_int_equal(refusal_judge(STEP_DATA, 554, ""), SEND_OURS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-F2 six statuses, and no others, suppress", test_address,
		 NULL, NULL, NULL},
		{"R-F2 what only looks like them does not", test_not_address,
		 NULL, NULL, NULL},
		{"R-F2 4xx, 5.2.2 and no reply: tried again", test_retry, NULL,
		 NULL, NULL},
		{"R-F2 a bare 550, 551, 553: this message is dead",
		 test_recipient, NULL, NULL, NULL},
		{"R-F2 the system, the talk, the content, the policy, and all "
		 "before the recipient: ours",
		 test_ours, NULL, NULL, NULL},
	};

	return cmocka_run_group_tests_name("R-F2 classes", tests, NULL, NULL);
}
