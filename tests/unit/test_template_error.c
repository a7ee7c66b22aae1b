/*
 * What the template engine refuses, and where it says the fault is: in one
 * template, in a set, in a folder.  Prints TAP.
 */
#include "unit/text.h"
#include "view/json_value.h"
#include "view/mustache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

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

static struct value json(const char *text)
{
	return json_value_read(&arena, str_of(text));
}

static void assert_error(const struct template_error *error, int line,
			 int column, const char *what)
{
	assert_str(error->what, what);
	assert_int_equal(error->line, line);
	assert_int_equal(error->column, column);
}

static void assert_refused(bool strict, const char *source, int line,
			   int column, const char *what)
{
	struct template_set *set = template_set_new(&arena);
	struct template_error error = {0};

	assert_false(template_set_add(set, STR("page"), str_of(source),
				      TEMPLATE_HTML, strict, &error));
	assert_str(error.file, "page");
	assert_error(&error, line, column, what);
	assert_null(template_find(set, STR("page")));
}

static void unclosed_section(void **state)
{
	(void)state;
	assert_refused(false, "<ul>\n  {{#rows}}\n<li>\n", 2, 3,
		       "{{#rows}} is never closed.");
	assert_refused(false, "{{^a}}{{$b}}", 1, 7, "{{$b}} is never closed.");
	assert_refused(false, "{{<*layout}}", 1, 1,
		       "{{<*layout}} is never closed.");
}

static void wrong_close(void **state)
{
	(void)state;
	assert_refused(false, "{{#a}}\n {{#b}}\n{{/a}}", 3, 1,
		       "{{/a}} stands where {{#b}} of line 2, column 2, is "
		       "still open.");
	assert_refused(false, "{{<*a}}{{/a}}", 1, 8,
		       "{{/a}} stands where {{<*a}} of line 1, column 1, is "
		       "still open.");
}

static void stray_close(void **state)
{
	(void)state;
	assert_refused(false, "a\nb {{/rows}}", 2, 3,
		       "{{/rows}} closes nothing.");
	assert_refused(false, "{{#a}}{{/a}}{{/a}}", 1, 13,
		       "{{/a}} closes nothing.");
}

static void unclosed_tag(void **state)
{
	(void)state;
	assert_refused(false, "a\n  {{name", 2, 3,
		       "This tag is not closed: }} is missing.");
	assert_refused(false, "{{name\n{{other}}", 1, 1,
		       "This tag is not closed: }} is missing.");
	assert_refused(false, "{{{name}}", 1, 1,
		       "This tag is not closed: }}} is missing.");
	assert_refused(false, "{{=<% %>=}}\n<%! never", 2, 1,
		       "This tag is not closed: %> is missing.");
	assert_refused(false, "{{", 1, 1,
		       "This tag is not closed: }} is missing.");
}

static void bad_delimiters(void **state)
{
	static const char what[] =
		"Delimiters are two words without =, as in {{=<% %>=}}.";

	(void)state;
	assert_refused(false, "x{{=<%=}}", 1, 2, what);
	assert_refused(false, "x{{=a b c=}}", 1, 2, what);
	assert_refused(false, "x{{= =}}", 1, 2, what);
	assert_refused(false, "x{{== ==}}", 1, 2, what);
	assert_refused(false, "{{=<% %>}}", 1, 1,
		       "This tag is not closed: =}} is missing.");
}

static void bad_names(void **state)
{
	(void)state;
	assert_refused(false, "{{}}", 1, 1, "This tag names nothing.");
	assert_refused(false, "{{# }}", 1, 1, "This tag names nothing.");
	assert_refused(false, "{{>*}}", 1, 1, "This tag names nothing.");
	assert_refused(false, "{{a b}}", 1, 1, "A name holds no spaces.");
	assert_refused(false, "{{a..b}}", 1, 1,
		       "A dot stands between two names, or alone.");
	assert_refused(false, "{{#.a}}{{/.a}}", 1, 1,
		       "A dot stands between two names, or alone.");
}

static void columns_count_characters(void **state)
{
	(void)state;
	assert_refused(false, "\xc3\xa9\xe2\x82\xac{{", 1, 3,
		       "This tag is not closed: }} is missing.");
}

static void not_utf8(void **state)
{
	(void)state;
	assert_refused(false, "ab\xff", 1, 1, "This file is not UTF-8 text.");
}

