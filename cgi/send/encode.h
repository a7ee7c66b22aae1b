/*
 * The encodings of mail: base64, quoted-printable, encoded words.  Knows
 * nothing of which header or part it is for.
 */
#ifndef SEND_ENCODE_H
#define SEND_ENCODE_H

#include "base/buf.h"

/* Longest line in bytes, without its CRLF (RFC 2045, RFC 2047). */
#define ENCODE_LINE 76

/* Adds s in base64 (RFC 4648 section 4), in lines of 76 that end in CRLF. */
void encode_base64_lines(struct buf *out, struct str s);

/* Adds s with every line end (LF or CRLF) as CRLF, and one at its end. */
void encode_crlf(struct buf *out, struct str s);

/*
 * Adds text whose lines end in CRLF in quoted-printable (RFC 2045): lines of
 * at most 76, no bare control character, no blank at a line's end, no line
 * that begins with a dot or "From ".
 */
void encode_quoted(struct buf *out, struct str s);

/*
 * Adds UTF-8 as encoded words (RFC 2047, UTF-8, B), folded with CRLF and a
 * blank so that no line is over 76 bytes; no word splits a character.  column
 * is the length of the line so far; returns that of the last line.
 */
ptrdiff_t encode_words(struct buf *out, struct str s, ptrdiff_t column);

#endif
