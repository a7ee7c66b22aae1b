/*
 * The encodings of mail.  Must not know headers or parts.
 */
#include "send/encode.h"

/* "=?UTF-8?B?" and "?=" around an encoded word. */
#define WORD_FRAME 12
/* A line shorter than this has no room for a word worth its frame. */
#define WORD_LEAST (WORD_FRAME + 8)

static const char digits64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "abcdefghijklmnopqrstuvwxyz0123456789+/";

static unsigned byte_at(struct str s, ptrdiff_t i)
{
	return i < s.n ? (unsigned char)s.p[i] : 0;
}

static void add_base64(struct buf *out, struct str s)
{
	for (ptrdiff_t i = 0; i < s.n; i += 3) {
		unsigned bits = byte_at(s, i) << 16 | byte_at(s, i + 1) << 8 |
				byte_at(s, i + 2);
		char *p = buf_grow(out, 4);

		p[0] = digits64[bits >> 18];
		p[1] = digits64[bits >> 12 & 63];
		p[2] = i + 1 < s.n ? digits64[bits >> 6 & 63] : '=';
		p[3] = i + 2 < s.n ? digits64[bits & 63] : '=';
	}
}

void encode_base64_lines(struct buf *out, struct str s)
{
	const ptrdiff_t bytes = ENCODE_LINE / 4 * 3;

	for (ptrdiff_t i = 0; i < s.n; i += bytes) {
		add_base64(out, str_first(str_from(s, i), bytes));
		buf_add(out, STR("\r\n"));
	}
}

void encode_crlf(struct buf *out, struct str s)
{
	while (s.n > 0) {
		struct str line = str_cut(s, '\n', &s);

		if (str_ends(line, STR("\r")))
			line = str_first(line, line.n - 1);
		buf_add(out, line);
		buf_add(out, STR("\r\n"));
	}
}

/* The length of what a byte becomes: itself or =XX. */
static bool is_plain(struct str line, ptrdiff_t i)
{
	unsigned char c = (unsigned char)line.p[i];
	bool last = i + 1 == line.n;

	if (c == ' ' || c == '\t')
		return !last;
	if (i == 0 && (c == '.' || str_starts(line, STR("From "))))
		return false;
	return c > ' ' && c < 127 && c != '=';
}

static void quote_line(struct buf *out, struct str line)
{
	static const char hex[] = "0123456789ABCDEF";
	ptrdiff_t column = 0;

	for (ptrdiff_t i = 0; i < line.n; i++) {
		bool plain = is_plain(line, i);
		bool last = i + 1 == line.n;
		ptrdiff_t width = plain ? 1 : 3;

		/* A soft break takes a byte of its own at the line's end. */
		if (column + width > ENCODE_LINE - (last ? 0 : 1)) {
			buf_add(out, STR("=\r\n"));
			column = 0;
		}
		/* Nor may what follows a soft break begin with a dot. */
		if (column == 0 && line.p[i] == '.')
			plain = false;
		if (plain) {
			buf_add_byte(out, line.p[i]);
		} else {
			unsigned char c = (unsigned char)line.p[i];

			buf_add_byte(out, '=');
			buf_add_byte(out, hex[c >> 4]);
			buf_add_byte(out, hex[c & 15]);
			width = 3;
		}
		column += width;
	}
}

void encode_quoted(struct buf *out, struct str s)
{
	while (s.n > 0) {
		ptrdiff_t end = str_find_str(s, STR("\r\n"));

		quote_line(out, end < 0 ? s : str_first(s, end));
		buf_add(out, STR("\r\n"));
		s = end < 0 ? STR_ABSENT : str_from(s, end + 2);
	}
}

/* The most bytes of s, at least one character, that fit in n. */
static ptrdiff_t whole_characters(struct str s, ptrdiff_t n)
{
	ptrdiff_t fit = 0;

	for (ptrdiff_t i = 1; i <= s.n; i++) {
		if (i < s.n && ((unsigned char)s.p[i] & 0xc0) == 0x80)
			continue;
		if (i > n && fit > 0)
			break;
		fit = i;
		if (i > n)
			break;
	}
	return fit;
}

ptrdiff_t encode_words(struct buf *out, struct str s, ptrdiff_t column)
{
	while (s.n > 0) {
		ptrdiff_t before = out->n;
		ptrdiff_t room, take;

		if (column + WORD_LEAST > ENCODE_LINE) {
			buf_add(out, STR("\r\n "));
			before = out->n;
			column = 1;
		}
		room = (ENCODE_LINE - column - WORD_FRAME) / 4 * 3;
		take = whole_characters(s, room);
		buf_add(out, STR("=?UTF-8?B?"));
		add_base64(out, str_first(s, take));
		buf_add(out, STR("?="));
		column += out->n - before;
		s = str_from(s, take);
		if (s.n > 0) {
			buf_add(out, STR("\r\n "));
			column = 1;
		}
	}
	return column;
}
