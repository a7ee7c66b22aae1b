/*
 * The template engine beyond the public spec: what is false, escaping,
 * bounds, names.  Result rows are the real ones over a made-up result.
 * Prints TAP.
 */
#include "unit/text.h"
#include "view/html.h"
#include "view/json_value.h"
#include "view/mustache.h"
#include "view/rows.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define TEST_MEMORY ((size_t)256 << 20)

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

static struct template_set *add(struct template_set *set, const char *name,
				const char *source)
{
	struct template_error error = {0};

	if (!template_set_add(set, str_of(name), str_of(source), TEMPLATE_HTML,
			      false, &error))
		fail_msg("%s:%d:%d: %.*s", name, error.line, error.column,
			 STR_ARG(error.what));
	return set;
}

static struct str render_set(struct template_set *set, struct value context)
{
	struct buf out = buf_init(&arena, 16);

	template_render(template_find(set, STR("main")), context, &out);
	return buf_str(&out);
}

static struct str render(const char *source, struct value context)
{
	return render_set(add(template_set_new(&arena), "main", source),
			  context);
}

static struct value json(const char *text)
{
	return json_value_read(&arena, str_of(text));
}

/* A result of one row, in the place of data/db.c. */
struct rows {
	const char *name[6];
	const char *field[6]; /* NULL is SQL NULL */
};

static const struct rows result = {
	{"absent", "empty", "zero", "f", "t", "tree"},
	{NULL, "", "0", "f", "t", "{\"list\": [1, \"<\"]}"},
};

ptrdiff_t rows_count(const struct rows *rows)
{
	return rows ? 1 : 0;
}

int rows_column(const struct rows *rows, struct str name)
{
	for (int i = 0; i < 6; i++)
		if (str_equal(name, str_of(rows->name[i])))
			return i;
	return -1;
}

bool rows_is_bool(const struct rows *rows, int column)
{
	return rows == &result && (column == 3 || column == 4);
}

bool rows_is_json(const struct rows *rows, int column)
{
	return rows == &result && column == 5;
}

struct str rows_get(const struct rows *rows, ptrdiff_t row, int column)
{
	return row == 0 ? str_of(rows->field[column]) : STR_ABSENT;
}

static void false_fields(void **state)
{
	(void)state;
	for (int i = 0; i < 6; i++) {
		const char *name = result.name[i];
		struct str source = str_printf(
			&arena, "{{#%s}}true{{/%s}}{{^%s}}false{{/%s}}", name,
			name, name, name);

		assert_str(render(str_z(&arena, source), row_value(&result, 0)),
			   i == 2 || i >= 4 ? "true" : "false");
		assert_str(render(str_z(&arena, source), row_value(&result, 1)),
			   "false");
	}
}

static void rows_are_shown(void **state)
{
	const struct value_field fields[] = {
		{"all", rows_value(&result)},
		{"none", rows_value(NULL)},
		{"first", row_value(&result, 0)},
		{NULL, {0}},
	};

	(void)state;
	assert_str(render("{{#all}}{{absent}}{{empty}}{{zero}}{{f}}{{t}}"
			  "{{#tree.list}}{{.}}{{/tree.list}}{{tree}}{{/all}}"
			  "{{#none}}x{{/none}}{{^none}}none{{/none}}"
			  "{{first.zero}}",
			  value_object(fields)),
		   "0falsetrue1&lt;none0");
}

static void false_json(void **state)
{
	static const char source[] = "{{#x}}true{{/x}}{{^x}}false{{/x}}";

	(void)state;
	assert_str(render(source, json("{}")), "false");
	assert_str(render(source, json("{\"x\":null}")), "false");
	assert_str(render(source, json("{\"x\":false}")), "false");
	assert_str(render(source, json("{\"x\":\"\"}")), "false");
	assert_str(render(source, json("{\"x\":[]}")), "false");
	assert_str(render(source, json("{\"x\":0}")), "true");
	assert_str(render(source, json("{\"x\":\"0\"}")), "true");
	assert_str(render(source, json("{\"x\":{}}")), "true");
	assert_str(render(source, json("{\"x\":[null,0]}")), "truetrue");
}

