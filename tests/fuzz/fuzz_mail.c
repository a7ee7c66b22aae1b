/*
 * Mails of any parts: what is written has only short lines of ASCII and the
 * headers we put there, one each; and the same parts give the same bytes.
 */
#include "send/encode.h"
#include "send/mail.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The next part of the input: a byte of length, then its bytes. */
static struct str take(struct str *left)
{
	ptrdiff_t n = left->n > 0 ? (unsigned char)left->p[0] : 0;
	struct str part = str_first(str_from(*left, 1), n);

	*left = str_from(*left, 1 + n);
	return part;
}

static int count(struct str s, struct str part)
{
	int n = 0;
	ptrdiff_t at;

	while ((at = str_find_str(s, part)) >= 0) {
		s = str_from(s, at + part.n);
		n++;
	}
	return n;
}

static void check(struct str bytes)
{
	struct str head =
		str_first(bytes, str_find_str(bytes, STR("\r\n\r\n")) + 2);

	if (count(head, STR("\r\nTo:")) != 1 ||
	    count(head, STR("\r\nFrom:")) != 1 ||
	    count(head, STR("\r\nSubject:")) != 1 ||
	    count(head, STR("\r\nBcc:")) != 0)
		abort();
	while (bytes.n > 0) {
		struct str line = str_cut(bytes, '\n', &bytes);

		if (!str_ends(line, STR("\r")) || line.n > 998)
			abort();
		line = str_first(line, line.n - 1);
		for (ptrdiff_t i = 0; i < line.n; i++)
			if ((line.p[i] < ' ' && line.p[i] != '\t') ||
			    line.p[i] > '~')
				abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct str left = str_at((const char *)data, (ptrdiff_t)size);
	struct mail mail = {
		.date = STR("Fri, 20 Nov 2026 13:05:00 +0000"),
		.id = STR("0123456789"),
		.from = STR("rollcall@example.org"),
		.to = STR("someone@example.org"),
	};
	const char *why = NULL;
	struct str bytes;

	if (size > 16384)
		return 0;
	arena_init(&a, (size_t)16 << 20);
	mail.subject = take(&left);
	mail.from_name = take(&left);
	mail.to_name = take(&left);
	if (size % 2)
		mail.to = take(&left);
	mail.text = mail.html = left;
	bytes = mail_write(&a, &mail, &why);
	if (str_is_absent(bytes) != (why != NULL))
		abort();
	if (!why)
		check(bytes);
	if (!why && !str_equal(bytes, mail_write(&a, &mail, &why)))
		abort();
	arena_release(&a);
	return 0;
}
