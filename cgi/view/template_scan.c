/*
 * Cuts a template's source into texts and tags, and pairs the tags.  Must not
 * know what a tag does, nor how white space around it is treated.
 */
#include "view/template_code.h"

/* Sections, blocks and parents within each other. */
#define SCAN_NESTED 64

struct scan {
	struct parse *p;
	struct str open, close; /* delimiters */
	const char *at, *end;
	ptrdiff_t cap;
	bool first; /* the next token begins a line */
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct token *scan_add(struct scan *s, enum token_kind kind,
			      const char *at, struct str text)
{
	struct parse *p = s->p;
	struct token *token;

	if (p->n == s->cap) {
		struct token *wider =
			ARENA_ARRAY(p->arena, s->cap * 2 + 64, struct token);

		if (p->n > 0)
			memcpy(wider, p->token, (size_t)p->n * sizeof(*wider));
		p->token = wider;
		s->cap = s->cap * 2 + 64;
	}
	token = &p->token[p->n++];
	*token = (struct token){
		.kind = kind,
		.first = s->first,
		.at = at,
		.text = text,
		.match = -1,
		.inside = -1,
	};
	s->first = false;
	return token;
}

/* A carriage return is white space only before the line feed. */
static bool is_blank(struct str line)
{
	if (str_ends(line, STR("\r\n")))
		line.n -= 2;
	else if (str_ends(line, STR("\n")))
		line.n--;
	for (ptrdiff_t i = 0; i < line.n; i++)
		if (line.p[i] != ' ' && line.p[i] != '\t')
			return false;
	return true;
}

static void scan_text(struct scan *s, struct str text)
{
	while (text.n > 0) {
		ptrdiff_t at = str_find(text, '\n');
		struct str line = at < 0 ? text : str_first(text, at + 1);
		struct token *token = scan_add(s, TOKEN_TEXT, line.p, line);

		token->blank = is_blank(line);
		token->eol = at >= 0;
		s->first = token->eol;
		text = str_from(text, line.n);
	}
}

static struct str scan_rest(const struct scan *s)
{
	return str_at(s->at, s->end - s->at);
}

static bool scan_fail(struct scan *s, const char *at, struct str what)
{
	return template_fail(s->p->template, s->p->error, at, what);
}

static bool scan_unclosed(struct scan *s, const char *at, struct str close)
{
	return scan_fail(s, at,
			 str_printf(s->p->arena,
				    "This tag is not closed: %.*s is missing.",
				    STR_ARG(close)));
}

/* Reads up to close, which may stand on a later line, and behind it. */
static bool scan_until(struct scan *s, const char *at, struct str close,
		       struct str *inner)
{
	struct str rest = scan_rest(s);
	ptrdiff_t n = str_find_str(rest, close);

	if (n < 0) {
		(void)scan_unclosed(s, at, close);
		return false;
	}
	*inner = str_trim(str_first(rest, n));
	s->at = rest.p + n + close.n;
	return true;
}

static bool scan_delimiters(struct scan *s, const char *at)
{
	struct str close = str_printf(s->p->arena, "=%.*s", STR_ARG(s->close));
	struct str inner;
	ptrdiff_t n = 0;

	if (!scan_until(s, at, close, &inner))
		return false;
	while (n < inner.n && !is_space(inner.p[n]))
		n++;
	s->open = str_first(inner, n);
	s->close = str_trim(str_from(inner, n));
	n = 0;
	while (n < s->close.n && !is_space(s->close.p[n]))
		n++;
	if (s->open.n == 0 || s->close.n == 0 || n < s->close.n ||
	    str_find(inner, '=') >= 0)
		return scan_fail(s, at,
				 STR("Delimiters are two words without =, as "
				     "in {{=<% %>=}}."));
	scan_add(s, TOKEN_IGNORED, at, inner);
	return true;
}

static bool scan_name_fits(struct scan *s, const char *at, struct str name)
{
	if (str_find(name, '\n') >= 0 || str_find_str(name, s->open) >= 0)
		return scan_unclosed(s, at, s->close);
	if (name.n == 0)
		return scan_fail(s, at, STR("This tag names nothing."));
	for (ptrdiff_t i = 0; i < name.n; i++)
		if (is_space(name.p[i]))
			return scan_fail(s, at, STR("A name holds no spaces."));
	return true;
}

static bool scan_named(struct scan *s, enum token_kind kind, const char *at,
		       struct str close)
{
	struct token *token;
	struct str name;
	bool dynamic;

