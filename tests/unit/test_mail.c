/*
 * Mails as bytes: what may stand in a header, line lengths, sameness, and
 * that nothing a person typed can become a header.  With MAIL_SAMPLES=FOLDER
 * it leaves its mails there, for another parser to read.  Prints TAP.
 */
#include "send/encode.h"
#include "send/mail.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define TEST_MEMORY ((size_t)64 << 20)
#define LINE_MAX 76

static struct arena arena;

/* Names that people have, and some that nobody has. */
static const char *const names[] = {
	"Ada Lovelace",
	"Zoë Müller-Lüdenscheidt",
	"Łukasz Żółć",
	"Þórdís Ýr Ævarsdóttir",
	"Νεφέλη Παπαδοπούλου",
	"Анна Ковальчук",
	"Ђорђе Петровић",
	"ليلى حداد",
	"נועה לוי",
	"فرهاد کریمی",
	"प्रिया शर्मा",
	"অনন্যা দাস",
	"கவிதா ராமன்",
	"ณัฐพงศ์ ใจดี",
	"ສົມສັກ",
	"王小明",
	"佐藤 さくら",
	"김서연",
	"ანა ბერიძე",
	"Անի Սարգսյան",
	"አበበ ቢቂላ",
	"ᓄᓇᕗᑦ ᐃᓄᒃ",
	"Nguyễn Thị Ánh",
	"👩🏽‍🚀 Mae 🇧🇷",
	"e\xcc\x81 combining",
	"Mary-Jane O'Neil, PhD",
	"Quote \" and \\ back",
	"Robert (Bob) <Builder>",
	"=?UTF-8?B?SGk=?=",
	"two  blanks",
	"name@in.the.name",
	".",
	"Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamten"
	"gesellschaftsvorsitzendenstellvertreterinnenversammlungsprotokoll",
	"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopq"
	"rstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
	"これは空白のないとても長い名前です。これは空白のないとても長い名前です"
	"。"
	"これは空白のないとても長い名前です。これは空白のないとても長い名前です"
	"。",
};

#define NAMES (sizeof(names) / sizeof(names[0]))

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena, TEST_MEMORY);
	assert_true(secret_init());
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static struct mail sample(const char *name)
{
	return (struct mail){
		.date = STR("Fri, 20 Nov 2026 13:05:00 +0000"),
		.id = STR("abcDEF-_0123456789xyz012"),
		.from_name = str_of(name),
		.from = STR("rollcall@example.org"),
		.to_name = str_of(name),
		.to = STR("someone@example.org"),
		.subject = str_printf(&arena, "Were you at %s?", name),
		.text = str_printf(&arena,
				   "Hello %s,\n\n.a dot\nFrom here\n"
				   "a blank at the end \n-- \n%s\n",
				   name, name),
		.html = str_printf(&arena, "<p>Hello %s</p>\n", name),
		.stop_url = STR("https://rollcall.example/u/TOKEN"),
	};
}

static struct str write(const struct mail *mail)
{
	const char *why = NULL;
	struct str bytes = mail_write(&arena, mail, &why);

	if (str_is_absent(bytes))
		fail_msg("refused: %s", why);
	assert_null(why);
	return bytes;
}

static void assert_refused(const struct mail *mail, const char *expected)
{
	const char *why = NULL;

	assert_true(str_is_absent(mail_write(&arena, mail, &why)));
	assert_string_equal(why, expected);
}

/* --- a reader of what was written, by another hand -------------------------
 */

static int digit64(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *p = c ? strchr(digits, c) : NULL;

	return p ? (int)(p - digits) : -1;
}

static struct str read_base64(struct str s)
{
	struct buf out = buf_init(&arena, s.n + 1);
	unsigned bits = 0;
	int count = 0;

	for (ptrdiff_t i = 0; i < s.n; i++) {
		int digit = digit64(s.p[i]);

		if (digit < 0)
			continue;
		bits = bits << 6 | (unsigned)digit;
		count += 6;
		if (count >= 8) {
			count -= 8;
			buf_add_byte(&out, (char)(bits >> count & 255));
		}
	}
	return buf_str(&out);
}

static int hex(char c)
{
	return c <= '9' ? c - '0' : c - 'A' + 10;
}

static struct str read_quoted(struct str s)
{
	struct buf out = buf_init(&arena, s.n + 1);

