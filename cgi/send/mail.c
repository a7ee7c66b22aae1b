/*
 * One mail as bytes.  Must not know templates, the database or the wire.
 */
#include "send/mail.h"

#include "base/address.h"
#include "send/encode.h"

#define URL_MAX 900
/* Printable ASCII names and words up to this stand as they are. */
#define PLAIN_MAX 60

struct str mail_id(struct arena *a, const struct secret_keys *keys,
		   struct str notification_id)
{
	unsigned char mac[18];

	secret_mac(&keys->keys[0], SECRET_MESSAGE_ID, notification_id, mac,
		   sizeof(mac));
	return secret_base64url(a, mac, sizeof(mac));
}

/* Printable ASCII that can stand in a header without being encoded. */
static bool is_plain(struct str s)
{
	ptrdiff_t word = 0;

	for (ptrdiff_t i = 0; i < s.n; i++) {
		if (s.p[i] < ' ' || s.p[i] > '~')
			return false;
		if (s.p[i] == ' ' && word == 0)
			return false; /* a blank first, or two */
		word = s.p[i] == ' ' ? 0 : word + 1;
		if (word > PLAIN_MAX)
			return false;
	}
	return word > 0 && str_find_str(s, STR("=?")) < 0;
}

/* Text of blank-separated words, folded before a blank. */
static void add_folded(struct buf *out, struct str s, ptrdiff_t column)
{
	while (s.n > 0) {
		struct str word = str_cut(s, ' ', &s);

		if (column + 1 + word.n > ENCODE_LINE) {
			buf_add(out, STR("\r\n"));
			column = 0;
		}
		buf_add_byte(out, ' ');
		buf_add(out, word);
		column += 1 + word.n;
	}
	buf_add(out, STR("\r\n"));
}

static void add_text_header(struct buf *out, struct str name, struct str s)
{
	buf_add(out, name);
	if (is_plain(s)) {
		add_folded(out, s, name.n);
		return;
	}
	buf_add_byte(out, ' ');
	encode_words(out, s, name.n + 1);
	buf_add(out, STR("\r\n"));
}

/* atext of RFC 5322 section 3.2.3, and blanks */
static bool is_phrase(struct str s)
{
	return str_is_plain(s, " !#$%&'*+-/=?^_`{|}~");
}

static void add_quoted_string(struct buf *out, struct str s)
{
	buf_add_byte(out, '"');
	for (ptrdiff_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			buf_add_byte(out, '\\');
		buf_add_byte(out, s.p[i]);
	}
	buf_add_byte(out, '"');
}

/* A display name, as atoms, a quoted string or encoded words. */
static ptrdiff_t add_name(struct buf *out, struct str name, ptrdiff_t column)
{
	ptrdiff_t before = out->n;

	if (!is_plain(name) || name.n > PLAIN_MAX)
		return encode_words(out, name, column);
	if (is_phrase(name))
		buf_add(out, name);
	else
		add_quoted_string(out, name);
	return column + out->n - before;
}

static void add_mailbox(struct buf *out, struct str header, struct str name,
			struct str address)
{
	ptrdiff_t column = header.n + 1;

	buf_add(out, header);
	buf_add_byte(out, ' ');
	if (name.n > 0) {
		column = add_name(out, name, column);
		if (column + 3 + address.n > ENCODE_LINE)
			buf_add(out, STR("\r\n"));
		buf_add_byte(out, ' ');
	}
	buf_add_byte(out, '<');
	buf_add(out, address);
	buf_add(out, STR(">\r\n"));
}

