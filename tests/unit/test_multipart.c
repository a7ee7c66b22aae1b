/*
 * Bodies that carry a file: what browsers send is taken byte by byte, and
 * whatever strays from the standards is refused whole.  Prints TAP.
 */
#include "unit/web_world.h"

#include "web/form.h"
#include "web/multipart.h"

#define TYPE "multipart/form-data; boundary=XyZ"
#define PART "--XyZ\r\nContent-Disposition: form-data; "
#define FILE_PART PART "name=\"calendar\"; filename=\"a.ics\"\r\n"
#define END "\r\n--XyZ--\r\n"

static struct multipart *read_as(const char *type, struct str body)
{
	return multipart_read(&web_arena, str_of(type), body);
}

static struct multipart *read_whole(const char *body)
{
	return read_as(TYPE, str_of(body));
}

static void assert_refused(const char *body)
{
	if (read_whole(body))
		fail_msg("taken:\n%s", body);
}

/* The name of the only part, whose disposition's parameters are given. */
static struct multipart_part part_of(const char *parameters)
{
	struct str body =
		str_printf(&web_arena, PART "%s\r\n\r\nx" END, parameters);
	struct multipart *m = read_as(TYPE, body);

	if (!m)
		fail_msg("refused: %s", parameters);
	assert_int_equal(m->count, 1);
	return m->parts[0];
}

static void takes_what_browsers_send(void **state)
{
	struct multipart *m = read_as(
		"multipart/form-data; boundary=----WebKitFormBoundary7MA4YW",
		STR("------WebKitFormBoundary7MA4YW\r\n"
		    "Content-Disposition: form-data; name=\"csrf\"\r\n\r\n"
		    "tok\r\n"
		    "------WebKitFormBoundary7MA4YW\r\n"
		    "Content-Disposition: form-data; name=\"calendar\"; "
		    "filename=\"K\xc3\xbcste.ics\"\r\n"
		    "Content-Type: text/calendar\r\n\r\n"
		    "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n\r\n"
		    "------WebKitFormBoundary7MA4YW--\r\n"));

	(void)state;
	assert_non_null(m);
	assert_int_equal(m->count, 2);
	assert_str(m->parts[0].name, "csrf");
	assert_str(m->parts[0].filename, NULL);
	assert_str(m->parts[0].bytes, "tok");
	assert_str(m->parts[1].name, "calendar");
	assert_str(m->parts[1].filename, "K\xc3\xbcste.ics");
	assert_str(m->parts[1].bytes, "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n");
}

static void keeps_every_byte(void **state)
{
	const struct str bytes =
		STR("\0\r\n\r\r\n-\r\n--\r\n--Xy\r\nXyZ--\xff\xfe\r");
	struct buf body = buf_init(&web_arena, 256);
	struct multipart *m;

	(void)state;
	buf_add(&body, STR(FILE_PART "\r\n"));
	buf_add(&body, bytes);
	buf_add(&body, STR(END));
	m = read_as(TYPE, buf_str(&body));
	assert_non_null(m);
	assert_true(str_equal(m->parts[0].bytes, bytes));
}

static void takes_empty_parts(void **state)
{
	struct multipart *m = read_whole(FILE_PART "\r\n" END);

	(void)state;
	assert_non_null(m);
	assert_int_equal(m->parts[0].bytes.n, 0);
	/* no file chosen: an empty name, not an absent one */
	m = read_whole(PART "name=\"f\"; filename=\"\"\r\n\r\n" END);
	assert_non_null(m);
	assert_str(m->parts[0].filename, "");
}

static void decodes_names(void **state)
{
	(void)state;
	assert_str(part_of("name=a").name, "a");
	assert_str(part_of("NAME=\"a b;c\"").name, "a b;c");
	assert_refused(PART "name = a\r\n\r\nx" END);
}

static void decodes_file_names(void **state)
{
	(void)state;
	assert_str(part_of("name=f; filename=\"a%22b.ics\"").filename,
		   "a\"b.ics");
	assert_str(part_of("name=f; filename=\"a\\\"b.ics\"").filename,
		   "a\"b.ics");
	assert_str(part_of("name=f; filename=\"C:\\a\\b.ics\"").filename,
		   "C:\\a\\b.ics");
	assert_str(part_of("name=f;filename=\"a%0D%0Ab%41.ics\"").filename,
		   "a  b%41.ics");
	assert_str(part_of("name=f; filename=\"x\"; size=3").filename, "x");
}

