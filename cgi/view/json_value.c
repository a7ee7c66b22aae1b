/*
 * JSON as template values.  Must not know where the JSON came from.
 */
#include "view/json_value.h"

/*
 * All values of a tree stand in one row: the items of a list and the members
 * of an object next to each other.
 */
struct json_tree {
	struct arena *arena;
	struct value *value;
	ptrdiff_t used;
};

/* The values below json, itself not counted. */
static ptrdiff_t json_size(const struct json *json)
{
	enum json_type type = json_type(json);
	const struct json *part;
	ptrdiff_t size = 0;
	struct str name;

	for (ptrdiff_t i = 0; type == JSON_IS_ARRAY && i < json_count(json);
	     i++)
		size += 1 + json_size(json_item(json, i));
	for (ptrdiff_t i = 0; type == JSON_IS_OBJECT &&
			      (part = json_member_at(json, i, &name)) != NULL;
	     i++)
		size += 1 + json_size(part);
	return size;
}

static struct value json_tree_read(struct json_tree *tree,
				   const struct json *json,
				   const struct value_shape *like);

static bool json_shape_fits(const struct value_shape *shape,
			    const struct json *json)
{
	struct str name;
	int n = 0;

	while (json_member_at(json, n, &name)) {
		if (n == shape->count || !str_equal(shape->names[n], name))
			return false;
		n++;
	}
	return n == shape->count;
}

static const struct value_shape *json_shape_read(struct json_tree *tree,
						 const struct json *json)
{
	struct value_shape *shape = ARENA_NEW(tree->arena, struct value_shape);
	struct str *names, name;

	while (json_member_at(json, shape->count, &name))
		shape->count++;
	names = ARENA_ARRAY(tree->arena, shape->count, struct str);
	for (int i = 0; json_member_at(json, i, &name); i++)
		names[i] = str_copy(tree->arena, name);
	shape->names = names;
	shape->members = tree->value;
	return shape;
}

/* Objects that follow each other in a list mostly are of one shape. */
static struct value json_tree_read_object(struct json_tree *tree,
					  const struct json *json,
					  const struct value_shape *like)
{
	const struct value_shape *shape = like && json_shape_fits(like, json)
						  ? like
						  : json_shape_read(tree, json);
	ptrdiff_t at = tree->used;
	const struct json *part;
	struct str name;

	tree->used += shape->count;
	for (ptrdiff_t i = 0; (part = json_member_at(json, i, &name)); i++)
		tree->value[at + i] = json_tree_read(tree, part, NULL);
	return value_record(shape, at);
}

static struct value json_tree_read_list(struct json_tree *tree,
					const struct json *json)
{
	ptrdiff_t count = json_count(json);
	struct value *item = tree->value + tree->used;
	const struct value_shape *like = NULL;

	tree->used += count;
	for (ptrdiff_t i = 0; i < count; i++) {
		item[i] = json_tree_read(tree, json_item(json, i), like);
		if (item[i].kind == &value_record_kind)
			like = item[i].of;
	}
	return value_list(item, count);
}

static struct value json_tree_read_text(struct json_tree *tree,
					const struct json *json)
{
	struct str text = str_copy(tree->arena, json_text(tree->arena, json));

	return value_text(&text);
}

static struct value json_tree_read(struct json_tree *tree,
				   const struct json *json,
				   const struct value_shape *like)
{
	switch (json_type(json)) {
	case JSON_IS_NULL:
		break;
	case JSON_IS_BOOL:
		return value_bool(json_is_true(json));
	case JSON_IS_NUMBER:
	case JSON_IS_TEXT:
		return json_tree_read_text(tree, json);
	case JSON_IS_ARRAY:
		return json_tree_read_list(tree, json);
	case JSON_IS_OBJECT:
		return json_tree_read_object(tree, json, like);
	}
	return value_absent();
}

struct value json_value(struct arena *a, const struct json *json)
{
	struct json_tree *tree = ARENA_NEW(a, struct json_tree);

	tree->arena = a;
	tree->value = ARENA_ARRAY(a, json_size(json), struct value);
	return json_tree_read(tree, json, NULL);
}

struct value json_value_read(struct arena *a, struct str text)
{
	struct str why;
	struct json *json = text.n > 0 ? json_read(a, text, &why) : NULL;
	struct value v;

	if (!json)
		return value_absent();
	v = json_value(a, json);
	json_free(json);
	return v;
}