static void null_hides_outer(void **state)
{
	(void)state;
	assert_str(render("{{#in}}[{{x}}]{{/in}}",
			  json("{\"x\":\"out\",\"in\":{\"x\":null}}")),
		   "[]");
}

static void named_values(void **state)
{
	const struct str zone = STR("Asia/Kathmandu"), none = STR_ABSENT;
	const struct value zones[] = {value_text(&zone), value_text(&none)};
	const struct value_field fields[] = {
		{"zones", value_list(zones, 2)},
		{"on", value_bool(true)},
		{"gone", value_absent()},
		{NULL, {0}},
	};

	(void)state;
	assert_str(render("{{#zones}}({{.}}){{/zones}}{{on}}{{off}}{{gone}}"
			  "{{zones}}{{^gone}}!{{/gone}}",
			  value_object(fields)),
		   "(Asia/Kathmandu)()true!");
}

static void shows_unescaped(void **state)
{
	(void)state;
	assert_str(render("{{{x}}}{{&x}}{{x}}", json("{\"x\":\"<\"}")),
		   "<<&lt;");
}

static void escapes_all_five(void **state)
{
	struct buf out = buf_init(&arena, 1);

	(void)state;
	html_escape(&out, STR("&<>\"'"));
	html_escape(&out, STR(""));
	html_escape(&out, STR_ABSENT);
	html_escape(&out, STR("a&b \xe2\x82\xac`=/"));
	assert_str(buf_str(&out), "&amp;&lt;&gt;&quot;&#39;a&amp;b "
				  "\xe2\x82\xac`=/");
}

/* Attributes, element and partial names included: nothing from data is markup.
 */
static void data_is_never_markup(void **state)
{
	static const char data[] = "{\"x\":\"\\\"><script>\",\"t\":\"{{x}}\"}";

	(void)state;
	assert_str(render("<a title=\"{{x}}\">{{t}}</a>", json(data)),
		   "<a title=\"&quot;&gt;&lt;script&gt;\">{{x}}</a>");
}

static void endless_partials(void **state)
{
	struct template_set *set = template_set_new(&arena);

	(void)state;
	add(set, "main", "x{{>main}}");
	assert_int_equal(render_set(set, value_absent()).n, 65);
}

static void endless_parents(void **state)
{
	struct template_set *set = template_set_new(&arena);
	struct str got;

	(void)state;
	add(set, "main",
	    "x{{<main}}{{$a}}{{<main}}{{$a}}y{{/a}}{{/main}}{{/a}}{{/main}}"
	    "{{$a}}z{{/a}}");
	got = render_set(set, value_absent());
	assert_true(got.n > 0 && got.n < 1 << 20);
}

static void deep_trees(void **state)
{
	struct template_set *set = template_set_new(&arena);
	struct buf data = buf_init(&arena, 4096);

	(void)state;
	for (int i = 0; i < 60; i++)
		buf_add(&data, STR("{\"n\":"));
	buf_add(&data, STR("1"));
	for (int i = 0; i < 60; i++)
		buf_add_byte(&data, '}');
	buf_add_byte(&data, '\0');
	add(set, "main", "{{#n}}({{>main}}){{/n}}");
	assert_int_equal(render_set(set, json(data.p)).n, 2 * 65);
}

static void many_sections(void **state)
{
	struct template_set *set = template_set_new(&arena);
	struct buf source = buf_init(&arena, 1024);

	(void)state;
	for (int i = 0; i < 60; i++)
		buf_add(&source, STR("{{#a}}"));
	buf_add(&source, STR("x{{>main}}"));
	for (int i = 0; i < 60; i++)
		buf_add(&source, STR("{{/a}}"));
	buf_add_byte(&source, '\0');
	add(set, "main", source.p);
	assert_str(render_set(set, json("{\"a\":true}")), "xxxx");
}

