/*
 * Reports of non-delivery as mail servers write them, and what looks like one:
 * the shapes stand in tests/fuzz/corpus/report.  Prints TAP.
 */
#include "base/buf.h"
#include "base/report.h"
#include "send/bounce.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define TEST_MEMORY ((size_t)256 << 20)

static struct arena arena;
static struct secret_keys keys;

static const struct str base = STR_INIT("bounce@rollcall.example");

static int set_up(void **state)
{
	(void)state;
	assert_true(secret_init());
	arena_init(&arena, TEST_MEMORY);
	keys = (struct secret_keys){.count = 2};
	keys.keys[0] = (struct secret_key){.id = 2, .bytes = {2}};
	keys.keys[1] = (struct secret_key){.id = 1, .bytes = {1}};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static struct str load(const char *name)
{
	char path[128];
	char *room = arena_get_text(&arena, 65536);
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), "tests/fuzz/corpus/report/%s", name);
	file = fopen(path, "rb");
	if (!file)
		fail_msg("no %s", path);
	n = fread(room, 1, 65536, file);
	fclose(file);
	return str_at(room, (ptrdiff_t)n);
}

static struct report read(const char *name)
{
	struct report report;

	if (!report_read(&arena, load(name), &report))
		fail_msg("%s is no mail", name);
	return report;
}

static void test_shapes(void **state)
{
	static const struct {
		const char *name;
		enum report_action action;
		const char *status;
		int reply;
		enum send_outcome outcome;
	} shapes[] = {
		{"postfix", REPORT_FAILED, "5.1.1", 550, SEND_BAD_ADDRESS},
		{"postfix_bare", REPORT_FAILED, "", 550, SEND_BAD_RECIPIENT},
		{"exim", REPORT_FAILED, "5.1.1", 550, SEND_BAD_ADDRESS},
		{"exchange", REPORT_FAILED, "5.1.10", 550, SEND_BAD_ADDRESS},
		{"gmail", REPORT_FAILED, "5.1.1", 550, SEND_BAD_ADDRESS},
		{"sendmail_full", REPORT_FAILED, "5.2.2", 552, SEND_RETRY},
		{"cut_off", REPORT_FAILED, "5.1.1", 0, SEND_BAD_ADDRESS},
		/* nothing is known of an address that stood for several */
		{"two_ways", REPORT_FAILED, "", 0, SEND_OURS},
		{"expanded", REPORT_DELIVERED, "", 0, SEND_OURS},
		{"postfix_delayed", REPORT_DELAYED, "", 0, SEND_OURS},
		{"qmail", REPORT_NONE, "", 0, SEND_OURS},
		{"vacation", REPORT_NONE, "", 0, SEND_OURS},
		{"attached", REPORT_NONE, "", 0, SEND_OURS},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		struct report report = read(shapes[i].name);

		print_message("# %s\n", shapes[i].name);
		assert_int_equal(report.action, shapes[i].action);
		assert_string_equal(report.status, shapes[i].status);
		assert_int_equal(report.reply, shapes[i].reply);
		assert_int_equal(bounce_judge(&report), shapes[i].outcome);
	}
}

static void test_whom_it_came_to(void **state)
{
	static const char *const names[] = {
		"postfix", "exim",	    "exchange",	      "gmail",
		"qmail",   "sendmail_full", "postfix_delayed"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct report report = read(names[i]);

		assert_true(report.to_count > 0);
		assert_true(str_equal_nocase(
			report.to[0], STR("bounce+42-0123456789abcdef0123@"
					  "rollcall.example")));
	}
}

static void assert_judged(const char *status, int reply,
			  enum send_outcome outcome)
{
	struct report report = {.action = REPORT_FAILED, .reply = reply};

	snprintf(report.status, sizeof(report.status), "%s", status);
	assert_int_equal(bounce_judge(&report), outcome);
}

static void test_table(void **state)
{
	static const char *const address[] = {"5.1.1", "5.1.2",	 "5.1.3",
					      "5.1.6", "5.1.10", "5.2.1"};
	static const char *const ours[] = {"5.3.4", "5.5.2", "5.6.0", "5.7.1",
					   "5.7.26"};

	(void)state;
	for (size_t i = 0; i < 6; i++)
		assert_judged(address[i], 550, SEND_BAD_ADDRESS);
	for (size_t i = 0; i < 5; i++)
		assert_judged(ours[i], 550, SEND_OURS);
	assert_judged("5.1.0", 550, SEND_RETRY);
	assert_judged("5.2.2", 552, SEND_RETRY);
	assert_judged("5.4.4", 0, SEND_RETRY);
	assert_judged("4.4.7", 0, SEND_RETRY);
	assert_judged("4.1.1", 550, SEND_RETRY);
	assert_judged("", 550, SEND_BAD_RECIPIENT);
	assert_judged("", 551, SEND_BAD_RECIPIENT);
	assert_judged("", 553, SEND_BAD_RECIPIENT);
	assert_judged("", 554, SEND_OURS);
	assert_judged("", 451, SEND_RETRY);
	assert_judged("", 0, SEND_OURS);
}

static void test_no_mail(void **state)
{
	struct report report;

	(void)state;
	assert_false(report_read(&arena, STR(""), &report));
	assert_false(report_read(&arena, STR("\r\n\r\n"), &report));
	assert_false(report_read(&arena, STR("hello\nthere\n"), &report));
	assert_false(report_read(&arena, str_at("\0\0\0", 3), &report));
	assert_true(report_read(&arena, STR("Subject: x"), &report));
	assert_int_equal(report.action, REPORT_NONE);
}