static void too_deep_tags(void **state)
{
	struct buf source = buf_init(&arena, 1024);

	(void)state;
	for (int i = 0; i < 65; i++)
		buf_add(&source, STR("{{#a}}"));
	buf_add_byte(&source, '\0');
	assert_refused(false, source.p, 1, 64 * 6 + 1,
		       "Tags are nested too deep here.");
}

static void same_name_twice(void **state)
{
	struct template_set *set = add(template_set_new(&arena), "main", "a");
	struct template_error error;

	(void)state;
	assert_false(template_set_add(set, STR("main"), STR("b"), TEMPLATE_HTML,
				      false, &error));
	assert_error(&error, 1, 1, "There is a template of that name already.");
}

static void strict_refuses_unescaped(void **state)
{
	static const char what[] =
		"Unescaped tags are not allowed here: write {{name}}.";

	(void)state;
	assert_refused(true, "<p>\n{{{x}}}", 2, 1, what);
	assert_refused(true, "{{& x}}", 1, 1, what);
	assert_refused(true, "{{=[ ]=}}[{x}]", 1, 10, what);
}

static void strict_refuses_what_is_lost(void **state)
{
	static const char what[] =
		"Only blocks are used of what stands in a parent tag; this "
		"would never be shown.";

	(void)state;
	assert_refused(true, "{{<p}}\n{{$a}}{{/a}}\nlost\n{{/p}}", 3, 1, what);
	assert_refused(true, "{{<p}}{{x}}{{/p}}", 1, 7, what);
	assert_refused(true, "{{<p}}{{#x}}{{$a}}{{/a}}{{/x}}{{/p}}", 1, 7,
		       what);
	assert_refused(true, "{{<p}}{{$a}}1{{/a}}{{$a}}2{{/a}}{{/p}}", 1, 20,
		       "This block is given twice to the same parent.");
}

static void set_misses_partial(void **state)
{
	struct template_set *set = template_set_new(&arena);
	struct template_error error;

	(void)state;
	add(set, "main", "{{>*any}}\n {{#a}}{{>part}}{{/a}}");
	assert_false(template_set_check(set, &error));
	assert_str(error.file, "main");
	assert_error(&error, 2, 8, "There is no template part.");
	add(set, "part", "");
	assert_true(template_set_check(set, &error));
}

static bool check_strict(const char *child)
{
	struct template_set *set = template_set_new(&arena);
	struct template_error error;

	add(set, "layout", "{{$title}}{{/title}}{{>part}}");
	add(set, "part", "{{$foot}}{{/foot}}");
	assert_true(template_set_add(set, STR("main"), str_of(child),
				     TEMPLATE_HTML, true, &error));
	if (template_set_check(set, &error))
		return true;
	assert_error(&error, 1, 12, "layout has no block titel to replace.");
	return false;
}

static void set_misses_block(void **state)
{
	(void)state;
	assert_true(check_strict("{{<layout}}{{$title}}{{/title}}"
				 "{{$foot}}{{/foot}}{{/layout}}"));
	assert_false(check_strict("{{<layout}}{{$titel}}{{/titel}}"
				  "{{/layout}}"));
}

static char folder[] = "/tmp/mustache-XXXXXX";

