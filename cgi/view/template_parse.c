/*
 * Turns a template's tokens into instructions: which white space belongs to
 * tags, what belongs to whom.  Must not know any value.
 */
#include "view/template_code.h"

static struct str leading(struct str s)
{
	ptrdiff_t n = 0;

	while (n < s.n && (s.p[n] == ' ' || s.p[n] == '\t'))
		n++;
	return str_first(s, n);
}

/* s without what it and base begin with alike. */
static struct str without(struct str s, struct str base)
{
	ptrdiff_t n = 0;

	while (n < s.n && n < base.n && s.p[n] == base.p[n])
		n++;
	return str_from(s, n);
}

/*
 * The tag stands first on its line, after white space perhaps, or last.  The
 * flags of tokens stay as scanned when their white space is taken away.
 */
static bool opens_line(const struct parse *p, ptrdiff_t i)
{
	const struct token *before = i > 0 ? &p->token[i - 1] : NULL;

	return p->token[i].first || (before && before->kind == TOKEN_TEXT &&
				     before->blank && before->first);
}

static bool ends_line(const struct parse *p, ptrdiff_t i)
{
	const struct token *after = &p->token[i + 1];

	if (i + 1 == p->n)
		return true;
	return after->kind == TOKEN_TEXT && after->blank &&
	       (after->eol || i + 2 == p->n);
}

/* Takes the white space before a tag that opens its line. */
static struct str take_lead(struct parse *p, ptrdiff_t i)
{
	struct str lead = STR("");

	if (!p->token[i].first) {
		lead = p->token[i - 1].text;
		p->token[i - 1].text = STR("");
	}
	return lead;
}

/* Takes the rest of the line behind a tag that ends it. */
static void take_tail(struct parse *p, ptrdiff_t i)
{
	if (i + 1 < p->n)
		p->token[i + 1].text = STR("");
}

/*
 * The white space that the first line between two tags begins with; absent
 * when no line begins there.
 */
static struct str first_indent(const struct parse *p, ptrdiff_t open,
			       ptrdiff_t close)
{
	for (ptrdiff_t i = open + 2; i < close; i++) {
		const struct token *token = &p->token[i];

		if (!token->first)
			continue;
		if (token->kind != TOKEN_TEXT)
			return STR("");
		if (!token->blank)
			return leading(token->text);
		if (!token->eol)
			return i + 1 == close ? STR_ABSENT : token->text;
	}
	return STR_ABSENT;
}

/*
 * What replaces a block is shown elsewhere: its own lines count, not what
 * stands beside its tags.
 */
static void trim_argument(struct parse *p, ptrdiff_t open)
{
	struct token *token = &p->token[open];
	ptrdiff_t close = token->match;

	if (open + 1 < close && p->token[open + 1].eol &&
	    p->token[open + 1].blank) {
		token->base = first_indent(p, open, close);
		take_tail(p, open);
	}
	if (open + 1 < close && opens_line(p, close))
		(void)take_lead(p, close);
}

static bool is_one_line(const struct parse *p, ptrdiff_t open, ptrdiff_t close)
{
	for (ptrdiff_t i = open; i < close; i++)
		if (p->token[i].eol)
			return false;
	return opens_line(p, open) && ends_line(p, close);
}

/*
 * A block whose tags have their lines to themselves is indented as its own
 * content is; one that has a whole line to itself, as that line is.
 */
static void trim_block(struct parse *p, ptrdiff_t open)
{
	struct token *token = &p->token[open];
	ptrdiff_t close = token->match;

	if (is_one_line(p, open, close)) {
		token->alone = true;
		token->indent = take_lead(p, open);
		if (close + 1 < p->n)
			p->token[close + 1].line = p->token[close + 1].eol;
		return;
	}
	if (opens_line(p, open) && ends_line(p, open)) {
		token->alone = true;
		token->base = first_indent(p, open, close);
		token->indent = take_lead(p, open);
		if (!str_is_absent(token->base))
			token->indent = token->base;
		take_tail(p, open);
	}
	if (opens_line(p, close) && ends_line(p, close)) {
		(void)take_lead(p, close);
		take_tail(p, close);
	}
}

static void trim_alone(struct parse *p, ptrdiff_t first, ptrdiff_t last)
{
	if (!opens_line(p, first) || !ends_line(p, last))
		return;
	p->token[first].alone = true;
	p->token[first].indent = take_lead(p, first);
	take_tail(p, last);
}

