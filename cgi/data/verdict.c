/*
 * What became of each row of an import.  Must not decide it.
 */
#include "data/verdict.h"

#include "base/json.h"

#include <inttypes.h>

void verdict_set(struct verdict *verdicts, ptrdiff_t count, int line,
		 struct str result, struct str why)
{
	ptrdiff_t low = 0;
	ptrdiff_t high = count;

	while (low < high) {
		ptrdiff_t middle = low + (high - low) / 2;

		if (verdicts[middle].line < line)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < count && verdicts[low].line == line) {
		verdicts[low].result = result;
		verdicts[low].why = why;
	}
}

/* A file must not be able to steer the operator's terminal. */
static void print_safely(FILE *out, struct str s)
{
	for (ptrdiff_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		bool c1 = c == 0xc2 && i + 1 < s.n &&
			  (unsigned char)s.p[i + 1] < 0xa0;

		i += c1;
		putc(c < ' ' || c == 127 || c1 ? '?' : c, out);
	}
}

ptrdiff_t verdict_print(FILE *out, const struct verdict *verdicts,
			ptrdiff_t count, bool dry_run)
{
	static const struct str results[] = {
		STR_INIT("new"), STR_INIT("changed"), STR_INIT("unchanged"),
		STR_INIT("refused")};
	enum { RESULTS = sizeof(results) / sizeof(results[0]) };
	ptrdiff_t counts[RESULTS] = {0};

	for (ptrdiff_t i = 0; i < count; i++) {
		const struct verdict *v = &verdicts[i];

		for (int r = 0; r < RESULTS; r++)
			counts[r] += str_equal(results[r], v->result);
		fprintf(out, "line %d: %.*s ", v->line, STR_ARG(v->result));
		print_safely(out, v->what);
		if (v->why.n > 0) {
			fputs(": ", out);
			print_safely(out, v->why);
		}
		putc('\n', out);
	}
	for (int r = 0; r < RESULTS; r++)
		fprintf(out, "%s%td %.*s", r ? ", " : "", counts[r],
			STR_ARG(results[r]));
	fputs(dry_run ? " (tried only: nothing was kept)\n" : "\n", out);
	return counts[RESULTS - 1];
}

struct str verdict_refused(struct arena *a, const struct verdict *verdicts,
			   ptrdiff_t count)
{
	struct buf json = buf_init(a, 1024);

	buf_add_byte(&json, '[');
	for (ptrdiff_t i = 0; i < count; i++) {
		const struct verdict *v = &verdicts[i];

		if (v->why.n == 0)
			continue;
		buf_printf(&json,
			   "%s{\"line\":%d,\"title\":", json.n > 1 ? "," : "",
			   v->line);
		json_add_text(&json, v->what);
		buf_add(&json, STR(",\"why\":"));
		json_add_text(&json, v->why);
		buf_add_byte(&json, '}');
	}
	buf_add_byte(&json, ']');
	return buf_str(&json);
}
