/*
 * Runs cases of the public mustache spec: mustache-spec FILE.json ...
 * prints each failing case and lastly how many passed and failed.
 */
#include "view/json_value.h"
#include "view/mustache.h"

#define SPEC_MEMORY ((size_t)64 << 20)

struct tally {
	int passed, failed;
};

static struct str spec_text(struct arena *a, const struct json *test,
			    const char *name)
{
	const struct json *text = json_member(test, str_of(name));

	if (!text || json_type(text) != JSON_IS_TEXT)
		return STR_ABSENT;
	return json_text(a, text);
}

static bool spec_partials(struct arena *a, struct template_set *set,
			  const struct json *test, struct template_error *e)
{
	const struct json *partials = json_member(test, STR("partials"));
	const struct json *partial;
	struct str name;

	if (!partials)
		return true;
	for (ptrdiff_t i = 0;
	     (partial = json_member_at(partials, i, &name)) != NULL; i++)
		if (!template_set_add(set, name, json_text(a, partial),
				      TEMPLATE_HTML, false, e))
			return false;
	return true;
}

/* What the case renders to; a template that does not compile tells why. */
static struct str spec_render(struct arena *a, const struct json *test)
{
	const struct json *data = json_member(test, STR("data"));
	struct template_set *set = template_set_new(a);
	struct buf out = buf_init(a, 256);
	struct template_error error;

	if (!spec_partials(a, set, test, &error) ||
	    !template_set_add(set, STR("(template)"),
			      spec_text(a, test, "template"), TEMPLATE_HTML,
			      false, &error))
		return template_error_text(a, &error);
	template_render(template_find(set, STR("(template)")),
			data ? json_value(a, data) : value_absent(), &out);
	return buf_str(&out);
}

static void spec_case(struct arena *a, const char *file,
		      const struct json *test, struct tally *tally)
{
	struct str expected = spec_text(a, test, "expected");
	struct str got = spec_render(a, test);

	if (!str_is_absent(expected) && str_equal(expected, got)) {
		tally->passed++;
		return;
	}
	tally->failed++;
	printf("%s: %.*s\n--- expected\n%.*s\n--- got\n%.*s\n---\n", file,
	       STR_ARG(spec_text(a, test, "name")), STR_ARG(expected),
	       STR_ARG(got));
}

static struct str spec_read(struct arena *a, const char *path)
{
	struct buf b = buf_init(a, 65536);
	FILE *f = fopen(path, "rb");
	char chunk[4096];
	size_t n;

	if (!f)
		return STR_ABSENT;
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(&b, str_at(chunk, (ptrdiff_t)n));
	(void)fclose(f);
	return buf_str(&b);
}

/* A file that cannot be read, or holds no cases, is a failure. */
static void spec_file(struct arena *a, const char *path, struct tally *tally)
{
	struct str why = STR("cannot be read");
	struct str text = spec_read(a, path);
	struct json *json = text.n > 0 ? json_read(a, text, &why) : NULL;
	const struct json *tests =
		json ? json_member(json, STR("tests")) : NULL;

	if (!tests || json_type(tests) != JSON_IS_ARRAY) {
		printf("%s: %.*s\n", path,
		       STR_ARG(json ? STR("has no tests") : why));
		tally->failed++;
	} else {
		for (ptrdiff_t i = 0; i < json_count(tests); i++)
			spec_case(a, path, json_item(tests, i), tally);
	}
	if (json)
		json_free(json);
}

int main(int argc, char **argv)
{
	struct tally tally = {0};
	struct arena a;

	arena_init(&a, SPEC_MEMORY);
	for (int i = 1; i < argc; i++) {
		spec_file(&a, argv[i], &tally);
		arena_reset(&a);
	}
	arena_release(&a);
	printf("%d passed, %d failed\n", tally.passed, tally.failed);
	return tally.failed > 0 || tally.passed == 0;
}
