/*
 * Which mail servers are this machine, and what the others must show.
 */
#include "send/relay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct {
	const char *url;
	bool tls;
	bool certificate;
} cases[] = {
	{"smtp://localhost", false, false},
	{"smtp://localhost:2525", false, false},
	{"smtp://127.0.0.1:25", false, false},
	{"smtp://[::1]:25", false, false},
	{"smtp://me:secret@127.0.0.1:25", false, false},
	{"smtp://mail.example.org", false, true},
	{"smtp://127.example.org", false, true},
	{"smtp://localhost.example.org", false, true},
	{"smtp://me:secret@mail.example.org:587", true, true},
	{"smtp://me:secret@127.example.org", true, true},
	{"smtp://me:a@127.0.0.1@mail.example.org", true, true},
	{"smtps://localhost", true, true},
	{"smtps://me:secret@mail.example.org", true, true},
	{"https://push.example.org/x", false, true},
	{"https://127.0.0.1:8443/x", false, true},
	{"http://127.0.0.1:8080/x", false, false},
	{"http://127.0.0.1/x", false, false},
	{"http://localhost/x", false, false},
	{"http://localhost?x", false, false},
	{"http://push.example.org/x@localhost", true, true},
	{"http://push.example.org?@localhost", true, true},
	{"http://push.example.org#@localhost", true, true},
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str url = str_of(cases[i].url);

		if (relay_needs_tls(url) != cases[i].tls ||
		    relay_needs_certificate(url) != cases[i].certificate)
			fail_msg("%s", cases[i].url);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-F2 a password goes to this machine only, or by TLS",
		 test_cases, NULL, NULL, NULL},
	};

	return cmocka_run_group_tests_name("relay", tests, NULL, NULL);
}
