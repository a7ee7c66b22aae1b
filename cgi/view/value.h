/*
 * What a template sees: a tree of values behind a small table of functions,
 * so that result rows, form values and JSON are shown without being copied.
 * Knows nothing of templates or HTML.
 */
#ifndef VIEW_VALUE_H
#define VIEW_VALUE_H

#include "base/str.h"

struct value_kind;

/* A value: its kind, whose it is, and a number that the kind gives meaning. */
struct value {
	const struct value_kind *kind;
	const void *of;
	int64_t at;
};

/*
 * A kind fills in what its values can do; NULL stands for no members, no
 * text, false, no list.
 */
struct value_kind {
	/*
	 * The place of the member of that name, or -1 when there is none.
	 * It depends on value.of alone, so that a template asks once for all
	 * rows of a result.
	 */
	int (*place)(const void *of, struct str name);
	/* The member at that place; what has to be made is in the arena. */
	struct value (*member)(struct value v, int place, struct arena *a);
	/* Its text when interpolated; absent shows as nothing. */
	struct str (*text)(struct value v);
	/* Whether a section of it is shown; see below. Not asked of lists. */
	bool (*truth)(struct value v);
	/* Number of items of a list. */
	ptrdiff_t (*count)(struct value v);
	/* The item'th item of a list. */
	struct value (*item)(struct value v, ptrdiff_t item);
};

/*
 * False is: SQL NULL, JSON null and false, a bool column `f`, an empty text,
 * a list without items.  "0" is true.
 */

/* A value that is false and shows as nothing. */
struct value value_absent(void);
/* A text, as it is now; its bytes must outlive the value. */
struct value value_text(const struct str *text);
/* The kind of those: of points to the bytes, at is their number. */
extern const struct value_kind value_text_kind;
/* Shown as `true` and `false`. */
struct value value_bool(bool truth);
/* A list of count values, which must outlive it. */
struct value value_list(const struct value *items, ptrdiff_t count);

/* A named value, for the outermost context of a template. */
struct value_field {
	const char *name;
	struct value value;
};

/* An object of named values; the last field has name NULL. */
struct value value_object(const struct value_field *fields);

/*
 * Records: objects whose members stand in a row.  Those of one shape have the
 * same names, and a template seeks a name once for all of them.
 */
struct value_shape {
	const struct value *members; /* of all records of the shape */
	const struct str *names;
	int count;
};

/* The record whose members begin at members[at]. */
struct value value_record(const struct value_shape *shape, int64_t at);
/* The kind of those: of is the shape. */
extern const struct value_kind value_record_kind;

/* What the functions of a kind tell; texts and records need no call. */
static inline struct str value_as_text(struct value v)
{
	if (v.kind == &value_text_kind)
		return (struct str){(const char *)v.of, (ptrdiff_t)v.at};
	return v.kind->text ? v.kind->text(v) : STR_ABSENT;
}

static inline bool value_is_true(struct value v)
{
	if (v.kind == &value_text_kind)
		return v.at > 0;
	if (v.kind->count)
		return v.kind->count(v) > 0;
	return v.kind->truth && v.kind->truth(v);
}

static inline struct value value_at(const struct value *v, int place,
				    struct arena *a)
{
	const struct value_shape *shape = (const struct value_shape *)v->of;

	if (v->kind == &value_record_kind)
		return shape->members[v->at + place];
	return v->kind->member(*v, place, a);
}

/*
 * The member of that name; false when there is none.  For kinds that are made
 * of others, and for tests.
 */
bool value_member(struct value v, struct str name, struct arena *a,
		  struct value *out);

#endif
