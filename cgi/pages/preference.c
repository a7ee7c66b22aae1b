/*
 * A person's zone, quiet hours, and what each organisation may mail them.
 * Must not know what follows from them: SQL functions do.
 */
#include "pages/preference.h"

#include "query/me.h"
#include "view/rows.h"
#include "web/form.h"
#include "web/message.h"
#include "web/page.h"

/* --- the zone --- */

static const struct form_field zone_fields[] = {
	{.name = "zone", .label = "Time zone", .type = FORM_LINE, .most = 100},
	{.name = NULL},
};

static void reply_zone(struct request *rq, struct reply *rs, int status,
		       const struct form *form)
{
	struct str words = request_words(rq, "q");
	bool asked = words.n > 0;
	struct rows *me = query_me_page(rq->app->db, rq->arena, rq->session);
	struct rows *found = query_me_zone_list(rq->app->db, rq->arena,
						str_or(words, STR("")));
	if (!page_run(rq, rs))
		return;

	const struct value_field page[] = {
		{"me", row_value(me, 0)},
		{"found", rows_value(found)},
		{"has_found", value_bool(rows_count(found) > 0)},
		{"asked", value_bool(asked)},
		{"words", value_text(&words)},
		{"form", form_value(rq->arena, form)},
		{.name = NULL},
	};
	reply_page(rq, rs, status, "me_zone", page);
}

void preference_zone(struct request *rq, struct reply *rs)
{
	const struct form none = {
		.fields = zone_fields, .count = 1, .ok = true};

	reply_zone(rq, rs, 200, &none);
}

void preference_zone_save(struct request *rq, struct reply *rs)
{
	const struct db_refusal *refusal = NULL;
	struct form form;

	if (form_read(rq, zone_fields, &form)) {
		struct str zone = form_get(&form, "zone");

		query_me_zone_save(rq->app->db, rq->arena, rq->session,
				   str_or(zone, STR_ABSENT));
		if (!page_post(rq, rs, &refusal))
			return;
		if (!refusal) {
			reply_see(rq, rs, STR("/me?note=zone_saved"));
			return;
		}
		form_fail(&form, refusal->field, message_find(refusal->key));
	}
	reply_zone(rq, rs, 422, &form);
}

/* --- quiet hours --- */

enum { QUIET, QUIET_FROM, QUIET_TO };

static const char *const yes[] = {"yes", NULL};
static const struct form_field quiet_fields[] = {
	[QUIET] = {.name = "quiet",
		   .label = "Hold mail in these hours",
		   .type = FORM_CHOICE,
		   .choices = yes},
	[QUIET_FROM] = {.name = "quiet_from",
			.label = "From",
			.type = FORM_LINE,
			.required = true,
			.most = 5},
	[QUIET_TO] = {.name = "quiet_to",
		      .label = "To",
		      .type = FORM_LINE,
		      .required = true,
		      .most = 5},
	{.name = NULL},
};

static void reply_quiet(struct request *rq, struct reply *rs, int status,
			const struct form *form)
{
	const struct value_field page[] = {
		{"form", form_value(rq->arena, form)},
		{.name = NULL},
	};
	reply_page(rq, rs, status, "me_quiet", page);
}

void preference_quiet(struct request *rq, struct reply *rs)
{
	struct rows *me = query_me_page(rq->app->db, rq->arena, rq->session);
	if (!page_run(rq, rs))
		return;

	const struct form now = {
		.fields = quiet_fields,
		.count = 3,
		.values = {[QUIET] = query_me_page_quiet(me, 0) ? STR("yes")
								: STR_ABSENT,
			   [QUIET_FROM] = query_me_page_quiet_from(me, 0),
			   [QUIET_TO] = query_me_page_quiet_to(me, 0)},
		.ok = true,
	};
	reply_quiet(rq, rs, 200, &now);
}

void preference_quiet_save(struct request *rq, struct reply *rs)
{
	const struct db_refusal *refusal = NULL;
	struct form form;

	if (form_read(rq, quiet_fields, &form)) {
		query_me_quiet_save(rq->app->db, rq->arena, rq->session,
				    form_get(&form, "quiet").n > 0,
				    form_get(&form, "quiet_from"),
				    form_get(&form, "quiet_to"));
		if (!page_post(rq, rs, &refusal))
			return;
		if (!refusal) {
			reply_see(rq, rs, STR("/me/mail?note=quiet_saved"));
			return;
		}
		form_fail(&form, refusal->field, message_find(refusal->key));
	}
	if (page_run(rq, rs))
		reply_quiet(rq, rs, 422, &form);
}

