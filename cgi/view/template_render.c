/*
 * Runs a template's instructions against values.  Must not know what kinds of
 * value there are, nor where the text goes.  Nothing is allocated but the
 * text itself and what values make of themselves.
 */
#include "view/template_code.h"

#include "view/html.h"

#define RENDER_CALLS 64	    /* partials, parents and blocks in each other */
#define RENDER_CONTEXTS 256 /* sections in each other, over all of those */
#define RENDER_PLACES 128   /* a power of 2 */
#define RENDER_STEPS 1000000000L

/* The indentation that the lines of a template get, outermost first. */
struct indent {
	const struct indent *outer;
	struct str own;
};

/* The blocks that a parent tag gives; outer gave those of its own template. */
struct given {
	const struct op *parent;
	const struct given *outer;
};

/* Where values of a kind and owner have a member; see struct value_kind. */
struct place {
	const struct value_kind *kind;
	const void *of;
	const struct name *name;
	int place;
};

struct render {
	struct buf *out;
	const struct template_set *set;
	const struct indent *indent;
	const struct given *given;
	long steps; /* that may still be made */
	int calls;
	bool fresh; /* at the start of a line that a template's text ended */
	struct value *top;		       /* the innermost context */
	struct value context[RENDER_CONTEXTS]; /* outermost first */
	struct place place[RENDER_PLACES];
};

static void run(struct render *r, const struct op *op, const struct op *end);

static inline void put(struct render *r, struct str s)
{
	struct buf *out = r->out;
	ptrdiff_t n = out->n;

	if (out->cap - n < s.n) {
		buf_add(out, s);
		return;
	}
	memcpy(out->p + n, s.p, (size_t)s.n);
	out->n = n + s.n;
}

static void put_indent(struct render *r, const struct indent *indent)
{
	if (indent->outer)
		put_indent(r, indent->outer);
	put(r, indent->own);
}

static inline void start_line(struct render *r)
{
	if (r->fresh && r->indent)
		put_indent(r, r->indent);
	r->fresh = false;
}

/* A line with nothing on it is not indented. */
static void put_lines(struct render *r, struct str text)
{
	while (text.n > 0) {
		ptrdiff_t newline = str_find(text, '\n');
		struct str line =
			newline < 0 ? text : str_first(text, newline + 1);

		if (!str_equal(line, STR("\n")) &&
		    !str_equal(line, STR("\r\n")))
			start_line(r);
		put(r, line);
		r->fresh = newline >= 0;
		text = str_from(text, line.n);
	}
}

static inline void put_text(struct render *r, struct str text)
{
	if (r->indent) {
		put_lines(r, text);
		return;
	}
	put(r, text);
	r->fresh = text.p[text.n - 1] == '\n';
}

/* Where it is kept which place a name has in a value of this owner. */
static inline struct place *known_place(struct render *r, const struct value *v,
					const struct name *name)
{
	uintptr_t owner = (uintptr_t)v->of >> 4;

	return &r->place[(name->id + owner * 7) % RENDER_PLACES];
}

static inline bool is_known(const struct place *known, const struct value *v,
			    const struct name *name)
{
	return known->name == name && known->of == v->of &&
	       known->kind == v->kind;
}

/* The place is asked for once while the kind and owner stay the same. */
static int find_place(struct render *r, const struct value *v,
		      const struct name *name)
{
	struct place *known = known_place(r, v, name);

	if (!v->kind->place)
		return -1;
	if (!is_known(known, v, name))
		*known = (struct place){
			.kind = v->kind,
			.of = v->of,
			.name = name,
			.place = v->kind->place(v->of, name->text),
		};
	return known->place;
}

static struct value find_parts(struct render *r, const struct op *op,
			       struct value v)
{
	for (int part = 1; part < op->parts; part++) {
		int place = find_place(r, &v, op->path[part]);

		if (place < 0)
			return value_absent();
		v = value_at(&v, place, r->out->arena);
	}
	return v;
}

/*
 * The first name is sought outwards, each further one in what was found.
 * What is not found is absent.
 */
static struct value find_outwards(struct render *r, const struct op *op)
{
	if (op->parts == 0)
		return *r->top;
	for (const struct value *v = r->top; v >= r->context; v--) {
		int place = find_place(r, v, op->path[0]);

		if (place >= 0)
			return find_parts(r, op,
					  value_at(v, place, r->out->arena));
	}
	return value_absent();
}

/* Most names are members of the innermost context, and known to be. */
static inline struct value find(struct render *r, const struct op *op)
{
	const struct value *v = r->top;
	const struct place *known;

	if (op->parts == 1) {
		known = known_place(r, v, op->path[0]);
		if (is_known(known, v, op->path[0]) && known->place >= 0)
			return value_at(v, known->place, r->out->arena);
	}
	return find_outwards(r, op);
}