static void refuses_bad_boundaries(void **state)
{
	static const char *const types[] = {
		"multipart/form-data",
		"multipart/form-data;",
		"multipart/form-data; boundary",
		"multipart/form-data; boundary=",
		"multipart/form-data; boundary=\"\"",
		"multipart/form-data; boundary=\"XyZ",
		"multipart/form-data; boundary=\"XyZ \"",
		"multipart/form-data; boundary=X\xc3\xbcZ",
		"multipart/form-data; boundary=XyZ; boundary=XyZ",
		"multipart/form-data; boundary=XyZ nonsense",
		"multipart/form-data boundary=XyZ",
		"multipart/mixed; boundary=XyZ",
		"text/plain; boundary=XyZ",
		"",
		NULL,
	};
	const struct str body = STR(FILE_PART "\r\nx" END);

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (read_as(types[i], body))
			fail_msg("taken: %s", types[i] ? types[i] : "none");
	assert_non_null(read_as("Multipart/Form-Data;charset=utf-8; "
				"BOUNDARY=\"XyZ\"",
				body));
	assert_null(read_as("multipart/form-data; boundary="
			    "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee"
			    "ffffffffffggggggggggh",
			    STR("--aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd"
				"eeeeeeeeeeffffffffffggggggggggh--")));
}

static void refuses_what_does_not_end(void **state)
{
	const struct str whole = STR(FILE_PART "\r\nsome bytes\r\n--XyZ--");

	(void)state;
	assert_non_null(read_as(TYPE, whole));
	for (ptrdiff_t n = 0; n < whole.n; n++)
		if (read_as(TYPE, str_first(whole, n)))
			fail_msg("taken when cut after %td bytes", n);
}

static void refuses_what_stands_around(void **state)
{
	(void)state;
	assert_refused("");
	assert_refused("--XyZ--\r\n");
	assert_refused("before\r\n" FILE_PART "\r\nx" END);
	assert_refused("\r\n" FILE_PART "\r\nx" END);
	assert_refused(FILE_PART "\r\nx" END "after");
	assert_refused(FILE_PART "\r\nx" END "\r\n");
	/* padding and look-alikes of the boundary */
	assert_refused(FILE_PART "\r\nx\r\n--XyZ--\t");
	assert_refused(FILE_PART "\r\nx\r\n--XyZ \r\n" FILE_PART "\r\nx" END);
	assert_refused(FILE_PART "\r\nx\r\n--XyZa\r\ny" END);
	/* bare line feeds */
	assert_refused("--XyZ\nContent-Disposition: form-data; name=a\n\nx"
		       "\n--XyZ--\n");
}

static void refuses_bad_headers(void **state)
{
	static const char *const headers[] = {
		"",
		"Content-Type: text/plain\r\n",
		"Content-Disposition: form-data\r\n",
		"Content-Disposition: form-data; name=\"\"\r\n",
		"Content-Disposition: form-data; name\r\n",
		"Content-Disposition: form-data; name=\"a\r\n",
		"Content-Disposition: form-data; name=\"a\" b\r\n",
		"Content-Disposition: form-data; name=a; name=b\r\n",
		"Content-Disposition: form-data; name=a; filename=b; "
		"filename=c\r\n",
		"Content-Disposition: form-data; name=a; "
		"filename*=UTF-8''b\r\n",
		"Content-Disposition: form-data; filename=\"a\"\r\n",
		"Content-Disposition: attachment; name=a\r\n",
		"Content-Disposition: form-data; name=a\r\n"
		"Content-Disposition: form-data; name=a\r\n",
		"Content-Disposition: form-data; name=a\r\n"
		"Content-Transfer-Encoding: base64\r\n",
		"Content-Disposition: form-data; name=a\r\nnonsense\r\n",
		"Content-Disposition: form-data; name=a\r\n: x\r\n",
		"Content-Disposition: form-data;\r\n name=a\r\n",
		"Content-Disposition: form-data; name=\"a\nb\"\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		if (read_as(TYPE, str_printf(&web_arena, "--XyZ\r\n%s\r\nx" END,
					     headers[i])))
			fail_msg("taken: %s", headers[i]);
	assert_null(read_as(TYPE, STR(PART "name=\"a\0b\"\r\n\r\nx" END)));
}

static struct str letters(ptrdiff_t n)
{
	char *p = arena_get_text(&web_arena, (size_t)n + 1);

	memset(p, 'a', (size_t)n);
	p[n] = 0;
	return str_at(p, n);
}