	for (ptrdiff_t i = 0; i < s.n; i++) {
		if (s.p[i] != '=') {
			buf_add_byte(&out, s.p[i]);
			continue;
		}
		if (s.p[i + 1] != '\r')
			buf_add_byte(&out, (char)(hex(s.p[i + 1]) * 16 +
						  hex(s.p[i + 2])));
		i += 2;
	}
	return buf_str(&out);
}

/* A header's value, unfolded; absent when there is none. */
static struct str find_header(struct str mail, const char *name)
{
	struct str key = str_printf(&arena, "\r\n%s:", name);
	ptrdiff_t at = str_find_str(mail, key);
	struct buf out = buf_init(&arena, 256);

	if (at < 0)
		return STR_ABSENT;
	for (ptrdiff_t i = at + key.n; i < mail.n; i++) {
		if (mail.p[i] == '\r' && i + 2 < mail.n &&
		    mail.p[i + 2] != ' ' && mail.p[i + 2] != '\t')
			break;
		if (mail.p[i] != '\r' && mail.p[i] != '\n')
			buf_add_byte(&out, mail.p[i]);
	}
	return str_trim(buf_str(&out));
}

/* A header's text: encoded words read, blanks between two of them dropped. */
static struct str read_words(struct str s)
{
	const struct str begin = STR("=?UTF-8?B?");
	struct buf out = buf_init(&arena, s.n + 1);

	while (s.n > 0) {
		ptrdiff_t end = str_find_str(str_from(s, begin.n), STR("?="));

		if (str_starts(s, begin) && end >= 0) {
			buf_add(&out, read_base64(str_first(
					      str_from(s, begin.n), end)));
			s = str_from(s, begin.n + end + 2);
			if (str_starts(str_trim(s), begin))
				s = str_trim(s);
			continue;
		}
		buf_add_byte(&out, s.p[0]);
		s = str_from(s, 1);
	}
	return buf_str(&out);
}

/* --- tests ------------------------------------------------------------------
 */

static void keep_sample(size_t i, struct str bytes, const struct mail *mail)
{
	const char *folder = getenv("MAIL_SAMPLES");
	const struct {
		const char *end;
		struct str text;
	} files[] = {
		{"eml", bytes},
		{"name", mail->to_name},
		{"subject", mail->subject},
		{"text", mail->text},
		{"html", mail->html},
	};

	for (size_t f = 0; folder && f < sizeof(files) / sizeof(files[0]);
	     f++) {
		struct str path = str_printf(&arena, "%s/%02zu.%s", folder, i,
					     files[f].end);
		FILE *file = fopen(str_z(&arena, path), "wb");

		assert_non_null(file);
		fwrite(files[f].text.p, 1, (size_t)files[f].text.n, file);
		assert_int_equal(fclose(file), 0);
	}
}

static void assert_lines(struct str bytes)
{
	while (bytes.n > 0) {
		struct str line = str_cut(bytes, '\n', &bytes);

		assert_true(str_ends(line, STR("\r")));
		assert_true(line.n - 1 <= LINE_MAX);
		for (ptrdiff_t i = 0; i < line.n - 1; i++)
			assert_in_range((unsigned char)line.p[i], 9, 126);
		assert_int_equal(str_find(str_first(line, line.n - 1), '\r'),
				 -1);
	}
}

static void test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < NAMES; i++) {
		struct mail mail = sample(names[i]);
		struct str bytes = write(&mail);

		keep_sample(i, bytes, &mail);
		assert_lines(bytes);
		assert_true(bytes.n <= MAIL_BYTES_MAX);
	}
}

static void test_subject(void **state)
{
	(void)state;
	for (size_t i = 0; i < NAMES; i++) {
		struct mail mail = sample(names[i]);
		struct str subject =
			read_words(find_header(write(&mail), "Subject"));

		assert_string_equal(str_z(&arena, subject),
				    str_z(&arena, mail.subject));
	}
}

static void test_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < NAMES; i++) {
		struct mail mail = sample(names[i]);
		struct str to = find_header(write(&mail), "To");
		struct str name;

		assert_true(str_ends(to, STR(" <someone@example.org>")));
		name = read_words(
			str_first(to, str_find_str(to, STR(" <some"))));
		if (name.p[0] == '"')
			continue; /* the other parser unquotes it */
		assert_string_equal(str_z(&arena, name), names[i]);
	}
}