static void show(struct render *r, const struct op *op)
{
	struct str text = value_as_text(find(r, op));

	start_line(r);
	if (text.n <= 0)
		return;
	if (op->code == OP_SHOW)
		html_escape(r->out, text);
	else
		put(r, text);
}

static void run_with(struct render *r, const struct op *op, struct value v)
{
	*++r->top = v;
	run(r, op + 1, op + op->skip);
	r->top--;
}

static void run_section(struct render *r, const struct op *op)
{
	struct value v = find(r, op);

	if (r->top == &r->context[RENDER_CONTEXTS - 1] || !value_is_true(v))
		return;
	if (v.kind->count) {
		ptrdiff_t count = v.kind->count(v);

		for (ptrdiff_t i = 0; i < count; i++)
			run_with(r, op, v.kind->item(v, i));
	} else {
		run_with(r, op, v);
	}
}

static void run_inverted(struct render *r, const struct op *op)
{
	if (!value_is_true(find(r, op)))
		run(r, op + 1, op + op->skip);
}

static const struct template *called(struct render *r, const struct op *op)
{
	const struct name *name =
		op->dynamic
			? template_name_find(r->set, value_as_text(find(r, op)))
			: op->path[0];

	return name ? name->template : NULL;
}

/* Runs instructions whose lines are indented as op says. */
static void run_indented(struct render *r, const struct op *op,
			 const struct op *from, const struct op *to)
{
	const struct indent *outer = r->indent;
	struct indent indent = {.outer = outer, .own = op->text};

	if (r->calls == RENDER_CALLS)
		return;
	if (op->text.n > 0)
		r->indent = &indent;
	r->calls++;
	run(r, from, to);
	r->calls--;
	r->indent = outer;
}

/*
 * What stands within a line is put there as it is: the indentation of this
 * template's lines is not that of the other's.
 */
static void run_template(struct render *r, const struct op *op,
			 const struct template *t)
{
	const struct indent *outer = r->indent;

	if (!t)
		return;
	if (outer && !op->alone) {
		start_line(r);
		r->indent = NULL;
	}
	run_indented(r, op, t->op, t->op + t->ops);
	r->indent = outer;
}

static void run_parent(struct render *r, const struct op *op)
{
	struct given given = {.parent = op, .outer = r->given};

	r->given = &given;
	run_template(r, op, called(r, op));
	r->given = given.outer;
}

/* The outermost template that replaces a block decides. */
static const struct op *find_given(const struct given *given,
				   const struct name *block,
				   const struct given **by)
{
	const struct op *found, *end;

	if (!given)
		return NULL;
	found = find_given(given->outer, block, by);
	if (found)
		return found;
	end = given->parent + given->parent->skip;
	for (const struct op *op = given->parent + 1; op < end; op += op->skip)
		if (op->path[0] == block) {
			*by = given;
			return op;
		}
	return NULL;
}

/*
 * A block that replaces another belongs to the template it stands in: blocks
 * within it are replaced by what was given to that template.
 */
static void run_block(struct render *r, const struct op *op)
{
	const struct given *given = r->given, *by = NULL;
	const struct op *from = find_given(given, op->path[0], &by);

	if (from)
		r->given = by->outer;
	else
		from = op;
	run_indented(r, op, from + 1, from + from->skip);
	r->given = given;
}

static void run(struct render *r, const struct op *op, const struct op *end)
{
	for (; op < end && r->steps > 0; op += op->skip) {
		r->steps--;
		if (op->before.n > 0)
			put_text(r, op->before);
		switch (op->code) {
		case OP_TEXT:
			break;
		case OP_NEWLINE:
			if (!r->fresh)
				put_text(r, op->text);
			break;
		case OP_SHOW:
		case OP_SHOW_RAW:
			show(r, op);
			break;
		case OP_SECTION:
			run_section(r, op);
			break;
		case OP_INVERTED:
			run_inverted(r, op);
			break;
		case OP_PARTIAL:
			run_template(r, op, called(r, op));
			break;
		case OP_PARENT:
			run_parent(r, op);
			break;
		case OP_BLOCK:
			run_block(r, op);
			break;
		}
	}
}

void template_render_steps(const struct template *template,
			   struct value context, struct buf *out, long steps)
{
	struct render r;

	r.out = out;
	r.set = template->set;
	r.indent = NULL;
	r.given = NULL;
	r.steps = steps;
	r.calls = 0;
	r.fresh = true;
	r.top = r.context;
	r.context[0] = context;
	memset(r.place, 0, sizeof(r.place));
	run(&r, template->op, template->op + template->ops);
}

void template_render(const struct template *template, struct value context,
		     struct buf *out)
{
	template_render_steps(template, context, out, RENDER_STEPS);
}
