/*
 * Bodies of any bytes, the Content-Type on their first line: what is taken
 * must lie in the body in order, within the bounds, and be found again when
 * it is written as a browser would.
 */
#include "base/buf.h"
#include "web/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BOUNDARY "----again-9f3d51c07ab2"
#define TYPE "multipart/form-data; boundary=" BOUNDARY

static void quoted_add(struct buf *out, struct str s)
{
	for (ptrdiff_t i = 0; i < s.n; i++)
		if (s.p[i] == '"')
			buf_add(out, STR("%22"));
		else
			buf_add_byte(out, s.p[i]);
}

/* A text that reads as an escape would be read as one. */
static bool is_plain(struct str s)
{
	return str_find(s, '%') < 0 && str_find(s, '\\') < 0;
}

static void part_add(struct buf *out, const struct multipart_part *part)
{
	buf_add(out, STR("--" BOUNDARY
			 "\r\nContent-Disposition: form-data; name=\""));
	quoted_add(out, part->name);
	if (!str_is_absent(part->filename)) {
		buf_add(out, STR("\"; filename=\""));
		quoted_add(out, part->filename);
	}
	buf_add(out, STR("\"\r\n\r\n"));
	buf_add(out, part->bytes);
	buf_add(out, STR("\r\n"));
}

static void check_part(struct str body, const struct multipart_part *part)
{
	if (part->name.n < 1 || part->name.n > 200 || part->filename.n > 1000)
		abort();
	if (part->bytes.p < body.p ||
	    part->bytes.p + part->bytes.n > body.p + body.n)
		abort();
	if (str_find(part->name, '\n') >= 0 || str_find(part->name, 0) >= 0 ||
	    str_find(part->filename, '\n') >= 0 ||
	    str_find(part->filename, 0) >= 0)
		abort();
}

static bool is_alike(const struct multipart_part *a,
		     const struct multipart_part *b)
{
	return str_equal(a->name, b->name) &&
	       str_equal(a->filename, b->filename) &&
	       str_is_absent(a->filename) == str_is_absent(b->filename) &&
	       str_equal(a->bytes, b->bytes);
}

static void check_again(struct arena *a, struct str body,
			const struct multipart *m)
{
	struct buf out = buf_init(a, body.n + 1024);
	const struct multipart *again;

	for (int i = 0; i < m->count; i++) {
		if (!is_plain(m->parts[i].name) ||
		    !is_plain(m->parts[i].filename))
			return;
		part_add(&out, &m->parts[i]);
	}
	if (str_find_str(body, STR(BOUNDARY)) >= 0)
		return;
	buf_add(&out, STR("--" BOUNDARY "--\r\n"));
	again = multipart_read(a, STR(TYPE), buf_str(&out));
	if (!again || again->count != m->count)
		abort();
	for (int i = 0; i < m->count; i++)
		if (!is_alike(&m->parts[i], &again->parts[i]))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str body = str_at((const char *)data, (ptrdiff_t)size);
	struct str type = str_cut(body, '\n', &body);
	const struct multipart *m;
	struct arena a;

	arena_init(&a, (size_t)16 << 20);
	(void)multipart_is(type);
	m = multipart_read(&a, type, body);
	if (m) {
		if (m->count < 1 || m->count > MULTIPART_PARTS_MAX)
			abort();
		for (int i = 0; i < m->count; i++)
			check_part(body, &m->parts[i]);
		check_again(&a, body, m);
	}
	arena_release(&a);
	return 0;
}
