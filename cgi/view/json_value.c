/*
 * JSON as template values: a tree in the arena, its texts ready to be shown.
 * Must not know where the JSON came from.
 */
#include "view/json_value.h"

struct json_node {
	struct str text;
	bool truth;
	ptrdiff_t count;	/* of items or members */
	struct json_node *node; /* items or members */
	struct str *name;	/* of the members, else NULL */
};

static struct value json_node_value(const struct json_node *node);

static int json_node_place(const void *of, struct str name)
{
	const struct json_node *node = of;

	for (int i = 0; i < (int)node->count; i++)
		if (str_equal(node->name[i], name))
			return i;
	return -1;
}

static struct value json_node_member(struct value v, int place, struct arena *a)
{
	const struct json_node *node = v.of;

	(void)a;
	return json_node_value(&node->node[place]);
}

static struct str json_node_text(struct value v)
{
	const struct json_node *node = v.of;

	return node->text;
}

static bool json_node_truth(struct value v)
{
	const struct json_node *node = v.of;

	return node->truth;
}

static ptrdiff_t json_node_count(struct value v)
{
	const struct json_node *node = v.of;

	return node->count;
}

static struct value json_node_item(struct value v, ptrdiff_t item)
{
	const struct json_node *node = v.of;

	return json_node_value(&node->node[item]);
}

static struct value json_node_value(const struct json_node *node)
{
	static const struct value_kind scalar = {
		.text = json_node_text,
		.truth = json_node_truth,
	};
	static const struct value_kind list = {
		.count = json_node_count,
		.item = json_node_item,
	};
	static const struct value_kind object = {
		.place = json_node_place,
		.member = json_node_member,
		.truth = json_node_truth,
	};
	const struct value_kind *kind = node->name   ? &object
					: node->node ? &list
						     : &scalar;

	return (struct value){.kind = kind, .of = node};
}

static void json_node_read(struct arena *a, const struct json *json,
			   struct json_node *node);

/* One more than needed, so that an empty list or object has its pointers. */
static void json_node_read_list(struct arena *a, const struct json *json,
				struct json_node *node)
{
	node->count = json_count(json);
	node->node = ARENA_ARRAY(a, node->count + 1, struct json_node);
	for (ptrdiff_t i = 0; i < node->count; i++)
		json_node_read(a, json_item(json, i), &node->node[i]);
}

static void json_node_read_object(struct arena *a, const struct json *json,
				  struct json_node *node)
{
	struct str name;

	while (json_member_at(json, node->count, &name))
		node->count++;
	node->truth = true;
	node->node = ARENA_ARRAY(a, node->count + 1, struct json_node);
	node->name = ARENA_ARRAY(a, node->count + 1, struct str);
	for (ptrdiff_t i = 0; i < node->count; i++) {
		const struct json *of = json_member_at(json, i, &name);

		node->name[i] = str_copy(a, name);
		json_node_read(a, of, &node->node[i]);
	}
}

static void json_node_read(struct arena *a, const struct json *json,
			   struct json_node *node)
{
	switch (json_type(json)) {
	case JSON_IS_NULL:
		return;
	case JSON_IS_BOOL:
		node->truth = json_is_true(json);
		node->text = node->truth ? STR("true") : STR("false");
		return;
	case JSON_IS_NUMBER:
		node->truth = true;
		node->text = json_text(a, json);
		return;
	case JSON_IS_TEXT:
		node->text = str_copy(a, json_text(a, json));
		node->truth = node->text.n > 0;
		return;
	case JSON_IS_ARRAY:
		json_node_read_list(a, json, node);
		return;
	case JSON_IS_OBJECT:
		json_node_read_object(a, json, node);
		return;
	}
}

struct value json_value(struct arena *a, const struct json *json)
{
	struct json_node *node = ARENA_NEW(a, struct json_node);

	json_node_read(a, json, node);
	return json_node_value(node);
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
