/*
 * Values that stand in C: texts, truths, lists, and objects of named values.
 * Must not know where a value is shown.
 */
#include "view/value.h"

static struct str value_text_text(struct value v)
{
	return str_at(v.of, (ptrdiff_t)v.at);
}

static bool value_text_truth(struct value v)
{
	return v.at > 0;
}

const struct value_kind value_text_kind = {
	.text = value_text_text,
	.truth = value_text_truth,
};

static struct str value_bool_text(struct value v)
{
	return v.at ? STR("true") : STR("false");
}

static bool value_bool_truth(struct value v)
{
	return v.at != 0;
}

static ptrdiff_t value_list_count(struct value v)
{
	return (ptrdiff_t)v.at;
}

static struct value value_list_item(struct value v, ptrdiff_t item)
{
	const struct value *items = v.of;

	return items[item];
}

static int value_object_place(const void *of, struct str name)
{
	const struct value_field *fields = of;

	for (int i = 0; fields[i].name; i++)
		if (str_equal(str_of(fields[i].name), name))
			return i;
	return -1;
}

static struct value value_object_member(struct value v, int place,
					struct arena *a)
{
	const struct value_field *fields = v.of;

	(void)a;
	return fields[place].value;
}

static bool value_object_truth(struct value v)
{
	return v.of != NULL;
}

static int value_record_place(const void *of, struct str name)
{
	const struct value_shape *shape = of;

	for (int i = 0; i < shape->count; i++)
		if (str_equal(shape->names[i], name))
			return i;
	return -1;
}

static struct value value_record_member(struct value v, int place,
					struct arena *a)
{
	return value_at(&v, place, a);
}

static bool value_record_truth(struct value v)
{
	(void)v;
	return true;
}

const struct value_kind value_record_kind = {
	.place = value_record_place,
	.member = value_record_member,
	.truth = value_record_truth,
};

struct value value_record(const struct value_shape *shape, int64_t at)
{
	return (struct value){
		.kind = &value_record_kind,
		.of = shape,
		.at = at,
	};
}

struct value value_absent(void)
{
	static const struct value_kind kind = {0};

	return (struct value){.kind = &kind};
}

struct value value_text(const struct str *text)
{
	return (struct value){
		.kind = &value_text_kind,
		.of = text->p,
		.at = text->n,
	};
}

struct value value_bool(bool truth)
{
	static const struct value_kind kind = {
		.text = value_bool_text,
		.truth = value_bool_truth,
	};

	return (struct value){.kind = &kind, .at = truth};
}

struct value value_list(const struct value *items, ptrdiff_t count)
{
	static const struct value_kind kind = {
		.count = value_list_count,
		.item = value_list_item,
	};

	return (struct value){.kind = &kind, .of = items, .at = count};
}

struct value value_object(const struct value_field *fields)
{
	static const struct value_kind kind = {
		.place = value_object_place,
		.member = value_object_member,
		.truth = value_object_truth,
	};

	return (struct value){.kind = &kind, .of = fields};
}

bool value_member(struct value v, struct str name, struct arena *a,
		  struct value *out)
{
	int place = v.kind->place ? v.kind->place(v.of, name) : -1;

	if (place < 0)
		return false;
	*out = value_at(&v, place, a);
	return true;
}