static void bounds_headers_and_names(void **state)
{
	static const struct {
		const char *format;
		int most;
	} cases[] = {
		{PART "name=%.*s\r\n\r\nx" END, 200},
		{PART "name=a; filename=%.*s\r\n\r\nx" END, 1000},
		{PART "name=a\r\nX: %.*s\r\n\r\nx" END, 1959},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (int over = 0; over < 2; over++) {
			struct str s = letters(cases[i].most + over);
			struct buf b = buf_init(&web_arena, 4096);
			const char *at = strstr(cases[i].format, "%.*s");

			buf_add(&b,
				str_at(cases[i].format, at - cases[i].format));
			buf_add(&b, s);
			buf_add(&b, str_of(at + 4));
			if ((read_as(TYPE, buf_str(&b)) != NULL) == over)
				fail_msg("case %zu, over %d", i, over);
		}
}

static void bounds_parts_and_texts(void **state)
{
	struct buf b = buf_init(&web_arena, 1 << 17);
	struct multipart *m;

	(void)state;
	for (int i = 0; i < MULTIPART_PARTS_MAX; i++)
		buf_add(&b, STR(PART "name=a\r\n\r\nx\r\n"));
	m = read_as(TYPE, str_printf(&web_arena, "%.*s--XyZ--",
				     STR_ARG(buf_str(&b))));
	assert_non_null(m);
	assert_int_equal(m->count, MULTIPART_PARTS_MAX);
	buf_add(&b, STR(PART "name=a\r\n\r\nx\r\n--XyZ--"));
	assert_null(read_as(TYPE, buf_str(&b)));
	for (int over = 0; over < 2; over++) {
		b = buf_init(&web_arena, 1 << 17);
		buf_add(&b, STR(PART "name=a\r\n\r\n"));
		buf_add(&b, letters(MULTIPART_TEXT_MAX + over));
		buf_add(&b, STR(END));
		assert_int_equal(read_as(TYPE, buf_str(&b)) != NULL, !over);
	}
}

/* The time for one body must not grow with the square of its size. */
static void large_bodies_take_little_memory(void **state)
{
	struct buf b = buf_init(&web_arena, 11 << 20);
	struct arena small;

	(void)state;
	buf_add(&b, STR(FILE_PART "\r\n"));
	for (int i = 0; i < 1 << 20; i++)
		buf_add(&b, STR("\r\n--XyY\r\n"));
	buf_add(&b, STR(END));
	arena_init(&small, 100000);
	assert_non_null(multipart_read(&small, STR(TYPE), buf_str(&b)));
	arena_release(&small);
}

/* --- forms --- */

static const struct form_field fields[] = {
	{.name = "note", .label = "A note", .required = true, .most = 10},
	{.name = "calendar",
	 .label = "The file",
	 .type = FORM_FILE,
	 .required = true},
	{.name = NULL},
};

static struct form form_of(struct request *rq, const char *body)
{
	struct form form;

	*rq = web_request(METHOD_POST, "/", body);
	rq->parts = read_whole(body);
	assert_non_null(rq->parts);
	(void)form_read(rq, fields, &form);
	return form;
}

static void forms_take_fields_and_files(void **state)
{
	struct request rq;
	struct form form =
		form_of(&rq, PART "name=note\r\n\r\n a%20+b \r\n" FILE_PART
				  "\r\nbytes" END);

	(void)state;
	assert_true(form.ok);
	assert_str(form_get(&form, "note"), "a%20+b");
	assert_str(form_get(&form, "calendar"), "a.ics");
	assert_str(request_file(&rq, STR("calendar"))->bytes, "bytes");
	assert_null(request_file(&rq, STR("note")));
}

static void forms_name_what_is_wrong(void **state)
{
	struct request rq;
	struct form form =
		form_of(&rq, PART "name=note\r\n\r\n\xff\r\n" PART
				  "name=calendar; filename=\"\"\r\n\r\n" END);

	(void)state;
	assert_has(form.errors[0], "A note");
	assert_has(form.errors[1], "choose a file");
	/* a text is no file, and two files are not one */
	form = form_of(&rq, PART "name=calendar\r\n\r\nx" END);
	assert_has(form.errors[1], "The file");
	form = form_of(&rq, FILE_PART "\r\nx\r\n" FILE_PART "\r\ny" END);
	assert_has(form.errors[1], "The file");
	form = form_of(&rq, PART "name=calendar; filename=\"a%0A\x1b\xff\""
				 "\r\n\r\nx" END);
	assert_str(form_get(&form, "calendar"), "a \xef\xbf\xbd\xef\xbf\xbd");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("what browsers send is taken", takes_what_browsers_send),
		TEST("every byte of a file is kept", keeps_every_byte),
		TEST("parts may be empty", takes_empty_parts),
		TEST("names are tokens or quoted", decodes_names),
		TEST("file names are decoded as browsers encode them",
		     decodes_file_names),
		TEST("bad boundaries are refused", refuses_bad_boundaries),
		TEST("a body cut anywhere is refused",
		     refuses_what_does_not_end),
		TEST("nothing may stand around the parts",
		     refuses_what_stands_around),
		TEST("bad headers of a part are refused", refuses_bad_headers),
		TEST("headers and names are bounded", bounds_headers_and_names),
		TEST("parts and texts are bounded", bounds_parts_and_texts),
		TEST("a large file takes no memory of its own",
		     large_bodies_take_little_memory),
		TEST("forms take fields and files of such a body",
		     forms_take_fields_and_files),
		TEST("forms name what is wrong in it",
		     forms_name_what_is_wrong),
	};

	return cmocka_run_group_tests_name("multipart", tests, NULL, NULL);
}