static void test_whole_characters(void **state)
{
	(void)state;
	for (size_t i = 0; i < NAMES; i++) {
		struct mail mail = sample(names[i]);
		struct str s = find_header(write(&mail), "Subject");
		ptrdiff_t at;

		while ((at = str_find_str(s, STR("=?UTF-8?B?"))) >= 0) {
			struct str rest = str_from(s, at + 10);
			ptrdiff_t end = str_find(rest, '?');

			assert_true(
				str_is_utf8(read_base64(str_first(rest, end))));
			s = str_from(rest, end);
		}
	}
}

static struct str read_part(struct str bytes, const char *type)
{
	struct str key = str_printf(&arena, "Content-Type: text/%s;", type);
	struct str part = str_from(bytes, str_find_str(bytes, key));
	struct str body;
	bool base64 = str_find_str(str_first(part, 120), STR("base64")) > 0;

	part = str_first(part, str_find_str(part, STR("\r\n--=_")));
	body = str_from(part, str_find_str(part, STR("\r\n\r\n")) + 4);
	return base64 ? read_base64(body) : read_quoted(body);
}

static struct str with_crlf(struct str s)
{
	struct buf out = buf_init(&arena, s.n * 2);

	for (ptrdiff_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\n')
			buf_add_byte(&out, '\r');
		buf_add_byte(&out, s.p[i]);
	}
	return buf_str(&out);
}

static void test_parts(void **state)
{
	(void)state;
	for (size_t i = 0; i < NAMES; i++) {
		struct mail mail = sample(names[i]);
		struct str bytes = write(&mail);
		ptrdiff_t plain = str_find_str(bytes, STR("text/plain"));
		ptrdiff_t html = str_find_str(bytes, STR("text/html"));

		assert_true(plain > 0 && plain < html);
		assert_string_equal(str_z(&arena, read_part(bytes, "plain")),
				    str_z(&arena, with_crlf(mail.text)));
		assert_string_equal(str_z(&arena, read_part(bytes, "html")),
				    str_z(&arena, with_crlf(mail.html)));
	}
}

static void test_headers(void **state)
{
	struct mail mail = sample("Ada Lovelace");
	struct str bytes = write(&mail);

	(void)state;
	assert_string_equal(str_z(&arena, find_header(bytes, "To")),
			    "Ada Lovelace <someone@example.org>");
	assert_string_equal(str_z(&arena, find_header(bytes, "Message-ID")),
			    "<abcDEF-_0123456789xyz012@example.org>");
	assert_string_equal(str_z(&arena, find_header(bytes, "Auto-Submitted")),
			    "auto-generated");
	assert_string_equal(
		str_z(&arena, find_header(bytes, "List-Unsubscribe")),
		"<https://rollcall.example/u/TOKEN>");
	assert_string_equal(
		str_z(&arena, find_header(bytes, "List-Unsubscribe-Post")),
		"List-Unsubscribe=One-Click");
	mail.stop_url = STR_ABSENT;
	bytes = write(&mail);
	assert_true(str_is_absent(find_header(bytes, "List-Unsubscribe")));
	assert_true(str_is_absent(find_header(bytes, "List-Unsubscribe-Post")));
	mail.to_name = STR("");
	assert_string_equal(str_z(&arena, find_header(write(&mail), "To")),
			    "<someone@example.org>");
}

static void test_same_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < NAMES; i++) {
		struct mail mail = sample(names[i]);

		assert_true(str_equal(write(&mail), write(&mail)));
	}
}

static void test_id(void **state)
{
	struct secret_keys keys = {.count = 1, .keys = {{.id = 1}}};
	struct secret_keys others = {.count = 1,
				     .keys = {{.id = 1, .bytes = {1}}}};
	struct str id = mail_id(&arena, &keys, STR("prompt-1-2-1-r1"));

	(void)state;
	assert_true(
		str_equal(id, mail_id(&arena, &keys, STR("prompt-1-2-1-r1"))));
	assert_false(
		str_equal(id, mail_id(&arena, &keys, STR("prompt-1-2-1-r2"))));
	assert_false(str_equal(
		id, mail_id(&arena, &others, STR("prompt-1-2-1-r1"))));
	assert_int_equal(str_find_str(id, STR("prompt")), -1);
}