static void write_file(const char *name, const char *content)
{
	FILE *f = fopen(
		str_z(&arena, str_printf(&arena, "%s/%s", folder, name)), "w");

	assert_non_null(f);
	assert_true(fputs(content, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void remove_file(const char *name)
{
	(void)unlink(str_z(&arena, str_printf(&arena, "%s/%s", folder, name)));
}

static void folder_is_read(void **state)
{
	struct template_error error = {0};
	struct template_set *set;
	struct buf out = buf_init(&arena, 16);
	struct value context = json("{\"x\":\"&\"}");

	(void)state;
	write_file("page.mustache", "<{{x}}>");
	write_file("mail.txt.mustache", "<{{x}}> {{>page}}");
	write_file("notes.md", "{{#broken");
	set = template_set_read(&arena, folder, &error);
	assert_non_null(set);
	template_render(template_find(set, STR("mail.txt")), context, &out);
	assert_str(buf_str(&out), "<&> <&amp;>");
	assert_null(template_find(set, STR("notes")));
}

static void folder_tells_file_and_line(void **state)
{
	struct template_error error = {0};
	struct str expected = str_printf(&arena, "%s/page.mustache", folder);

	(void)state;
	write_file("page.mustache", "a\n {{{x}}}");
	assert_null(template_set_read(&arena, folder, &error));
	assert_str(error.file, str_z(&arena, expected));
	assert_int_equal(error.line, 2);
	assert_int_equal(error.column, 2);
	write_file("page.mustache", "\n\n{{>nowhere}}");
	assert_null(template_set_read(&arena, folder, &error));
	assert_str(error.file, str_z(&arena, expected));
	assert_error(&error, 3, 1, "There is no template nowhere.");
}

static void folder_is_missing(void **state)
{
	struct template_error error = {0};

	(void)state;
	assert_null(template_set_read(&arena, "/nowhere/at/all", &error));
	assert_str(error.file, "/nowhere/at/all");
	assert_error(&error, 1, 1, "No such file or directory");
}

static struct str rendered(const struct template_set *set, const char *name)
{
	struct buf out = buf_init(&arena, 16);

	template_render(template_find(set, str_of(name)), json("{}"), &out);
	return buf_str(&out);
}

static void earlier_folder_overrides(void **state)
{
	struct template_error error = {0};
	const char *both =
		str_z(&arena, str_printf(&arena, "%s/own:%s", folder, folder));
	struct template_set *set;

	(void)state;
	write_file("page.mustache", "page {{>part}}");
	write_file("part.mustache", "as it comes");
	assert_int_equal(
		mkdir(str_z(&arena, str_printf(&arena, "%s/own", folder)),
		      0700),
		0);
	write_file("own/part.mustache", "our own");
	write_file("own/more.mustache", "more {{>page}}");
	set = template_set_read(&arena, both, &error);
	assert_non_null(set);
	assert_str(rendered(set, "page"), "page our own");
	assert_str(rendered(set, "more"), "more page our own");
	write_file("own/part.mustache", "{{#open}}");
	assert_null(template_set_read(&arena, both, &error));
	assert_str(error.file,
		   str_z(&arena,
			 str_printf(&arena, "%s/own/part.mustache", folder)));
	remove_file("own/part.mustache");
	remove_file("own/more.mustache");
	remove_file("part.mustache");
	assert_int_equal(
		rmdir(str_z(&arena, str_printf(&arena, "%s/own", folder))), 0);
	assert_null(template_set_read(&arena, both, &error));
}

static int make_folder(void **state)
{
	return set_up(state) || !mkdtemp(folder);
}

static int drop_folder(void **state)
{
	remove_file("page.mustache");
	remove_file("mail.txt.mustache");
	remove_file("notes.md");
	(void)rmdir(folder);
	(void)memset(folder + sizeof(folder) - 7, 'X', 6);
	return tear_down(state);
}

#define TEST(words, function)                                                  \
	{                                                                      \
		words, function, set_up, tear_down, NULL                       \
	}
#define FOLDER_TEST(words, function)                                           \
	{                                                                      \
		words, function, make_folder, drop_folder, NULL                \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("an unclosed tag pair names where it was opened",
		     unclosed_section),
		TEST("a wrong closing tag names what is open", wrong_close),
		TEST("a stray closing tag is refused", stray_close),
		TEST("an unclosed tag is refused where it begins",
		     unclosed_tag),
		TEST("bad delimiters are refused", bad_delimiters),
		TEST("names that cannot be are refused", bad_names),
		TEST("columns count characters", columns_count_characters),
		TEST("a template is UTF-8", not_utf8),
		TEST("tags too deep in each other are refused", too_deep_tags),
		TEST("two templates of one name are refused", same_name_twice),
		TEST("strict refuses unescaped tags", strict_refuses_unescaped),
		TEST("strict refuses what would be lost in a parent tag",
		     strict_refuses_what_is_lost),
		TEST("a missing partial is found", set_misses_partial),
		TEST("a block that the parent does not have is found",
		     set_misses_block),
		FOLDER_TEST("a folder is read, .txt unescaped", folder_is_read),
		FOLDER_TEST("an error in a folder has file and line",
			    folder_tells_file_and_line),
		FOLDER_TEST("a missing folder is an error", folder_is_missing),
		FOLDER_TEST("a folder in front overrides single templates",
			    earlier_folder_overrides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
