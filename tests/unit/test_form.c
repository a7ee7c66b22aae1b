/*
 * Posted forms: what is refused, what the refusal says, and what is kept of
 * what was typed.  Prints TAP.
 */
#include "unit/web_world.h"

#include "web/form.h"

static const char *const answers[] = {"yes", "no", NULL};
static const struct form_field fields[] = {
	{.name = "name", .label = "Your name", .required = true, .most = 10},
	{.name = "note", .label = "A note", .type = FORM_TEXT, .most = 20},
	{.name = "email", .label = "Your address", .type = FORM_EMAIL},
	{.name = "rating",
	 .label = "Your rating",
	 .type = FORM_NUMBER,
	 .least = 1,
	 .most = 5},
	{.name = "answer",
	 .label = "Your answer",
	 .type = FORM_CHOICE,
	 .choices = answers},
	{.name = NULL},
};

static struct form form_of(const char *body)
{
	struct request rq = web_request(METHOD_POST, "/", body);
	struct form form;
	bool ok = form_read(&rq, fields, &form);

	assert_int_equal(ok, form.ok);
	return form;
}

static struct str error_of(const struct form *form, const char *name)
{
	for (int i = 0; i < form->count; i++)
		if (strcmp(fields[i].name, name) == 0)
			return form->errors[i];
	fail_msg("no field %s", name);
	return STR_ABSENT;
}

/* The body is refused at field, in words that name it; typed is kept. */
static void assert_refused(const char *body, const char *field,
			   const char *label, const char *typed)
{
	const struct form form = form_of(body);

	assert_false(form.ok);
	assert_has(error_of(&form, field), label);
	assert_str(form_get(&form, field), typed);
}

static void takes_a_good_form(void **state)
{
	const struct form form =
		form_of("name=+J%C3%BCrgen+&note=a%0D%0Ab%0Dc&email="
			"a.b%2Bc@example.org&rating=5&answer=no&more=x");

	(void)state;
	assert_true(form.ok);
	assert_str(form_get(&form, "name"), "J\xc3\xbcrgen");
	assert_str(form_get(&form, "note"), "a\nb\nc");
	assert_str(form_get(&form, "email"), "a.b+c@example.org");
	assert_int_equal(form_number(&form, "rating"), 5);
	assert_str(form_get(&form, "answer"), "no");
	for (int i = 0; i < form.count; i++)
		assert_true(str_is_absent(form.errors[i]));
}

static void optional_fields_may_be_missing(void **state)
{
	const struct form form = form_of("name=x&email=&rating=+");

	(void)state;
	assert_true(form.ok);
	assert_str(form_get(&form, "note"), NULL);
	assert_str(form_get(&form, "email"), "");
	assert_int_equal(form_number(&form, "rating"), 0);
}

static void missing_fields_are_named(void **state)
{
	(void)state;
	assert_refused("", "name", "Your name", NULL);
	assert_refused("name=", "name", "Your name", "");
	assert_refused("name=++%09", "name", "Your name", "");
	assert_refused("names=x", "name", "Your name", NULL);
}

static void repeated_fields_are_named(void **state)
{
	(void)state;
	assert_refused("name=x&name=y", "name", "Your name", "x");
	assert_refused("name=x&name=x", "name", "Your name", "x");
	assert_refused("name=x&answer=yes&answer=no", "answer", "Your answer",
		       "yes");
}

static void long_fields_are_named(void **state)
{
	const struct form form = form_of("name=12345678901");

	(void)state;
	assert_refused("name=12345678901", "name", "Your name", "12345678901");
	assert_has(error_of(&form, "name"), "at most 10 ");
	/* counted in characters, not bytes */
	assert_true(form_of("name=%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9"
			    "%C3%A9%C3%A9%C3%A9")
			    .ok);
	assert_refused("name=x&note=123456789012345678901", "note", "A note",
		       "123456789012345678901");
}

