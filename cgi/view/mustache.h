/*
 * Mustache templates, compiled once and rendered from values: the public
 * spec (https://github.com/mustache/spec) with partials, inheritance and
 * dynamic names, without lambdas.  Knows no page, no database, no HTTP.
 */
#ifndef VIEW_MUSTACHE_H
#define VIEW_MUSTACHE_H

#include "base/buf.h"
#include "view/value.h"

/* A set of compiled templates that may call each other; immutable. */
struct template_set;
struct template;

/*
 * Where a template could not be compiled.  file is its name, line and column
 * count from 1, what is a sentence.
 */
struct template_error {
	struct str file;
	int line;
	int column;
	struct str what;
};

/* As compilers say it: FILE:LINE:COLUMN: what. */
struct str template_error_text(struct arena *a,
			       const struct template_error *error);

/* How interpolation is escaped: decided by the file's name (see below). */
enum template_escape { TEMPLATE_HTML, TEMPLATE_TEXT };

/*
 * Compiles every NAME.mustache of the folders, which are separated by colons;
 * of two with the same name the one in the first folder counts, so that a
 * folder before the usual one overrides single files.  Names that end in `.txt`
 * (mail_prompt.txt.mustache) are not escaped, all others are HTML.  Partials
 * and parents with fixed names must exist.  Everything lives in the arena.
 * NULL leaves the place in *error.
 */
struct template_set *template_set_read(struct arena *a, const char *folders,
				       struct template_error *error);

/*
 * An empty set, and adding a template from memory (its source is copied);
 * false leaves the place in *error.  strict templates refuse unescaped tags
 * ({{{x}}} and {{&x}}), and in parent tags what would never be shown; all of a
 * directory are strict.  For tests and tools.
 */
struct template_set *template_set_new(struct arena *a);
bool template_set_add(struct template_set *set, struct str name,
		      struct str source, enum template_escape escape,
		      bool strict, struct template_error *error);
/*
 * Checks that every partial and parent with a fixed name is there, and that
 * a strict template gives its parents only blocks that they have.
 */
bool template_set_check(struct template_set *set, struct template_error *error);

/* NULL when there is none of that name. */
const struct template *template_find(const struct template_set *set,
				     struct str name);

/*
 * Renders into out.  Partials, parents and blocks within each other are
 * bounded (64), sections over all of them too (256): deeper is cut.
 */
void template_render(const struct template *template, struct value context,
		     struct buf *out);

/*
 * Calls seen once for each dotted name that the template (partials and
 * parents included) asks for, the section names above it not joined: for the
 * test that holds templates against the columns of their queries.
 */
void template_names(const struct template *template,
		    void (*seen)(void *with, struct str name), void *with);

#endif