static bool is_argument(const struct parse *p, const struct token *token)
{
	return token->kind == TOKEN_BLOCK && token->inside >= 0 &&
	       p->token[token->inside].kind == TOKEN_PARENT;
}

/* Takes away the white space that belongs to tags. */
static void parse_trim(struct parse *p)
{
	for (ptrdiff_t i = 0; i < p->n; i++) {
		struct token *token = &p->token[i];

		switch (token->kind) {
		case TOKEN_SECTION:
		case TOKEN_INVERTED:
		case TOKEN_PARTIAL:
		case TOKEN_IGNORED:
			trim_alone(p, i, i);
			break;
		case TOKEN_CLOSE:
			if (p->token[token->match].kind == TOKEN_SECTION ||
			    p->token[token->match].kind == TOKEN_INVERTED)
				trim_alone(p, i, i);
			break;
		case TOKEN_PARENT:
			trim_alone(p, i, token->match);
			break;
		case TOKEN_BLOCK:
			if (is_argument(p, token))
				trim_argument(p, i);
			else
				trim_block(p, i);
			break;
		case TOKEN_TEXT:
		case TOKEN_SHOW:
		case TOKEN_SHOW_RAW:
			break;
		}
	}
}

/* Instructions being written; base is what the lines here begin with. */
struct emit {
	struct parse *p;
	struct template *template;
	struct str base;
	ptrdiff_t fence; /* instructions that are complete */
};

static bool emit_fail(struct emit *e, const struct token *token,
		      struct str what)
{
	return template_fail(e->template, e->p->error, token->at, what);
}

/* A text that what follows can take along: not the last of a section. */
static struct op *emit_open_text(struct emit *e)
{
	struct template *t = e->template;

	if (t->ops == e->fence || t->op[t->ops - 1].code != OP_TEXT)
		return NULL;
	return &t->op[t->ops - 1];
}

static struct op *emit_op(struct emit *e, const struct token *token,
			  enum op_code code)
{
	struct op *text = emit_open_text(e);
	struct op *op = text ? text : &e->template->op[e->template->ops++];

	*op = (struct op){
		.before = text ? text->before : STR(""),
		.code = code,
		.dynamic = token->dynamic,
		.alone = token->alone,
		.text = STR(""),
		.skip = 1,
		.at = token->at,
	};
	return op;
}

/* What was written since op belongs to it. */
static void emit_end(struct emit *e, struct op *op)
{
	op->skip = &e->template->op[e->template->ops] - op;
	e->fence = e->template->ops;
}

/* A name of one part, dots and all: of templates and blocks. */
static void emit_name(struct emit *e, struct op *op, struct str name)
{
	const struct name **path =
		ARENA_ARRAY(e->p->arena, 1, const struct name *);

	path[0] = template_name(e->template->set, name);
	op->path = path;
	op->parts = 1;
}

static bool emit_path(struct emit *e, struct op *op, const struct token *token)
{
	struct str rest = token->text;
	const struct name **path;
	int dots = 0;

	if (str_equal(rest, STR(".")))
		return true;
	for (ptrdiff_t i = 0; i < rest.n; i++)
		dots += rest.p[i] == '.';
	path = ARENA_ARRAY(e->p->arena, dots + 1, const struct name *);
	op->path = path;
	while (!str_is_absent(rest)) {
		struct str part = str_cut(rest, '.', &rest);

		if (part.n == 0)
			return emit_fail(e, token,
					 STR("A dot stands between two names, "
					     "or alone."));
		path[op->parts++] = template_name(e->template->set, part);
	}
	return true;
}

/* Lines that follow each other in the source are one text. */
static void emit_text(struct emit *e, const struct token *token)
{
	struct op *last = emit_open_text(e);
	struct str text = token->text;

	if (token->first)
		text = without(text, e->base);
	if (text.n == 0)
		return;
	if (token->line) {
		emit_op(e, token, OP_NEWLINE)->text = text;
		return;
	}
	if (last && last->before.p + last->before.n == text.p) {
		last->before.n += text.n;
		return;
	}
	e->fence = e->template->ops;
	emit_op(e, token, OP_TEXT)->before = text;
}

static bool emit_show(struct emit *e, const struct token *token)
{
	bool raw = token->kind == TOKEN_SHOW_RAW;

	if (raw && e->template->strict)
		return emit_fail(e, token,
				 STR("Unescaped tags are not allowed here: "
				     "write {{name}}."));
	if (e->template->escape == TEMPLATE_TEXT)
		raw = true;
	return emit_path(e, emit_op(e, token, raw ? OP_SHOW_RAW : OP_SHOW),
			 token);
}