static void texts_that_are_none_are_named(void **state)
{
	(void)state;
	/* not UTF-8: a lone byte, an overlong slash, a surrogate */
	assert_refused("name=a%FFb", "name", "Your name",
		       "a\xef\xbf\xbd"
		       "b");
	assert_refused("name=%C0%AF", "name", "Your name",
		       "\xef\xbf\xbd\xef\xbf\xbd");
	assert_refused("name=%ED%A0%80", "name", "Your name",
		       "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	/* NUL would end a text for the database */
	assert_refused("name=a%00b", "name", "Your name",
		       "a\xef\xbf\xbd"
		       "b");
	assert_refused("name=x&note=a%00", "note", "A note", "a\xef\xbf\xbd");
	/* malformed escapes */
	assert_refused("name=50%", "name", "Your name", "50%");
	assert_refused("name=%zz", "name", "Your name", "%zz");
}

static void lines_hold_no_controls(void **state)
{
	(void)state;
	assert_refused("name=a%0D%0ABcc:x", "name", "Your name", "a\r\nBcc:x");
	assert_refused("name=a%1Bb", "name", "Your name",
		       "a\xef\xbf\xbd"
		       "b");
	assert_refused("name=a%E2%80%A8b", "name", "Your name",
		       "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
		       "b");
	assert_refused("name=x&note=a%07", "note", "A note", "a\xef\xbf\xbd");
	assert_true(form_of("name=x&note=a%09b%0Ac").ok);
}

static void blank_text_is_none(void **state)
{
	const struct form form =
		form_of("name=x&note=%0A%0A%0A%0A%0A%0A%0A%0A%0A%0A%0A"
			"%0A%0A%0A%0A%0A+%0D%0A%0D%0A%0D%0A%0D%0A%0D%0A%0D%0A");

	(void)state;
	assert_true(form.ok);
	assert_str(form_get(&form, "note"), "");
}

static void addresses_are_checked(void **state)
{
	static const char *const good[] = {"a@b", "name@example.org",
					   "a.b-c_d%2Be'f@x-y.example.org"};
	static const char *const bad[] = {
		"a",
		"@b",
		"a@",
		"a@b@c",
		"a b@c",
		"a@b c",
		"a@b..c",
		"a@.b",
		"a@b.",
		"a@-b",
		"a@b-",
		"a@b%C3%BCcher.de",
		"j%C3%BCrgen@example.org",
		"a@b_c",
		".a@b",
		"a.@b",
		"a..b@c",
		"a%3Cb%3E@c",
		"a,b@c",
		"a@b,c@d",
		"a%0D%0ARCPT@b",
		"a@[127.0.0.1]",
		("aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff"
		 "ggggg@b")};
	struct form form;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		form = form_of(str_z(
			&web_arena,
			str_printf(&web_arena, "name=x&email=%s", good[i])));
		if (!form.ok)
			fail_msg("refused: %s", good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		form = form_of(str_z(
			&web_arena,
			str_printf(&web_arena, "name=x&email=%s", bad[i])));
		if (form.ok)
			fail_msg("taken: %s", bad[i]);
		assert_has(error_of(&form, "email"), "Your address");
	}
}

static void numbers_are_checked(void **state)
{
	static const char *const bad[] = {
		"0",	"6",  "-1",  "1.5",
		"five", "01", "1e1", "99999999999999999999"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const struct form form = form_of(str_z(
			&web_arena,
			str_printf(&web_arena, "name=x&rating=%s", bad[i])));

		assert_false(form.ok);
		assert_has(error_of(&form, "rating"), "from 1 to 5");
		assert_str(form_get(&form, "rating"), bad[i]);
		assert_int_equal(form_number(&form, "rating"), 0);
	}
}

static void choices_are_checked(void **state)
{
	(void)state;
	assert_refused("name=x&answer=maybe", "answer", "Your answer", "maybe");
	assert_refused("name=x&answer=YES", "answer", "Your answer", "YES");
}

static void errors_keep_the_other_fields(void **state)
{
	const struct form form =
		form_of("note=my+words&email=nobody&answer=yes&name=%00");

	(void)state;
	assert_str(form_get(&form, "note"), "my words");
	assert_str(form_get(&form, "email"), "nobody");
	assert_str(form_get(&form, "answer"), "yes");
	assert_false(str_is_absent(error_of(&form, "email")));
	assert_false(str_is_absent(error_of(&form, "name")));
	assert_true(str_is_absent(error_of(&form, "answer")));
}

static void many_fields_are_bounded(void **state)
{
	struct buf body = buf_init(&web_arena, REQUEST_BODY_MAX);
	struct arena small;
	struct request rq;
	struct form form;

	(void)state;
	for (int i = 0; i < 10000; i++)
		buf_printf(&body, "%c%d&", 'a' + i % 26, i % 1000);
	buf_add(&body, STR("name=x"));
	assert_true(body.n <= REQUEST_BODY_MAX);
	arena_init(&small, 1024 * 1024);
	rq = web_request(METHOD_POST, "/", "");
	rq.arena = &small;
	rq.body = buf_str(&body);
	assert_true(form_read(&rq, fields, &form));
	assert_str(form_get(&form, "name"), "x");
	arena_release(&small);
}

static void refusals_of_functions_are_shown(void **state)
{
	struct form form = form_of("name=x");

	(void)state;
	form_fail(&form, STR("name"), STR("That name is taken."));
	assert_false(form.ok);
	assert_str(error_of(&form, "name"), "That name is taken.");
	form = form_of("name=x");
	form_fail(&form, STR("other"), STR("Nothing of ours."));
	assert_false(form.ok);
}

static struct str shown(const char *source, struct value form)
{
	struct template_set *set = template_set_new(&web_arena);
	struct template_error error;
	const struct value_field context[] = {{"form", form}, {NULL, {0}}};
	struct buf out = buf_init(&web_arena, 256);

	assert_true(template_set_add(set, STR("t"), str_of(source),
				     TEMPLATE_HTML, true, &error));
	template_render(template_find(set, STR("t")), value_object(context),
			&out);
	return buf_str(&out);
}

static void templates_see_the_form(void **state)
{
	struct form form = form_of("name=%3Cb%3E&rating=9&answer=no");
	struct value value = form_value(&web_arena, &form);

	(void)state;
	memset(&form, 0, sizeof(form));
	assert_str(shown("{{form.name}}{{#form.name_error}}!{{/form.name_error}"
			 "}{{#form.answer_is_no}}no{{/form.answer_is_no}}"
			 "{{#form.answer_is_yes}}yes{{/form.answer_is_yes}}",
			 value),
		   "&lt;b&gt;no");
	assert_str(shown("{{#form.failed}}{{#form.errors}}{{field}}/{{label}}: "
			 "{{sentence}};{{/form.errors}}{{/form.failed}}",
			 value),
		   "rating/Your rating: Please give a whole number from 1 to 5 "
		   "for “Your rating”.;");
	assert_str(shown("{{form.rating}}{{form.nothing}}{{form.name_is_no}}"
			 "{{form.email}}",
			 value),
		   "9");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("a good form is taken", takes_a_good_form),
		TEST("optional fields may be missing",
		     optional_fields_may_be_missing),
		TEST("missing fields are named", missing_fields_are_named),
		TEST("repeated fields are named, the first is kept",
		     repeated_fields_are_named),
		TEST("oversized fields are named, what was typed is kept",
		     long_fields_are_named),
		TEST("not UTF-8, NUL and bad escapes are named, and mended",
		     texts_that_are_none_are_named),
		TEST("lines hold no control characters",
		     lines_hold_no_controls),
		TEST("lines without text are no text", blank_text_is_none),
		TEST("addresses are checked", addresses_are_checked),
		TEST("numbers are checked", numbers_are_checked),
		TEST("choices are checked", choices_are_checked),
		TEST("an error keeps what the other fields hold",
		     errors_keep_the_other_fields),
		TEST("10,000 fields take bounded memory",
		     many_fields_are_bounded),
		TEST("what a function refused stands at its field",
		     refusals_of_functions_are_shown),
		TEST("templates see values, errors and choices",
		     templates_see_the_form),
	};

	return cmocka_run_group_tests_name("form", tests, NULL, NULL);
}
