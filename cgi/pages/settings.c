/*
 * The settings of an organisation, all on one page.  Must not know what they
 * do: the SQL functions decide that.
 */
#include "pages/settings.h"

#include "query/settings.h"
#include "view/rows.h"
#include "web/form.h"
#include "web/message.h"
#include "web/page.h"

static const char *const joins[] = {"invite", "open", NULL};
static const char *const audiences[] = {"both", "viewers", "participants",
					NULL};
static const char *const seconds[] = {"registered", "all", "off", NULL};
static const char *const on[] = {"on", NULL};

/* Without the first, what the page has: each is a column of the query too. */
static const struct form_field fields[] = {
	{.name = "version",
	 .label = "This page",
	 .type = FORM_NUMBER,
	 .required = true,
	 .least = 1,
	 .most = INT32_MAX},
	{.name = "name", .label = "Name", .type = FORM_LINE, .required = true},
	{.name = "timezone",
	 .label = "Time zone",
	 .type = FORM_LINE,
	 .required = true},
	{.name = "postal_address",
	 .label = "Postal address",
	 .type = FORM_TEXT,
	 .most = 500},
	{.name = "join",
	 .label = "Who can join",
	 .type = FORM_CHOICE,
	 .required = true,
	 .choices = joins},
	{.name = "member_list",
	 .label = "Members see each other",
	 .type = FORM_CHOICE,
	 .choices = on},
	{.name = "prompts",
	 .label = "Ask people after events",
	 .type = FORM_CHOICE,
	 .choices = on},
	{.name = "since",
	 .label = "Events that ended since",
	 .type = FORM_LINE,
	 .most = 10},
	{.name = "prompt_audience",
	 .label = "Who is asked",
	 .type = FORM_CHOICE,
	 .required = true,
	 .choices = audiences},
	{.name = "second_prompt",
	 .label = "Who is asked a second time",
	 .type = FORM_CHOICE,
	 .required = true,
	 .choices = seconds},
	{.name = "watch_l2_hours",
	 .label = "Hours to the second reminder",
	 .type = FORM_NUMBER,
	 .required = true,
	 .least = 1,
	 .most = 168},
	{.name = "watch_l3_hours",
	 .label = "Hours to the first contact",
	 .type = FORM_NUMBER,
	 .required = true,
	 .least = 1,
	 .most = 168},
	{.name = "watch_l4_hours",
	 .label = "Hours to all contacts and responders",
	 .type = FORM_NUMBER,
	 .required = true,
	 .least = 1,
	 .most = 168},
	{.name = NULL},
};
#define FIELDS ((int)(sizeof(fields) / sizeof(fields[0])) - 1)

/* What is there now, of a field, as the page says it. */
static struct str in_words(struct arena *a, const struct rows *settings,
			   const char *name)
{
	const char *column = str_z(a, str_printf(a, "%s_text", name));

	if (rows_column(settings, str_of(column)) >= 0)
		return rows_named(settings, 0, column);
	return rows_named(settings, 0, name);
}

static struct value difference(struct arena *a, const struct rows *settings,
			       const struct form_field *field)
{
	struct str *texts = ARENA_ARRAY(a, 3, struct str);
	struct value_field *members = ARENA_ARRAY(a, 4, struct value_field);

	texts[0] = str_of(field->name);
	texts[1] = str_of(field->label);
	texts[2] = in_words(a, settings, field->name);
	members[0] = (struct value_field){"field", value_text(&texts[0])};
	members[1] = (struct value_field){"label", value_text(&texts[1])};
	members[2] = (struct value_field){"now", value_text(&texts[2])};
	return value_object(members);
}

/* Where what was typed is not what is there now. */
static struct value differences(struct arena *a, const struct rows *settings,
				const struct form *form)
{
	struct value *items = ARENA_ARRAY(a, FORM_FIELDS_MAX, struct value);
	ptrdiff_t n = 0;

	for (int i = 1; i < FIELDS; i++)
		if (!str_equal(form->values[i],
			       rows_named(settings, 0, fields[i].name)))
			items[n++] = difference(a, settings, &fields[i]);
	return value_list(items, n);
}

static struct form form_of(const struct rows *settings)
{
	struct form form = {.fields = fields, .count = FIELDS, .ok = true};

	for (int i = 0; i < FIELDS; i++)
		form.values[i] = rows_named(settings, 0, fields[i].name);
	return form;
}

/*
 * The page with what is there (form NULL), or with what was typed.  Overtaken:
 * somebody else saved meanwhile; who saves again now has seen it.
 */
static void reply_settings(struct request *rq, struct reply *rs, int status,
			   const struct form *typed)
{
	struct db *db = rq->app->db;
	struct rows *zones = query_settings_zones(
		db, rq->arena, rq->session,
		typed ? str_or(form_get(typed, "timezone"), STR(""))
		      : STR_ABSENT);
	struct rows *settings =
		query_settings_page(db, rq->arena, rq->session, page_org(rq));
	bool overtaken = status == 409;
	struct value changed = value_absent();
	struct form form;

	if (!page_run(rq, rs))
		return;
	form = typed ? *typed : form_of(settings);
	if (overtaken) {
		changed = differences(rq->arena, settings, &form);
		form.values[0] = rows_named(settings, 0, "version");
	}
	const struct value_field page[] = {
		{"zones", rows_value(zones)},
		{"has_zones", value_bool(rows_count(zones) > 0)},
		{"settings", row_value(settings, 0)},
		{"form", form_value(rq->arena, &form)},
		{"overtaken", value_bool(overtaken)},
		{"changed", changed},
		{.name = NULL},
	};
	reply_page(rq, rs, status, "staff_settings", page);
}

void settings_show(struct request *rq, struct reply *rs)
{
	reply_settings(rq, rs, 200, NULL);
}

static bool is_on(const struct form *form, const char *name)
{
	return form_get(form, name).n > 0;
}

void settings_save(struct request *rq, struct reply *rs)
{
	struct form form;
	const struct db_refusal *refusal;

	if (!form_read(rq, fields, &form)) {
		reply_settings(rq, rs, 422, &form);
		return;
	}
	query_settings_save(
		rq->app->db, rq->arena, rq->session, page_org(rq),
		form_number(&form, "version"), form_get(&form, "name"),
		form_get(&form, "timezone"),
		str_or(form_get(&form, "postal_address"), STR("")),
		form_get(&form, "join"), form_get(&form, "prompt_audience"),
		form_get(&form, "second_prompt"), is_on(&form, "prompts"),
		form_get(&form, "since"), is_on(&form, "member_list"),
		form_number(&form, "watch_l2_hours"),
		form_number(&form, "watch_l3_hours"),
		form_number(&form, "watch_l4_hours"), rq->id);
	if (!page_post(rq, rs, &refusal))
		return;
	if (!refusal) {
		reply_see(rq, rs,
			  str_printf(rq->arena,
				     "/staff/%.*s/settings?note=settings_saved",
				     STR_ARG(page_org(rq))));
		return;
	}
	if (refusal->status == 422)
		form_fail(&form, refusal->field, message_find(refusal->key));
	reply_settings(rq, rs, refusal->status, &form);
}