static void add_headers(struct buf *out, const struct mail *mail)
{
	struct str domain = address_domain(mail->from);

	buf_printf(out, "Date: %.*s\r\n", STR_ARG(mail->date));
	add_mailbox(out, STR("From:"), mail->from_name, mail->from);
	add_mailbox(out, STR("To:"), mail->to_name, mail->to);
	add_text_header(out, STR("Subject:"), mail->subject);
	buf_printf(out, "Message-ID: <%.*s@%.*s>\r\n", STR_ARG(mail->id),
		   STR_ARG(domain));
	buf_add(out, STR("Auto-Submitted: auto-generated\r\n"));
	if (!str_is_absent(mail->stop_url)) {
		buf_printf(out, "List-Unsubscribe:\r\n <%.*s>\r\n",
			   STR_ARG(mail->stop_url));
		buf_add(out, STR("List-Unsubscribe-Post: "
				 "List-Unsubscribe=One-Click\r\n"));
	}
	buf_add(out, STR("MIME-Version: 1.0\r\n"));
	/* "=_" occurs in neither encoding, so a part cannot hold it. */
	buf_printf(out,
		   "Content-Type: multipart/alternative;\r\n"
		   " boundary=\"=_%.*s\"\r\n",
		   STR_ARG(mail->id));
}

/* Whichever encoding is shorter: base64 for scripts other than Latin. */
static void add_part(struct buf *out, const struct mail *mail, const char *type,
		     struct str text)
{
	struct buf lines = buf_init(out->arena, text.n + 64);
	struct buf quoted = buf_init(out->arena, text.n * 2 + 64);
	bool base64;

	encode_crlf(&lines, text);
	encode_quoted(&quoted, buf_str(&lines));
	base64 = quoted.n > lines.n / 57 * 78 + 78;
	buf_printf(out,
		   "\r\n--=_%.*s\r\n"
		   "Content-Type: text/%s; charset=utf-8\r\n"
		   "Content-Transfer-Encoding: %s\r\n\r\n",
		   STR_ARG(mail->id), type,
		   base64 ? "base64" : "quoted-printable");
	if (base64)
		encode_base64_lines(out, buf_str(&lines));
	else
		buf_add(out, buf_str(&quoted));
}

static bool is_header_text(struct str s)
{
	return s.n <= MAIL_NAME_MAX && str_is_utf8(s) &&
	       !str_has_control(s, false);
}

static bool is_body(struct str s)
{
	return s.n > 0 && str_is_utf8(s) && !str_has_control(s, true);
}

/* Visible ASCII without the brackets it will stand in. */
static bool is_url(struct str s)
{
	for (ptrdiff_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~' || s.p[i] == '<' ||
		    s.p[i] == '>')
			return false;
	return s.n > 0 && s.n <= URL_MAX;
}

/* Letters, digits, blanks and the few marks a Date is written with. */
static bool is_date(struct str s)
{
	return s.n > 0 && s.n <= 40 && str_is_plain(s, " ,:+-");
}

static bool is_id(struct str s)
{
	return s.n > 0 && s.n <= 40 && str_is_plain(s, "-_");
}

/* Why a mail may not be written, or NULL. */
static const char *find_fault(const struct mail *mail)
{
	const struct {
		bool good;
		const char *why;
	} checks[] = {
		{address_is_valid(mail->from), "bad sender address"},
		{address_is_valid(mail->to), "bad recipient address"},
		{is_header_text(mail->from_name), "bad sender name"},
		{is_header_text(mail->to_name), "bad recipient name"},
		{mail->subject.n > 0 && is_header_text(mail->subject),
		 "bad subject"},
		{is_date(mail->date), "bad date"},
		{is_id(mail->id), "bad message id"},
		{is_body(mail->text), "bad text part"},
		{is_body(mail->html), "bad HTML part"},
		{str_is_absent(mail->stop_url) || is_url(mail->stop_url),
		 "bad unsubscribe link"},
	};

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		if (!checks[i].good)
			return checks[i].why;
	return NULL;
}

struct str mail_write(struct arena *a, const struct mail *mail,
		      const char **why)
{
	struct buf out = buf_init(a, 8192);

	*why = find_fault(mail);
	if (*why)
		return STR_ABSENT;
	add_headers(&out, mail);
	add_part(&out, mail, "plain", mail->text);
	add_part(&out, mail, "html", mail->html);
	buf_printf(&out, "\r\n--=_%.*s--\r\n", STR_ARG(mail->id));
	if (out.n > MAIL_BYTES_MAX) {
		*why = "message too large";
		return STR_ABSENT;
	}
	return buf_str(&out);
}
