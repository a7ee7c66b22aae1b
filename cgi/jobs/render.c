/*
 * From a queue row's data to the bytes of its mail.  Must not decide whether
 * it is sent.
 */
#include "jobs/render.h"

#include "base/token.h"
#include "query/delivery.h"
#include "send/mail.h"
#include "view/rows.h"

/* The links that a kind of notification carries. */
static const struct kind {
	struct str name;
	const char *path; /* NULL: it carries none */
	enum token_purpose purpose;
	enum token_purpose stop; /* 0: nobody can stop it by a link */
} kinds[] = {
	{STR_INIT("attendance_prompt"), "r", TOKEN_PROMPT, TOKEN_UNSUBSCRIBE},
	{STR_INIT("sign_in"), "signin", TOKEN_SIGN_IN, 0},
	{STR_INIT("join"), "signin", TOKEN_SIGN_IN, 0},
	{STR_INIT("staff_notice"), NULL, 0, TOKEN_CATEGORY},
	{STR_INIT("responder_news"), NULL, 0, TOKEN_CATEGORY},
};

static const struct kind *find_kind(struct str name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (str_equal(kinds[i].name, name))
			return &kinds[i];
	return NULL;
}

static struct str make_link(const struct render *render, struct arena *a,
			    const char *path, const struct token *token)
{
	struct str text = token_make(a, render->keys, token);

	return str_printf(a, "%.*s/%s/%.*s", STR_ARG(render->config->base_url),
			  path, STR_ARG(text));
}

static struct str make_main_link(const struct render *render, struct arena *a,
				 const struct rows *row,
				 const struct kind *kind)
{
	if (!kind->path)
		return STR_ABSENT;

	const struct token token = {
		.purpose = kind->purpose,
		.row = query_prepare_notification_row_id(row, 0),
		.generation =
			(uint32_t)query_prepare_notification_generation(row, 0),
		.expires = query_prepare_notification_expires(row, 0),
	};

	return make_link(render, a, kind->path, &token);
}

/* Absent for kinds that nobody can stop by a link. */
static struct str make_stop_link(const struct render *render, struct arena *a,
				 const struct rows *row,
				 const struct kind *kind)
{
	const struct token token = {
		.purpose = kind->stop,
		.row = query_prepare_notification_preference_id(row, 0),
		.generation = (uint32_t)
			query_prepare_notification_preference_generation(row,
									 0),
	};

	return kind->stop && token.row > 0 ? make_link(render, a, "u", &token)
					   : STR_ABSENT;
}

/*
 * What a template sees: our own fields, then the members of the row's data,
 * then the row's columns.
 */
#define PARTS 3
/* A place within a part is below this. */
#define PART_SHIFT 24

struct context {
	struct value parts[PARTS];
};

static int context_place(const void *of, struct str name)
{
	const struct context *context = of;

	for (int i = 0; i < PARTS; i++) {
		const struct value *part = &context->parts[i];
		int place = part->kind && part->kind->place
				    ? part->kind->place(part->of, name)
				    : -1;

		if (place >= 0)
			return i << PART_SHIFT | place;
	}
	return -1;
}

static struct value context_member(struct value v, int place, struct arena *a)
{
	const struct context *context = v.of;
	struct value part = context->parts[place >> PART_SHIFT];

	return part.kind->member(part, place & ((1 << PART_SHIFT) - 1), a);
}

static bool context_truth(struct value v)
{
	(void)v;
	return true;
}

static const struct value_kind context_kind = {
	.place = context_place,
	.member = context_member,
	.truth = context_truth,
};

/* A mail is made of three: NAME.subject.txt, NAME.txt and NAME.html. */
static const char *const parts[] = {"subject.txt", "txt", "html"};

static bool has_templates(const struct template_set *templates, struct str name)
{
	char file[80];

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		snprintf(file, sizeof(file), "%.*s.%s", STR_ARG(name),
			 parts[i]);
		if (!template_find(templates, str_of(file)))
			return false;
	}
	return true;
}

bool render_check(const struct template_set *templates, const char **why)
{
	static const struct str names[] = {
		STR_INIT("mail_prompt"),    STR_INIT("mail_sign_in"),
		STR_INIT("mail_join"),	    STR_INIT("mail_notice"),
		STR_INIT("mail_responder"), STR_INIT("mail_test"),
	};

	*why = "TEMPLATES_DIR lacks templates of mails.";
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!has_templates(templates, names[i]))
			return false;
	return true;
}

static struct str render_part(const struct render *render, struct arena *a,
			      struct str name, const char *part,
			      const struct context *context)
{
	struct buf out = buf_init(a, 4096);
	const struct template *template =
		template_find(render->templates,
			      str_printf(a, "%.*s.%s", STR_ARG(name), part));

	template_render(template,
			(struct value){.kind = &context_kind, .of = context},
			&out);
	return buf_str(&out);
}

static struct str name_sender(struct str org_name)
{
	return str_or(org_name, STR("Rollcall"));
}

struct str render_mail(const struct render *render, struct arena *a,
		       const struct rows *row, struct str kind_name,
		       struct str notification_id, const char **why)
{
	const struct kind *kind = find_kind(kind_name);
	struct str name = query_prepare_notification_template(row, 0);
	struct str link, stop;
	struct value row_members = row_value(row, 0);
	struct value data = value_absent();

	*why = "unknown kind of message";
	if (!kind)
		return STR_ABSENT;
	*why = "a template is missing";
	if (!has_templates(render->templates, name))
		return STR_ABSENT;
	link = make_main_link(render, a, row, kind);
	stop = make_stop_link(render, a, row, kind);
	(void)value_member(row_members, STR("data"), a, &data);

	struct value own = value_object((const struct value_field[]){
		{"link", value_text(&link)},
		{"unsubscribe_link", value_text(&stop)},
		{"base_url", value_text(&render->config->base_url)},
		{NULL, {NULL, NULL, 0}},
	});
	const struct context context = {{own, data, row_members}};
	struct mail mail = {
		.date = query_prepare_notification_sent_date(row, 0),
		.id = mail_id(a, render->keys, notification_id),
		.from_name = name_sender(
			query_prepare_notification_org_name(row, 0)),
		.from = render->config->mail_from,
		.to_name = query_prepare_notification_name(row, 0),
		.to = query_prepare_notification_email(row, 0),
		.subject = str_trim(
			render_part(render, a, name, "subject.txt", &context)),
		.text = render_part(render, a, name, "txt", &context),
		.html = render_part(render, a, name, "html", &context),
		.stop_url = stop,
	};

	return mail_write(a, &mail, why);
}
