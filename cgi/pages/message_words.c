/*
 * Puts keys of messages into words.  Must not know what a row is shown for.
 */
#include "pages/message_words.h"

#include "query/staff_message.h"
#include "view/rows.h"
#include "web/message.h"

static struct value object_keep(struct arena *a,
				const struct value_field *fields, size_t count)
{
	struct value_field *kept =
		ARENA_ARRAY(a, (ptrdiff_t)count, struct value_field);

	memcpy(kept, fields, count * sizeof(*fields));
	return value_object(kept);
}

#define OBJECT(a, fields)                                                      \
	object_keep(a, fields, sizeof(fields) / sizeof((fields)[0]))

struct value message_words_row(struct arena *a, const struct rows *rows,
			       ptrdiff_t row, struct str kind, struct str cause,
			       struct str push_cause)
{
	struct str what = message_kind(kind);
	struct str cause_text = message_team_cause(cause);
	struct str push_text = message_push_cause(push_cause);
	const struct value_field fields[] = {
		{"message", row_value(rows, row)},
		{"what", value_text(&what)},
		{"cause_text", value_text(&cause_text)},
		{"push_text", value_text(&push_text)},
		{.name = NULL},
	};

	return OBJECT(a, fields);
}

struct value message_words_choice(struct arena *a, struct str key,
				  struct str text, struct str chosen)
{
	const struct value_field fields[] = {
		{"key", value_text(&key)},
		{"text", value_text(&text)},
		{"is_chosen", value_bool(str_equal(key, chosen))},
		{.name = NULL},
	};

	return OBJECT(a, fields);
}

struct value message_words_pause(struct arena *a, const struct rows *rows,
				 ptrdiff_t row, struct str category,
				 struct str reason)
{
	struct str text = message_category(category);
	struct str reason_text = message_pause_reason(reason);
	const struct value_field fields[] = {
		{"pause", row_value(rows, row)},
		{"text", value_text(&text)},
		{"reason_text", value_text(&reason_text)},
		{.name = NULL},
	};

	return OBJECT(a, fields);
}

static struct value make_group(struct arena *a, struct str key,
			       struct str chosen, struct value kinds)
{
	struct str text = message_category(key);
	const struct value_field fields[] = {
		{"key", value_text(&key)},
		{"text", value_text(&text)},
		{"is_chosen", value_bool(str_equal(key, chosen))},
		{"kinds", kinds},
		{.name = NULL},
	};

	return OBJECT(a, fields);
}

struct value message_words_kinds(struct arena *a, const struct rows *rows,
				 struct str chosen)
{
	ptrdiff_t count = rows_count(rows);
	struct value *groups = ARENA_ARRAY(a, count + 1, struct value);
	struct value *kinds = ARENA_ARRAY(a, count + 1, struct value);
	ptrdiff_t group_count = 0;
	ptrdiff_t first = 0;

	for (ptrdiff_t i = 0; i < count; i++) {
		struct str category =
			query_staff_message_kinds_category(rows, i);
		struct str kind = query_staff_message_kinds_kind(rows, i);

		kinds[i] = message_words_choice(a, kind, message_kind(kind),
						chosen);
		if (i + 1 < count &&
		    str_equal(category,
			      query_staff_message_kinds_category(rows, i + 1)))
			continue;
		groups[group_count++] =
			make_group(a, category, chosen,
				   value_list(kinds + first, i + 1 - first));
		first = i + 1;
	}
	return value_list(groups, group_count);
}