static void long_template(void **state)
{
	struct buf source = buf_init(&arena, 1 << 20);
	struct str got;

	(void)state;
	for (int i = 0; i < 100000; i++)
		buf_add(&source, STR("{{#a}}\n{{.}}\n{{/a}}\n"));
	buf_add_byte(&source, '\0');
	got = render(source.p, json("{\"a\":\"<\"}"));
	assert_int_equal(got.n, 100000 * 5);
}

static void long_list(void **state)
{
	struct buf data = buf_init(&arena, 1 << 20);
	struct str got;

	(void)state;
	buf_add(&data, STR("{\"l\":[0"));
	for (int i = 0; i < 100000; i++)
		buf_add(&data, STR(",0"));
	buf_add(&data, STR("]}"));
	buf_add_byte(&data, '\0');
	got = render("{{#l}}{{.}}{{/l}}", json(data.p));
	assert_int_equal(got.n, 100001);
}

static void collect(void *with, struct str name)
{
	struct buf *all = with;

	buf_add(all, name);
	buf_add_byte(all, ' ');
}

static void names_are_told(void **state)
{
	struct template_set *set = template_set_new(&arena);
	struct buf all = buf_init(&arena, 64);

	(void)state;
	add(set, "main",
	    "{{#rows}}{{a.b}}{{.}}{{>part}}{{a.b}}{{/rows}}{{>*kind}}"
	    "{{<layout}}{{$t}}{{in_block}}{{/t}}{{/layout}}");
	add(set, "part", "{{c}}{{>part}}");
	add(set, "layout", "{{^viewer}}{{/viewer}}{{$t}}{{c}}{{/t}}");
	template_names(template_find(set, STR("main")), collect, &all);
	assert_str(buf_str(&all), "rows a.b c kind viewer in_block ");
}

/* Places are asked for once while the owner of the values stays the same. */
static int places_asked;

static int counting_place(const void *of, struct str name)
{
	(void)of;
	(void)name;
	places_asked++;
	return 0;
}

static struct value counting_member(struct value v, int place, struct arena *a)
{
	static const struct str text = STR_INIT("v");

	(void)v;
	(void)place;
	(void)a;
	return value_text(&text);
}

static void places_are_kept(void **state)
{
	static const struct value_kind kind = {.place = counting_place,
					       .member = counting_member};
	struct value rows[50];

	(void)state;
	for (int i = 0; i < 50; i++)
		rows[i] = (struct value){.kind = &kind, .of = &kind, .at = i};
	places_asked = 0;
	(void)render("{{#.}}{{a}}{{b}}{{a}}{{/.}}", value_list(rows, 50));
	assert_int_equal(places_asked, 2);
}

#define TEST(words, function)                                                  \
	{                                                                      \
		words, function, set_up, tear_down, NULL                       \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("false: SQL NULL, f, empty, no row; 0 is true",
		     false_fields),
		TEST("rows, fields and json columns are shown", rows_are_shown),
		TEST("false: JSON null, false, empty; 0 is true", false_json),
		TEST("NULL hides a name further out", null_hides_outer),
		TEST("values named in C are shown", named_values),
		TEST("unescaped tags show as they are", shows_unescaped),
		TEST("the five characters of markup are escaped",
		     escapes_all_five),
		TEST("data never becomes markup or template",
		     data_is_never_markup),
		TEST("a partial that calls itself ends", endless_partials),
		TEST("a parent that calls itself ends", endless_parents),
		TEST("a tree deeper than 64 is cut", deep_trees),
		TEST("sections over all templates end", many_sections),
		TEST("a template of 2 MB renders", long_template),
		TEST("a list of 100,001 items renders", long_list),
		TEST("names are told once, partials and parents included",
		     names_are_told),
		TEST("a column is sought once for a result", places_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