/* --- mail, and what comes by other ways --- */

enum { FREQUENCY, SEEN, PUSH_SEEN, INBOX_SEEN, CATEGORIES };

static const char *const frequencies[] = {"all", "daily", "weekly", "none",
					  NULL};
#define YES_OR_NO .type = FORM_CHOICE, .choices = yes
/* After CATEGORIES each is named as the category is, with its way before it. */
static const struct form_field mail_fields[] = {
	[FREQUENCY] = {.name = "frequency",
		       .label = "How often",
		       .type = FORM_CHOICE,
		       .required = true,
		       .choices = frequencies},
	[SEEN] = {.name = "seen", .label = "What was there", .type = FORM_LINE},
	[PUSH_SEEN] = {.name = "push_seen",
		       .label = "What went to devices",
		       .type = FORM_LINE},
	[INBOX_SEEN] = {.name = "inbox_seen",
			.label = "What was kept",
			.type = FORM_LINE},
	[CATEGORIES] = {.name = "shift",
			.label = "Shifts and team news",
			YES_OR_NO},
	{.name = "event", .label = "News of events", YES_OR_NO},
	{.name = "care", .label = "Care messages", YES_OR_NO},
	{.name = "push_prompt", .label = "Questions, to devices", YES_OR_NO},
	{.name = "push_event",
	 .label = "News of events, to devices",
	 YES_OR_NO},
	{.name = "push_shift",
	 .label = "Shifts and team news, to devices",
	 YES_OR_NO},
	{.name = "push_care", .label = "Care messages, to devices", YES_OR_NO},
	{.name = "inbox_event", .label = "News of events, kept", YES_OR_NO},
	{.name = "inbox_shift",
	 .label = "Shifts and team news, kept",
	 YES_OR_NO},
	{.name = NULL},
};
#define PUSH (CATEGORIES + 3)
#define INBOX (PUSH + 4)
#define MAIL_FIELDS (INBOX + 2)

/* Besides mail. */
#define WAYS 2
static const struct way {
	const char *channel;
	int seen;
	int from, to; /* of the fields, to the one before */
	int name;     /* where the category begins in a field's name */
} ways[WAYS] = {
	{"push", PUSH_SEEN, PUSH, INBOX, 5},
	{"inbox", INBOX_SEEN, INBOX, MAIL_FIELDS, 6},
};

void preference_mail_list(struct request *rq, struct reply *rs)
{
	struct db *db = rq->app->db;
	struct rows *mail =
		query_me_mail_list(db, rq->arena, rq->session, STR_ABSENT);
	struct rows *me = query_me_page(db, rq->arena, rq->session);
	if (!page_run(rq, rs))
		return;

	const struct value_field page[] = {
		{"me", row_value(me, 0)},
		{"mail", rows_value(mail)},
		{.name = NULL},
	};
	reply_page(rq, rs, 200, "me_mail_list", page);
}

/* What there is to choose from; of a way no row where there is nothing. */
struct choices {
	struct rows *mail;
	struct rows *by[WAYS];
};

/* False when a reply has been made. */
static bool ask_choices(struct request *rq, struct reply *rs,
			struct choices *choices)
{
	struct db *db = rq->app->db;

	choices->mail =
		query_me_mail_list(db, rq->arena, rq->session, rq->params[0]);
	for (int i = 0; i < WAYS; i++)
		choices->by[i] = query_me_choices(db, rq->arena, rq->session,
						  rq->params[0],
						  str_of(ways[i].channel));
	if (!page_run(rq, rs))
		return false;
	if (rows_count(choices->mail) > 0)
		return true;
	page_absent(rq, rs);
	return false;
}

