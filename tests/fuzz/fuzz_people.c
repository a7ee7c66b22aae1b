/*
 * People files of any bytes: what is handed on is a JSON list of fields that
 * may stand in a header, and every refusal has a line and a reason.
 */
#include "base/json.h"
#include "data/people.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_person(struct arena *a, const struct json *person)
{
	struct str key;

	for (ptrdiff_t i = 0;; i++) {
		const struct json *value = json_member_at(person, i, &key);

		if (!value)
			return;
		if (json_type(value) == JSON_IS_TEXT &&
		    str_has_control(json_text(a, value), false))
			abort();
	}
}

static void check_people(struct arena *a, const struct people *people)
{
	struct str why;
	struct json *json = json_read(a, people->json, &why);
	ptrdiff_t refused = 0;

	if (!json)
		abort();
	for (ptrdiff_t i = 0; i < people->count; i++) {
		const struct verdict *v = &people->verdicts[i];

		if (i > 0 && v->line <= people->verdicts[i - 1].line)
			abort();
		if (v->result.n > 0 && (v->why.n == 0 || ++refused == 0))
			abort();
	}
	if (json_count(json) != people->count - refused)
		abort();
	for (ptrdiff_t i = 0; i < json_count(json); i++)
		check_person(a, json_item(json, i));
	json_free(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct people people;
	struct str why = STR_ABSENT;

	if (size > 65536)
		return 0;
	arena_init(&a, (size_t)256 << 20);
	if (people_read(&a, str_at((const char *)data, (ptrdiff_t)size),
			&people, &why))
		check_people(&a, &people);
	else if (why.n == 0)
		abort();
	arena_release(&a);
	return 0;
}
