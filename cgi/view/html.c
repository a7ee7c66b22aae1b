/*
 * HTML escaping: the one place where text becomes markup.  Must not know
 * what the text is.
 */
#include "view/html.h"

#define HTML_LONGEST 6 /* bytes that one byte can become */
#define HTML_WORD ((ptrdiff_t)sizeof(uint64_t))

/* Bytes that mean something in markup have an entity's number. */
static const unsigned char html_special[256] = {
	['&'] = 1, ['<'] = 2, ['>'] = 3, ['"'] = 4, ['\''] = 5,
};

static const struct {
	char text[HTML_LONGEST];
	unsigned char n;
} html_entity[] = {
	{"", 0},     {"&amp;", 5},  {"&lt;", 4},
	{"&gt;", 4}, {"&quot;", 6}, {"&#39;", 5},
};

/* Eight times the byte. */
static inline uint64_t html_each(unsigned char byte)
{
	return UINT64_C(0x0101010101010101) * byte;
}

/* The high bit of the first byte that is 0 is set, none when there is none. */
static inline uint64_t html_zero(uint64_t word)
{
	return (word - html_each(0x01)) & ~word & html_each(0x80);
}

/* & and ' differ in the lowest bit only, < and > in the one above it. */
static inline bool html_is_plain(uint64_t word)
{
	uint64_t ampersand = (word | html_each(0x01)) ^ html_each('\'');
	uint64_t angle = (word | html_each(0x02)) ^ html_each('>');
	uint64_t quote = word ^ html_each('"');

	return !(html_zero(ampersand) | html_zero(angle) | html_zero(quote));
}

static inline char *html_put(char *to, char c)
{
	unsigned char special = html_special[(unsigned char)c];

	if (!special) {
		*to = c;
		return to + 1;
	}
	memcpy(to, html_entity[special].text, HTML_LONGEST);
	return to + html_entity[special].n;
}

static inline char *html_put_word(char *to, const char *from)
{
	uint64_t word;

	memcpy(&word, from, sizeof(word));
	if (html_is_plain(word)) {
		memcpy(to, &word, sizeof(word));
		return to + HTML_WORD;
	}
	for (ptrdiff_t i = 0; i < HTML_WORD; i++)
		to = html_put(to, from[i]);
	return to;
}

/* Room for the longest outcome is taken first, what is left given back. */
void html_escape(struct buf *out, struct str s)
{
	char *room, *to;
	ptrdiff_t i = 0;

	if (s.n <= 0)
		return;
	room = buf_grow(out, s.n * HTML_LONGEST);
	to = room;
	for (; s.n - i >= HTML_WORD; i += HTML_WORD)
		to = html_put_word(to, s.p + i);
	for (; i < s.n; i++)
		to = html_put(to, s.p[i]);
	out->n -= s.n * HTML_LONGEST - (to - room);
}
