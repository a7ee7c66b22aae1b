/*
 * HTML escaping: the one place where text becomes markup.  Must not know
 * what the text is.
 */
#include "view/html.h"

static const struct str html_entity[256] = {
	['&'] = STR_INIT("&amp;"),  ['<'] = STR_INIT("&lt;"),
	['>'] = STR_INIT("&gt;"),   ['"'] = STR_INIT("&quot;"),
	['\''] = STR_INIT("&#39;"),
};

void html_escape(struct buf *out, struct str s)
{
	ptrdiff_t from = 0;

	for (ptrdiff_t i = 0; i < s.n; i++) {
		struct str entity = html_entity[(unsigned char)s.p[i]];

		if (entity.n == 0)
			continue;
		buf_add(out, str_at(s.p + from, i - from));
		buf_add(out, entity);
		from = i + 1;
	}
	buf_add(out, str_from(s, from));
}
