/*
 * Draws QR codes.  Must not know what they say.
 */
#include "view/qr.h"

#include "base/buf.h"

enum { QUIET = 4 };

/* Whether it is dark there; all around the code it is light. */
static bool is_dark(const struct qr *qr, int x, int y)
{
	return x >= 0 && y >= 0 && x < qr->size && y < qr->size &&
	       qr->dark[y * qr->size + x];
}

/* The dark modules that follow each other from x on. */
static int run_length(const struct qr *qr, int x, int y)
{
	int n = 0;

	while (is_dark(qr, x + n, y))
		n++;
	return n;
}

struct value qr_picture(struct arena *a, const struct qr *qr)
{
	struct buf path = buf_init(a, 4096);

	for (int y = 0; y < qr->size; y++) {
		for (int x = 0; x < qr->size; x++) {
			int n = run_length(qr, x, y);
			if (n > 0)
				buf_printf(&path, "M%d %dh%dv1h-%dz", x + QUIET,
					   y + QUIET, n, n);
			x += n;
		}
	}

	struct str size = str_printf(a, "%d", qr->size + 2 * QUIET);
	struct str d = buf_str(&path);
	struct value_field *fields = ARENA_ARRAY(a, 3, struct value_field);
	fields[0] = (struct value_field){"size", value_text(&size)};
	fields[1] = (struct value_field){"path", value_text(&d)};
	fields[2] = (struct value_field){.name = NULL};
	return value_object(fields);
}

struct str qr_lines(struct arena *a, const struct qr *qr)
{
	static const char *const halves[] = {" ", "\xe2\x96\x84",
					     "\xe2\x96\x80", "\xe2\x96\x88"};
	struct buf lines = buf_init(a, 4096);
	int end = qr->size + QUIET;

	for (int y = -QUIET; y < end; y += 2) {
		for (int x = -QUIET; x < end; x++)
			buf_add(&lines, str_of(halves[is_dark(qr, x, y) * 2 +
						      is_dark(qr, x, y + 1)]));
		buf_add_byte(&lines, '\n');
	}
	return buf_str(&lines);
}
