/*
 * Templates of any bytes, compiled strict and not, rendered with a context of
 * every kind of value.  The input is the template main; after a line of `%%`
 * comes part, after another layout.
 */
#include "view/json_value.h"
#include "view/template_code.h"

#define FUZZ_MEMORY ((size_t)512 << 20)
#define FUZZ_STEPS 20000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char context[] =
	"{\"a\":\"<a>\",\"b\":{\"a\":0,\"c\":{\"a\":\"two\\nlines\\n\"}},"
	"\"l\":[{\"a\":1},{\"a\":null,\"l\":[]},\"x\",[1,2]],\"e\":\"\","
	"\"t\":true,\"f\":false,\"n\":null,\"p\":\"part\",\"m\":\"main\"}";

/* The part of the input before the next line of %%. */
static struct str take(struct str *rest)
{
	ptrdiff_t at = str_find_str(*rest, STR("\n%%\n"));
	struct str part = at < 0 ? *rest : str_first(*rest, at + 1);

	*rest = at < 0 ? STR("") : str_from(*rest, at + 4);
	return part;
}

static void add(struct template_set *set, const char *name, struct str source,
		bool strict)
{
	struct template_error error;

	if (!template_set_add(set, str_of(name), source,
			      strict ? TEMPLATE_HTML : TEMPLATE_TEXT, strict,
			      &error) &&
	    (error.line < 1 || error.column < 1 || error.what.n < 1))
		abort();
}

static void seen(void *with, struct str name)
{
	ptrdiff_t *total = with;

	*total += name.n;
}

static void run(struct arena *a, struct str input, bool strict)
{
	struct template_set *set = template_set_new(a);
	struct template_error error;
	const struct template *t;
	struct buf out = buf_init(a, 4096);
	ptrdiff_t total = 0;

	add(set, "main", take(&input), strict);
	add(set, "part", take(&input), strict);
	add(set, "layout", input, strict);
	(void)template_set_check(set, &error);
	t = template_find(set, STR("main"));
	if (!t)
		return;
	template_render_steps(t, json_value_read(a, str_of(context)), &out,
			      FUZZ_STEPS);
	template_names(t, seen, &total);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str input = str_at((const char *)data, (ptrdiff_t)size);
	struct arena a;

	arena_init(&a, FUZZ_MEMORY);
	run(&a, input, true);
	run(&a, input, false);
	arena_release(&a);
	return 0;
}
