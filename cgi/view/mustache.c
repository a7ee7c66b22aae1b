/*
 * Sets of compiled templates: made, read from a folder, checked, searched.
 * Must not know how a template is cut up or run.
 */
#include "view/template_code.h"

#include <dirent.h>
#include <errno.h>

#define SET_SUFFIX ".mustache"

bool template_fail(const struct template *t, struct template_error *error,
		   const char *at, struct str what)
{
	struct str before = str_at(t->source.p, at - t->source.p);
	ptrdiff_t newline;

	*error = (struct template_error){.file = t->file, .line = 1};
	while ((newline = str_find(before, '\n')) >= 0) {
		before = str_from(before, newline + 1);
		error->line++;
	}
	error->column = (int)str_utf8_count(before) + 1;
	error->what = what;
	return false;
}

struct str template_error_text(struct arena *a,
			       const struct template_error *error)
{
	return str_printf(a, "%.*s:%d:%d: %.*s", STR_ARG(error->file),
			  error->line, error->column, STR_ARG(error->what));
}

/* FNV-1a. */
static uint32_t name_hash(struct str text)
{
	uint32_t hash = 2166136261u;

	for (ptrdiff_t i = 0; i < text.n; i++)
		hash = (hash ^ (unsigned char)text.p[i]) * 16777619u;
	return hash;
}

/* Where the name is, or the free place where it would be. */
static struct name **name_slot(const struct template_set *set, struct str text,
			       uint32_t hash)
{
	uint32_t i = hash & (set->size - 1);

	while (set->name[i] && (set->name[i]->hash != hash ||
				!str_equal(set->name[i]->text, text)))
		i = (i + 1) & (set->size - 1);
	return &set->name[i];
}

static void names_grow(struct template_set *set)
{
	struct name **old = set->name;
	uint32_t size = set->size;

	set->size = size * 2;
	set->name = ARENA_ARRAY(set->arena, set->size, struct name *);
	for (uint32_t i = 0; i < size; i++)
		if (old[i])
			*name_slot(set, old[i]->text, old[i]->hash) = old[i];
}

struct name *template_name_find(const struct template_set *set, struct str text)
{
	return *name_slot(set, text, name_hash(text));
}

static struct name *name_add(struct template_set *set, struct str text,
			     uint32_t hash)
{
	struct name *name = ARENA_NEW(set->arena, struct name);

	if (set->names >= set->size / 2)
		names_grow(set);
	name->text = str_copy(set->arena, text);
	name->hash = hash;
	name->id = set->names++;
	*name_slot(set, text, hash) = name;
	return name;
}

struct name *template_name(struct template_set *set, struct str text)
{
	uint32_t hash = name_hash(text);
	struct name *known = *name_slot(set, text, hash);

	return known ? known : name_add(set, text, hash);
}

struct template_set *template_set_new(struct arena *a)
{
	struct template_set *set = ARENA_NEW(a, struct template_set);

	set->arena = a;
	set->size = 256;
	set->name = ARENA_ARRAY(a, set->size, struct name *);
	set->last = &set->first;
	return set;
}

/* The template is known by its name only once it has been compiled. */
static bool set_add(struct template_set *set, struct template *t,
		    struct str name, struct template_error *error)
{
	struct name *known = template_name(set, name);

	t->set = set;
	t->name = known;
	if (known->template)
		return template_fail(t, error, t->source.p,
				     STR("There is a template of that name "
					 "already."));
	if (!str_is_utf8(t->source))
		return template_fail(t, error, t->source.p,
				     STR("This file is not UTF-8 text."));
	if (!template_parse(t, error))
		return false;
	known->template = t;
	*set->last = t;
	set->last = &t->next;
	return true;
}

bool template_set_add(struct template_set *set, struct str name,
		      struct str source, enum template_escape escape,
		      bool strict, struct template_error *error)
{
	struct template *t = ARENA_NEW(set->arena, struct template);

	t->file = str_copy(set->arena, name);
	t->source = source.n > 0 ? str_copy(set->arena, source) : STR("");
	t->escape = escape;
	t->strict = strict;
	return set_add(set, t, name, error);
}

const struct template *template_find(const struct template_set *set,
				     struct str name)
{
	const struct name *known = template_name_find(set, name);

	return known ? known->template : NULL;
}

static bool has_block(struct template *t, const struct name *block)
{
	const struct op *end = t->op + t->ops;

	if (t->seen)
		return false;
	t->seen = true;
	for (const struct op *op = t->op; op < end; op++) {
		bool calls = op->code == OP_PARTIAL || op->code == OP_PARENT;

		if (op->code == OP_BLOCK && op->path[0] == block)
			return true;
		if (calls && op->dynamic)
			return true;
		if (calls && op->path[0]->template &&
		    has_block(op->path[0]->template, block))
			return true;
	}
	return false;
}

/* Each block given to a parent is one that the parent has. */
static bool check_blocks(const struct template *t, const struct op *parent,
			 struct template_error *error)
{
	struct template *called = parent->path[0]->template;
	const struct op *end = parent + parent->skip;