/* As deep as is looked, and no deeper. */
static struct report read_nested(int depth)
{
	struct buf out = buf_init(&arena, 4096);
	struct report report;

	for (int i = 0; i < depth; i++)
		buf_printf(&out,
			   "Content-Type: multipart/mixed; boundary=b%d\n\n"
			   "--b%d\n",
			   i, i);
	buf_add(&out, STR("Content-Type: message/delivery-status\n\n"
			  "Action: failed\nStatus: 5.1.1\n"));
	assert_true(report_read(&arena, buf_str(&out), &report));
	return report;
}

static void test_bounds(void **state)
{
	struct buf many = buf_init(&arena, 4096);
	struct report report;

	(void)state;
	report = read_nested(6);
	assert_int_equal(report.action, REPORT_FAILED);
	report = read_nested(60);
	assert_int_equal(report.action, REPORT_NONE);

	for (int i = 0; i < 100; i++)
		buf_printf(&many, "To: a%d@b.example\n", i);
	assert_true(report_read(&arena, buf_str(&many), &report));
	assert_int_equal(report.to_count, REPORT_TO_MAX);

	many = buf_init(&arena, 4 << 20);
	buf_add(&many, STR("Content-Type: multipart/report; boundary=x\n\n"));
	while (many.n < REPORT_BYTES_MAX)
		buf_add(&many, STR("words and more words\n"));
	buf_add(&many, STR("--x\nContent-Type: message/delivery-status\n\n"
			   "Action: failed\n"));
	assert_true(report_read(&arena, buf_str(&many), &report));
	assert_int_equal(report.action, REPORT_NONE);
}

static void test_address(void **state)
{
	struct str made = bounce_address(&arena, &keys, base, 1234567);
	struct secret_keys older = {.count = 1, .keys = {keys.keys[1]}};
	struct secret_keys other = {.count = 1,
				    .keys = {{.id = 3, .bytes = {3}}}};
	struct str upper = str_copy(&arena, made);
	int64_t id = 0;

	(void)state;
	assert_true(str_starts(made, STR("bounce+1234567-")));
	assert_true(str_ends(made, STR("@rollcall.example")));
	assert_true(bounce_address_read(&arena, &keys, base, made, &id));
	assert_int_equal(id, 1234567);

	/* mail servers may change the case */
	for (ptrdiff_t i = 0; i < upper.n; i++)
		if (upper.p[i] >= 'a' && upper.p[i] <= 'z')
			((char *)(uintptr_t)upper.p)[i] -= 32;
	assert_true(bounce_address_read(&arena, &keys, base, upper, &id));

	/* signed by an older key, that is still there; by one that is not */
	made = bounce_address(&arena, &older, base, 7);
	assert_true(bounce_address_read(&arena, &keys, base, made, &id));
	assert_int_equal(id, 7);
	made = bounce_address(&arena, &other, base, 7);
	assert_false(bounce_address_read(&arena, &keys, base, made, &id));
}

static void test_forged(void **state)
{
	struct str made = bounce_address(&arena, &keys, base, 42);
	struct str mac = str_first(str_from(made, 10), 20);
	const struct str forged[] = {
		STR("bounce@rollcall.example"),
		STR("bounce+42@rollcall.example"),
		STR("bounce+42-@rollcall.example"),
		STR("bounce+42-0123456789abcdef0123@rollcall.example"),
		STR(""),
		STR("@"),
		str_printf(&arena, "bounce+43-%.*s@rollcall.example",
			   STR_ARG(mac)),
		str_printf(&arena, "bounce+042-%.*s@rollcall.example",
			   STR_ARG(mac)),
		str_printf(&arena, "bounce+-42-%.*s@rollcall.example",
			   STR_ARG(mac)),
		str_printf(&arena, "bounce+42-%.*s0@rollcall.example",
			   STR_ARG(mac)),
		str_printf(&arena, "bounce+42-%.*s@other.example",
			   STR_ARG(mac)),
		str_printf(&arena, "other+42-%.*s@rollcall.example",
			   STR_ARG(mac)),
		str_printf(&arena, "bounce+42-%.*s", STR_ARG(mac)),
	};
	int64_t id = -1;

	(void)state;
	assert_true(bounce_address_read(&arena, &keys, base, made, &id));
	id = -1;
	for (size_t i = 0; i < sizeof(forged) / sizeof(forged[0]); i++)
		if (bounce_address_read(&arena, &keys, base, forged[i], &id))
			fail_msg("believed: %.*s", STR_ARG(forged[i]));
	assert_int_equal(id, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-F2 reports of Postfix, Exim, Exchange, Gmail, sendmail; "
		 "what is none is none",
		 test_shapes, set_up, tear_down, NULL},
		{"R-F2 the address a report came to is found",
		 test_whom_it_came_to, set_up, tear_down, NULL},
		{"R-F2 a report means what a refusal at once does", test_table,
		 set_up, tear_down, NULL},
		{"R-F2 what has no header is no mail", test_no_mail, set_up,
		 tear_down, NULL},
		{"R-F2 parts in parts, addresses and bytes without end",
		 test_bounds, set_up, tear_down, NULL},
		{"R-F2 an envelope sender tells its message, under any key",
		 test_address, set_up, tear_down, NULL},
		{"R-F2 no other address does", test_forged, set_up, tear_down,
		 NULL},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