	if (!scan_until(s, at, close, &name))
		return false;
	dynamic = (kind == TOKEN_PARTIAL || kind == TOKEN_PARENT ||
		   kind == TOKEN_CLOSE) &&
		  str_starts(name, STR("*"));
	if (dynamic)
		name = str_trim(str_from(name, 1));
	if (!scan_name_fits(s, at, name))
		return false;
	token = scan_add(s, kind, at, name);
	token->dynamic = dynamic;
	return true;
}

static bool scan_comment(struct scan *s, const char *at)
{
	struct str inner;

	if (!scan_until(s, at, s->close, &inner))
		return false;
	scan_add(s, TOKEN_IGNORED, at, inner);
	return true;
}

/* at is the tag's first byte; what follows its opening delimiter is read. */
static bool scan_tag(struct scan *s, const char *at)
{
	static const char sigil[] = "#^$<>/&";
	static const enum token_kind kind[] = {
		TOKEN_SECTION, TOKEN_INVERTED, TOKEN_BLOCK,    TOKEN_PARENT,
		TOKEN_PARTIAL, TOKEN_CLOSE,    TOKEN_SHOW_RAW,
	};
	const char *found;

	while (s->at < s->end && is_space(*s->at))
		s->at++;
	if (s->at == s->end)
		return scan_unclosed(s, at, s->close);
	if (*s->at == '!')
		return scan_comment(s, at);
	if (*s->at == '=' && s->at++)
		return scan_delimiters(s, at);
	if (*s->at == '{' && s->at++)
		return scan_named(
			s, TOKEN_SHOW_RAW, at,
			str_printf(s->p->arena, "}%.*s", STR_ARG(s->close)));
	found = *s->at ? strchr(sigil, *s->at) : NULL;
	if (!found)
		return scan_named(s, TOKEN_SHOW, at, s->close);
	s->at++;
	return scan_named(s, kind[found - sigil], at, s->close);
}

static bool scan_tokens(struct scan *s)
{
	for (;;) {
		struct str rest = scan_rest(s);
		ptrdiff_t n = str_find_str(rest, s->open);

		if (n < 0) {
			scan_text(s, rest);
			return true;
		}
		scan_text(s, str_first(rest, n));
		s->at = rest.p + n + s->open.n;
		if (!scan_tag(s, rest.p + n))
			return false;
	}
}

static bool is_opening(enum token_kind kind)
{
	return kind == TOKEN_SECTION || kind == TOKEN_INVERTED ||
	       kind == TOKEN_BLOCK || kind == TOKEN_PARENT;
}

/* A tag as it stands in the source, for people. */
static struct str scan_quote(struct parse *p, const struct token *token)
{
	const char *sigil = token->kind == TOKEN_SECTION    ? "#"
			    : token->kind == TOKEN_INVERTED ? "^"
			    : token->kind == TOKEN_BLOCK    ? "$"
			    : token->kind == TOKEN_PARENT   ? "<"
							    : "/";

	return str_printf(p->arena, "{{%s%s%.*s}}", sigil,
			  token->dynamic ? "*" : "", STR_ARG(token->text));
}

static bool scan_close(struct parse *p, ptrdiff_t open, ptrdiff_t close)
{
	struct token *from = open < 0 ? NULL : &p->token[open];
	struct token *to = &p->token[close];
	struct template_error where = {0};
	struct str what;

	if (!from) {
		what = str_printf(p->arena, "%.*s closes nothing.",
				  STR_ARG(scan_quote(p, to)));
		return template_fail(p->template, p->error, to->at, what);
	}
	if (!str_equal(from->text, to->text) || from->dynamic != to->dynamic) {
		(void)template_fail(p->template, &where, from->at, STR_ABSENT);
		what = str_printf(p->arena,
				  "%.*s stands where %.*s of line %d, column "
				  "%d, is still open.",
				  STR_ARG(scan_quote(p, to)),
				  STR_ARG(scan_quote(p, from)), where.line,
				  where.column);
		return template_fail(p->template, p->error, to->at, what);
	}
	from->match = close;
	to->match = open;
	to->inside = from->inside;
	return true;
}

static bool scan_pairs(struct parse *p)
{
	ptrdiff_t open = -1;
	int nested = 0;

	for (ptrdiff_t i = 0; i < p->n; i++) {
		struct token *token = &p->token[i];

		token->inside = open;
		if (token->kind == TOKEN_CLOSE) {
			if (!scan_close(p, open, i))
				return false;
			open = token->inside;
			nested--;
		} else if (is_opening(token->kind)) {
			if (++nested > SCAN_NESTED)
				return template_fail(
					p->template, p->error, token->at,
					STR("Tags are nested too deep here."));
			open = i;
		}
	}
	if (open < 0)
		return true;
	return template_fail(
		p->template, p->error, p->token[open].at,
		str_printf(p->arena, "%.*s is never closed.",
			   STR_ARG(scan_quote(p, &p->token[open]))));
}

bool template_scan(struct parse *p)
{
	struct str source = p->template->source;
	struct scan s = {
		.p = p,
		.open = STR("{{"),
		.close = STR("}}"),
		.at = source.p,
		.end = source.p + source.n,
		.first = true,
	};

	return scan_tokens(&s) && scan_pairs(p);
}