static bool emit_call(struct emit *e, const struct token *token,
		      enum op_code code)
{
	struct op *op = emit_op(e, token, code);

	op->text = without(token->indent, e->base);
	if (token->dynamic)
		return emit_path(e, op, token);
	emit_name(e, op, token->text);
	return true;
}

static bool emit_range(struct emit *e, ptrdiff_t from, ptrdiff_t to);

static bool emit_block(struct emit *e, ptrdiff_t i)
{
	const struct token *token = &e->p->token[i];
	struct op *op = emit_op(e, token, OP_BLOCK);
	struct str outer = e->base;
	bool done;

	op->text = without(token->indent, outer);
	emit_name(e, op, token->text);
	if (!str_is_absent(token->base))
		e->base = token->base;
	done = emit_range(e, i + 1, token->match);
	e->base = outer;
	emit_end(e, op);
	return done;
}

/* What a strict parent tag may hold beside blocks: nothing that shows. */
static bool emit_beside(struct emit *e, const struct token *token)
{
	if (!e->template->strict || token->kind == TOKEN_IGNORED ||
	    token->blank)
		return true;
	return emit_fail(e, token,
			 STR("Only blocks are used of what stands in a parent "
			     "tag; this would never be shown."));
}

static bool emit_twice(struct emit *e, const struct op *parent,
		       const struct token *token)
{
	const struct op *end = &e->template->op[e->template->ops];

	for (const struct op *op = parent + 1; op < end; op += op->skip)
		if (str_equal(op->path[0]->text, token->text))
			return !emit_fail(e, token,
					  STR("This block is given twice to "
					      "the same parent."));
	return false;
}

static bool emit_parent(struct emit *e, ptrdiff_t i)
{
	const struct token *token = &e->p->token[i];
	ptrdiff_t parent;

	if (!emit_call(e, token, OP_PARENT))
		return false;
	parent = e->template->ops - 1;
	for (i++; i < token->match; i++) {
		const struct token *inner = &e->p->token[i];

		if (inner->kind == TOKEN_BLOCK) {
			if (emit_twice(e, &e->template->op[parent], inner) ||
			    !emit_block(e, i))
				return false;
		} else if (!emit_beside(e, inner)) {
			return false;
		}
		if (inner->match > i)
			i = inner->match;
	}
	emit_end(e, &e->template->op[parent]);
	return true;
}

static bool emit_section(struct emit *e, ptrdiff_t i)
{
	const struct token *token = &e->p->token[i];
	bool inverted = token->kind == TOKEN_INVERTED;
	struct op *op = emit_op(e, token, inverted ? OP_INVERTED : OP_SECTION);

	if (!emit_path(e, op, token) || !emit_range(e, i + 1, token->match))
		return false;
	emit_end(e, op);
	return true;
}

static bool emit_token(struct emit *e, ptrdiff_t i)
{
	const struct token *token = &e->p->token[i];

	switch (token->kind) {
	case TOKEN_TEXT:
		emit_text(e, token);
		return true;
	case TOKEN_SHOW:
	case TOKEN_SHOW_RAW:
		return emit_show(e, token);
	case TOKEN_SECTION:
	case TOKEN_INVERTED:
		return emit_section(e, i);
	case TOKEN_BLOCK:
		return emit_block(e, i);
	case TOKEN_PARENT:
		return emit_parent(e, i);
	case TOKEN_PARTIAL:
		return emit_call(e, token, OP_PARTIAL);
	case TOKEN_CLOSE:
	case TOKEN_IGNORED:
		return true;
	}
	return true;
}

static bool emit_range(struct emit *e, ptrdiff_t from, ptrdiff_t to)
{
	for (ptrdiff_t i = from; i < to; i++) {
		if (!emit_token(e, i))
			return false;
		if (e->p->token[i].match > i)
			i = e->p->token[i].match;
	}
	return true;
}

bool template_parse(struct template *t, struct template_error *error)
{
	struct parse p = {
		.template = t,
		.arena = t->set->arena,
		.error = error,
	};
	struct emit e = {.p = &p, .template = t, .base = STR("")};

	if (!template_scan(&p))
		return false;
	parse_trim(&p);
	/* each token is one instruction at most */
	t->op = ARENA_ARRAY(p.arena, p.n + 1, struct op);
	return emit_range(&e, 0, p.n);
}