	for (const struct op *op = parent + 1; op < end; op += op->skip) {
		for (struct template *o = t->set->first; o; o = o->next)
			o->seen = false;
		if (!has_block(called, op->path[0]))
			return template_fail(
				t, error, op->at,
				str_printf(t->set->arena,
					   "%.*s has no block %.*s to replace.",
					   STR_ARG(called->name->text),
					   STR_ARG(op->path[0]->text)));
	}
	return true;
}

static bool check_template(const struct template *t,
			   struct template_error *error)
{
	const struct op *end = t->op + t->ops;

	for (const struct op *op = t->op; op < end; op++) {
		if ((op->code != OP_PARTIAL && op->code != OP_PARENT) ||
		    op->dynamic)
			continue;
		if (!op->path[0]->template)
			return template_fail(
				t, error, op->at,
				str_printf(t->set->arena,
					   "There is no template %.*s.",
					   STR_ARG(op->path[0]->text)));
		if (t->strict && op->code == OP_PARENT &&
		    !check_blocks(t, op, error))
			return false;
	}
	return true;
}

bool template_set_check(struct template_set *set, struct template_error *error)
{
	for (const struct template *t = set->first; t; t = t->next)
		if (!check_template(t, error))
			return false;
	return true;
}

static bool read_fail(struct template_error *error, struct str file)
{
	*error = (struct template_error){
		.file = file,
		.line = 1,
		.column = 1,
		.what = str_of(strerror(errno)),
	};
	return false;
}

static bool read_file(struct arena *a, struct str path, struct str *content)
{
	FILE *f = fopen(str_z(a, path), "rb");
	struct buf b = buf_init(a, 4096);
	char chunk[4096];
	size_t n;
	bool done;

	if (!f)
		return false;
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(&b, str_at(chunk, (ptrdiff_t)n));
	done = !ferror(f);
	*content = buf_str(&b);
	return fclose(f) == 0 && done;
}

static bool read_template(struct template_set *set, const char *directory,
			  struct str entry, struct template_error *error)
{
	struct template *t = ARENA_NEW(set->arena, struct template);
	struct str name = entry;

	name.n -= (ptrdiff_t)sizeof(SET_SUFFIX) - 1;
	t->file = str_printf(set->arena, "%s/%.*s", directory, STR_ARG(entry));
	t->escape = str_ends(name, STR(".txt")) ? TEMPLATE_TEXT : TEMPLATE_HTML;
	t->strict = true;
	if (!read_file(set->arena, t->file, &t->source))
		return read_fail(error, t->file);
	return set_add(set, t, name, error);
}

static int entry_compare(const void *a, const void *b)
{
	const struct str *x = a;
	const struct str *y = b;
	ptrdiff_t n = x->n < y->n ? x->n : y->n;
	int order = memcmp(x->p, y->p, (size_t)n);

	return order ? order : (x->n > y->n) - (x->n < y->n);
}

/* The folder's templates by name, so that the first error is always the same.
 */
static struct str *read_entries(struct arena *a, DIR *dir, ptrdiff_t *n)
{
	struct str *entry = NULL;
	ptrdiff_t cap = 0;
	const struct dirent *found;

	*n = 0;
	while ((found = readdir(dir)) != NULL) {
		struct str name = str_of(found->d_name);

		if (!str_ends(name, STR(SET_SUFFIX)) ||
		    str_starts(name, STR(".")))
			continue;
		if (*n == cap) {
			struct str *wider =
				ARENA_ARRAY(a, cap * 2 + 64, struct str);

			if (cap > 0)
				memcpy(wider, entry,
				       (size_t)cap * sizeof(*entry));
			entry = wider;
			cap = cap * 2 + 64;
		}
		entry[(*n)++] = str_copy(a, name);
	}
	if (*n > 0)
		qsort(entry, (size_t)*n, sizeof(*entry), entry_compare);
	return entry;
}

/* What stands in an earlier folder stays as it is. */
static bool read_folder(struct template_set *set, const char *directory,
			struct template_error *error)
{
	DIR *dir = opendir(directory);
	struct str *entry;
	ptrdiff_t n;

	if (!dir)
		return read_fail(error,
				 str_copy(set->arena, str_of(directory)));
	entry = read_entries(set->arena, dir, &n);
	(void)closedir(dir);
	for (ptrdiff_t i = 0; i < n; i++) {
		struct str name = str_first(
			entry[i],
			entry[i].n - ((ptrdiff_t)sizeof(SET_SUFFIX) - 1));

		if (!template_find(set, name) &&
		    !read_template(set, directory, entry[i], error))
			return false;
	}
	return true;
}

struct template_set *template_set_read(struct arena *a, const char *folders,
				       struct template_error *error)
{
	struct template_set *set = template_set_new(a);
	struct str rest = str_of(folders);

	while (!str_is_absent(rest)) {
		struct str folder = str_cut(rest, ':', &rest);

		if (!read_folder(set, str_z(a, folder), error))
			return NULL;
	}
	return template_set_check(set, error) ? set : NULL;
}
