/*
 * Which names a template asks for.  Must not know what they stand for.
 */
#include "view/template_code.h"

#define NAMES_MEMORY ((size_t)16 << 20)

/* Sets of which only the names are used: for what has been met already. */
struct names {
	void (*seen)(void *with, struct str name);
	void *with;
	struct template_set *told;
	struct template_set *walked;
};

static bool is_new(struct template_set *set, struct str name)
{
	uint32_t before = set->names;

	(void)template_name(set, name);
	return set->names > before;
}

static void names_tell(struct names *n, const struct op *op)
{
	struct buf name = buf_init(n->told->arena, 0);

	for (int i = 0; i < op->parts; i++) {
		if (i > 0)
			buf_add_byte(&name, '.');
		buf_add(&name, op->path[i]->text);
	}
	if (op->parts > 0 && is_new(n->told, buf_str(&name)))
		n->seen(n->with, buf_str(&name));
}

static void names_walk(struct names *n, const struct template *t)
{
	const struct op *end = t->op + t->ops;

	if (!is_new(n->walked, t->name->text))
		return;
	for (const struct op *op = t->op; op < end; op++) {
		bool calls = op->code == OP_PARTIAL || op->code == OP_PARENT;
		bool plain = op->code == OP_TEXT || op->code == OP_NEWLINE ||
			     op->code == OP_BLOCK;

		if (calls && !op->dynamic) {
			if (op->path[0]->template)
				names_walk(n, op->path[0]->template);
		} else if (!plain) {
			names_tell(n, op);
		}
	}
}

void template_names(const struct template *template,
		    void (*seen)(void *with, struct str name), void *with)
{
	struct names n = {.seen = seen, .with = with};
	struct arena a;

	arena_init(&a, NAMES_MEMORY);
	n.told = template_set_new(&a);
	n.walked = template_set_new(&a);
	names_walk(&n, template);
	arena_release(&a);
}