/* Each field that reaches a header, with each thing that must not. */
static void test_injection(void **state)
{
	static const char *const bad[] = {
		"a\r\nBcc: victim@example.org",
		"a\nb",
		"a\rb",
		"a\tb",
		"a\x01"
		"b",
		"a\x7f"
		"b",
		"a\xc2\x85"
		"b",
		"a\xe2\x80\xa8"
		"b",
		"a\xff"
		"b",
		"a\xc0\x80"
		"b",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct mail mail = sample("Ada");

		mail.to_name = str_of(bad[i]);
		assert_refused(&mail, "bad recipient name");
		mail = sample("Ada");
		mail.from_name = str_of(bad[i]);
		assert_refused(&mail, "bad sender name");
		mail = sample("Ada");
		mail.subject = str_of(bad[i]);
		assert_refused(&mail, "bad subject");
		mail = sample("Ada");
		mail.to = str_of(bad[i]);
		assert_refused(&mail, "bad recipient address");
		mail = sample("Ada");
		mail.from = str_of(bad[i]);
		assert_refused(&mail, "bad sender address");
		mail = sample("Ada");
		mail.date = str_of(bad[i]);
		assert_refused(&mail, "bad date");
		mail = sample("Ada");
		mail.id = str_of(bad[i]);
		assert_refused(&mail, "bad message id");
		mail = sample("Ada");
		mail.stop_url = str_of(bad[i]);
		assert_refused(&mail, "bad unsubscribe link");
	}
}

static void test_nul(void **state)
{
	struct mail mail = sample("Ada");

	(void)state;
	mail.date = str_at("Fri\0", 4);
	assert_refused(&mail, "bad date");
	mail = sample("Ada");
	mail.subject = str_at("a\0b", 3);
	assert_refused(&mail, "bad subject");
	mail = sample("Ada");
	mail.to = str_at("a\0@example.org", 14);
	assert_refused(&mail, "bad recipient address");
	mail = sample("Ada");
	mail.text = str_at("a\0b", 3);
	assert_refused(&mail, "bad text part");
}

static void test_missing(void **state)
{
	struct mail mail = sample("Ada");

	(void)state;
	mail.subject = STR("");
	assert_refused(&mail, "bad subject");
	mail = sample("Ada");
	mail.text = STR_ABSENT;
	assert_refused(&mail, "bad text part");
	mail = sample("Ada");
	mail.html = STR_ABSENT;
	assert_refused(&mail, "bad HTML part");
}

static void test_too_large(void **state)
{
	struct mail mail = sample("Ada");
	char *p = arena_get_text(&arena, MAIL_BYTES_MAX);

	(void)state;
	memset(p, 'x', MAIL_BYTES_MAX);
	mail.html = str_at(p, MAIL_BYTES_MAX);
	assert_refused(&mail, "message too large");
	mail.html = str_at(p, MAIL_BYTES_MAX / 2);
	(void)write(&mail);
	mail = sample("Ada");
	mail.subject = str_at(p, MAIL_NAME_MAX + 1);
	assert_refused(&mail, "bad subject");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-F4 every line ends in CRLF and has at most 76 bytes",
		 test_lines, set_up, tear_down, NULL},
		{"R-F4 a subject in any script is read back (RFC 2047)",
		 test_subject, set_up, tear_down, NULL},
		{"R-F4 a name in any script is read back", test_name, set_up,
		 tear_down, NULL},
		{"R-F4 no encoded word splits a character",
		 test_whole_characters, set_up, tear_down, NULL},
		{"R-F4 text comes first, and both parts are read back",
		 test_parts, set_up, tear_down, NULL},
		{"R-F4 headers: id, one-click stop only where there is one",
		 test_headers, set_up, tear_down, NULL},
		{"R-F1 the same mail is the same bytes", test_same_bytes,
		 set_up, tear_down, NULL},
		{"R-F1 Message-ID is a keyed hash of the notification's id",
		 test_id, set_up, tear_down, NULL},
		{"R-F4 no field can become a header", test_injection, set_up,
		 tear_down, NULL},
		{"R-F4 a NUL byte is refused anywhere", test_nul, set_up,
		 tear_down, NULL},
		{"R-F4 a mail without subject or part is refused", test_missing,
		 set_up, tear_down, NULL},
		{"R-F4 a mail over 20 KB is refused", test_too_large, set_up,
		 tear_down, NULL},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
