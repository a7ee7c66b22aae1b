/*
 * Percent-decoding, form pairs and addresses of any bytes: what is encoded
 * must come back, and no address of our own may lead elsewhere.
 */
#include "web/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_decoding(struct arena *a, struct str s)
{
	struct str out;

	if (url_decode(a, s, false, &out) && out.n > s.n)
		abort();
	if (url_decode(a, s, true, &out) && str_find(s, '%') < 0 &&
	    str_find(out, '+') >= 0)
		abort();
	if (!url_decode(a, url_encode(a, s), true, &out) || !str_equal(out, s))
		abort();
}

static void check_pairs(struct arena *a, struct str s)
{
	struct str rest = s;
	struct str name, value;
	ptrdiff_t total = 0;
	bool bad;

	while (url_next_pair(a, &rest, &name, &value, &bad)) {
		if (!name.p || !value.p)
			abort();
		total += name.n + value.n;
	}
	if (total > s.n)
		abort();
}

static void check_own(struct str s)
{
	if (!url_is_own(s))
		return;
	if (s.p[0] != '/' || str_starts(s, STR("//")) ||
	    str_find(s, '\\') >= 0 || str_has_control(s, true))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str input = str_at((const char *)data, (ptrdiff_t)size);
	struct arena a;

	arena_init(&a, (size_t)64 << 20);
	check_decoding(&a, input);
	check_pairs(&a, input);
	check_own(input);
	arena_release(&a);
	return 0;
}