static void reply_mail(struct request *rq, struct reply *rs, int status,
		       const struct choices *choices, const struct form *form)
{
	struct rows *push = choices->by[0];
	struct rows *inbox = choices->by[1];
	const struct value_field page[] = {
		{"mail", row_value(choices->mail, 0)},
		{"push", row_value(push, 0)},
		{"inbox", row_value(inbox, 0)},
		{"has_push", value_bool(rq->app->config.push_url.n > 0 &&
					rows_count(push) > 0)},
		{"has_inbox", value_bool(rows_count(inbox) > 0)},
		{"form", form_value(rq->arena, form)},
		{"changed", value_bool(status == 409)},
		{.name = NULL},
	};
	reply_page(rq, rs, status, "me_mail", page);
}

static bool has_word(struct str words, struct str word)
{
	while (!str_is_absent(words))
		if (str_equal(str_cut(words, ' ', &words), word))
			return true;
	return false;
}

/* Checks those fields whose category is wanted. */
static void check_wanted(struct form *form, int from, int to, int name,
			 struct str unwanted)
{
	for (int i = from; i < to; i++)
		if (!has_word(unwanted, str_of(mail_fields[i].name + name)))
			form->values[i] = STR("yes");
}

void preference_mail(struct request *rq, struct reply *rs)
{
	struct choices choices;

	if (!ask_choices(rq, rs, &choices))
		return;

	struct form now = {
		.fields = mail_fields,
		.count = MAIL_FIELDS,
		.values = {[FREQUENCY] = query_me_mail_list_frequency(
				   choices.mail, 0),
			   [SEEN] = query_me_mail_list_seen(choices.mail, 0)},
		.ok = true,
	};
	check_wanted(&now, CATEGORIES, PUSH, 0,
		     query_me_mail_list_unwanted(choices.mail, 0));
	for (int i = 0; i < WAYS; i++) {
		struct rows *by = choices.by[i];

		now.values[ways[i].seen] = query_me_choices_seen(by, 0);
		check_wanted(&now, ways[i].from, ways[i].to, ways[i].name,
			     query_me_choices_unwanted(by, 0));
	}
	reply_mail(rq, rs, 200, &choices, &now);
}

/* The checked categories of those fields, with spaces between. */
static struct str wanted_words(struct arena *a, const struct form *form,
			       int from, int to, int name)
{
	struct buf out = buf_init(a, 64);

	for (int i = from; i < to; i++)
		if (form->values[i].n > 0)
			buf_printf(&out, "%s ", mail_fields[i].name + name);
	return buf_str(&out);
}

/* Once more, beside what is there now; sent again, it counts. */
static void reply_mail_again(struct request *rq, struct reply *rs, int status,
			     struct form *form)
{
	struct choices choices;

	if (!ask_choices(rq, rs, &choices))
		return;
	if (status == 409)
		form->values[SEEN] = query_me_mail_list_seen(choices.mail, 0);
	for (int i = 0; i < WAYS && status == 409; i++)
		form->values[ways[i].seen] =
			query_me_choices_seen(choices.by[i], 0);
	reply_mail(rq, rs, status, &choices, form);
}

/* All or nothing: one round trip is one transaction. */
static void save_choices(struct request *rq, const struct form *form)
{
	struct db *db = rq->app->db;

	query_me_mail_save(db, rq->arena, rq->session, rq->params[0],
			   form_get(form, "frequency"),
			   wanted_words(rq->arena, form, CATEGORIES, PUSH, 0),
			   str_or(form_get(form, "seen"), STR("")));
	/* Which the page did not offer it does not change. */
	for (int i = 0; i < WAYS; i++)
		if (!str_is_absent(form->values[ways[i].seen]))
			query_me_choices_save(
				db, rq->arena, rq->session, rq->params[0],
				str_of(ways[i].channel),
				wanted_words(rq->arena, form, ways[i].from,
					     ways[i].to, ways[i].name),
				form->values[ways[i].seen]);
}

void preference_mail_save(struct request *rq, struct reply *rs)
{
	const struct db_refusal *refusal = NULL;
	struct form form;

	if (!form_read(rq, mail_fields, &form)) {
		reply_mail_again(rq, rs, 422, &form);
		return;
	}
	save_choices(rq, &form);
	if (!page_post(rq, rs, &refusal))
		return;
	if (refusal && refusal->status == 422)
		form_fail(&form, refusal->field, message_find(refusal->key));
	if (refusal)
		reply_mail_again(rq, rs, refusal->status, &form);
	else
		reply_see(rq, rs, STR("/me/mail?note=mail_saved"));
}
