/*
 * From a queue row's data to the bytes of its mail.  Must not decide whether
 * it is sent.
 */
#include "jobs/render.h"

#include <inttypes.h>

#include "base/token.h"
#include "query/delivery.h"
#include "send/mail.h"
#include "send/push.h"
#include "view/qr.h"
#include "view/rows.h"

/* The links that a kind of notification carries. */
static const struct kind {
	struct str name;
	const char *path; /* NULL: it carries none */
	enum token_purpose purpose;
	enum token_purpose stop; /* 0: nobody can stop it by a link */
} kinds[] = {
	{STR_INIT("attendance_prompt"), "r", TOKEN_PROMPT, TOKEN_UNSUBSCRIBE},
	{STR_INIT("digest"), NULL, 0, TOKEN_UNSUBSCRIBE},
	{STR_INIT("sign_in"), "signin", TOKEN_SIGN_IN, 0},
	{STR_INIT("join"), "signin", TOKEN_SIGN_IN, 0},
	{STR_INIT("address_change"), "address", TOKEN_ADDRESS_CHANGE, 0},
	{STR_INIT("address_changed"), NULL, 0, 0},
	{STR_INIT("registration"), "c", TOKEN_QR, TOKEN_CATEGORY},
	{STR_INIT("promotion"), "c", TOKEN_QR, TOKEN_CATEGORY},
	{STR_INIT("staff_notice"), NULL, 0, TOKEN_CATEGORY},
	{STR_INIT("responder_news"), NULL, 0, TOKEN_CATEGORY},
	{STR_INIT("absence_question"), NULL, 0, TOKEN_CATEGORY},
	{STR_INIT("audit_notice"), NULL, 0, TOKEN_CATEGORY},
	{STR_INIT("shift_start"), "s", TOKEN_SHIFT, TOKEN_CATEGORY},
	{STR_INIT("shift_end"), "s", TOKEN_SHIFT, TOKEN_CATEGORY},
	{STR_INIT("shift_change"), NULL, 0, TOKEN_CATEGORY},
	{STR_INIT("shift_news"), NULL, 0, TOKEN_CATEGORY},
	{STR_INIT("shift_swap"), NULL, 0, TOKEN_CATEGORY},
	{STR_INIT("contact_consent"), "contact", TOKEN_CONTACT_CONSENT, 0},
	{STR_INIT("watch_due"), "k", TOKEN_CHECK_IN, 0},
	{STR_INIT("watch_soon"), "k", TOKEN_CHECK_IN, 0},
	{STR_INIT("watch_told"), "k", TOKEN_CHECK_IN, 0},
	{STR_INIT("watch_contact"), "contact", TOKEN_CONTACT_CONSENT, 0},
	{STR_INIT("watch_clear"), "contact", TOKEN_CONTACT_CONSENT, 0},
	{STR_INIT("watch_responder"), NULL, 0, 0},
	{STR_INIT("talk_news"), NULL, 0, 0},
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

/* Absent for kinds, and rows, that carry none. */
static struct str make_main_link(const struct render *render, struct arena *a,
				 const struct rows *rows, ptrdiff_t at,
				 const struct kind *kind)
{
	const struct token token = {
		.purpose = kind->purpose,
		.row = query_prepare_notification_row_id(rows, at),
		.generation = (uint32_t)query_prepare_notification_generation(
			rows, at),
		.expires = query_prepare_notification_expires(rows, at),
	};

	return kind->path && token.row > 0
		       ? make_link(render, a, kind->path, &token)
		       : STR_ABSENT;
}

/* Absent for kinds that nobody can stop by a link. */
static struct str make_stop_link(const struct render *render, struct arena *a,
				 const struct rows *rows, ptrdiff_t at,
				 const struct kind *kind)
{
	const struct token token = {
		.purpose = kind->stop,
		.row = query_prepare_notification_preference_id(rows, at),
		.generation = (uint32_t)
			query_prepare_notification_preference_generation(rows,
									 at),
	};

	return kind->stop && token.row > 0 ? make_link(render, a, "u", &token)
					   : STR_ABSENT;
}

static struct value line_member(struct arena *a, struct value line,
				const char *name)
{
	struct value member = value_absent();

	(void)value_member(line, str_of(name), a, &member);
	return member;
}

static int64_t line_number(struct arena *a, struct value line, const char *name)
{
	int64_t number = 0;

	(void)str_read_int(value_as_text(line_member(a, line, name)), &number);
	return number;
}

/* One of the prompts that a digest carries, with its own link. */
static struct value make_line(const struct render *render, struct arena *a,
			      struct value line)
{
	const struct token token = {
		.purpose = TOKEN_PROMPT,
		.row = line_number(a, line, "row_id"),
		.generation = (uint32_t)line_number(a, line, "generation"),
		.expires = line_number(a, line, "expires"),
	};
	const struct str link = make_link(render, a, "r", &token);
	const struct value_field members[] = {
		{"event_title", line_member(a, line, "event_title")},
		{"starts_text", line_member(a, line, "starts_text")},
		{"is_last", line_member(a, line, "is_last")},
		{"door_absent", line_member(a, line, "door_absent")},
		{"link", value_text(&link)},
		{NULL, {NULL, NULL, 0}},
	};
	struct value_field *fields = ARENA_ARRAY(
		a, sizeof(members) / sizeof(members[0]), struct value_field);

	memcpy(fields, members, sizeof(members));
	return value_object(fields);
}

/* Nothing for kinds that have none. */
static ptrdiff_t count_lines(struct arena *a, struct value data)
{
	struct value lines = line_member(a, data, "lines");

	return lines.kind && lines.kind->count ? lines.kind->count(lines) : 0;
}

/* The first count of them. */
static struct value make_lines(const struct render *render, struct arena *a,
			       struct value data, ptrdiff_t count)
{
	struct value lines = line_member(a, data, "lines");
	struct value *items;

	if (count == 0)
		return value_absent();
	items = ARENA_ARRAY(a, count, struct value);
	for (ptrdiff_t i = 0; i < count; i++)
		items[i] = make_line(render, a, lines.kind->item(lines, i));
	return value_list(items, count);
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

/*
 * A mail is made of three: NAME.subject.txt, NAME.txt and NAME.html; a push of
 * its subject and NAME.push.txt.
 */
static const char *const mail_parts[] = {"subject.txt", "txt", "html", NULL};
static const char *const push_parts[] = {"subject.txt", "push.txt", NULL};

static bool has_templates(const struct template_set *templates, struct str name,
			  const char *const *parts)
{
	char file[80];

	for (; *parts; parts++) {
		snprintf(file, sizeof(file), "%.*s.%s", STR_ARG(name), *parts);
		if (!template_find(templates, str_of(file)))
			return false;
	}
	return true;
}

bool render_check(const struct template_set *templates, const char **why)
{
	static const struct {
		struct str name;
		bool is_pushed;
	} mails[] = {
		{STR_INIT("mail_prompt"), true},
		{STR_INIT("mail_sign_in"), false},
		{STR_INIT("mail_join"), false},
		{STR_INIT("mail_notice"), true},
		{STR_INIT("mail_responder"), true},
		{STR_INIT("mail_absence"), true},
		{STR_INIT("mail_audit"), true},
		{STR_INIT("mail_digest"), true},
		{STR_INIT("mail_test"), false},
		{STR_INIT("mail_address"), false},
		{STR_INIT("mail_address_changed"), false},
		{STR_INIT("mail_place"), true},
		{STR_INIT("mail_shift_reminder"), true},
		{STR_INIT("mail_shift_change"), true},
		{STR_INIT("mail_shift_news"), true},
		{STR_INIT("mail_shift_swap"), true},
		{STR_INIT("mail_contact"), false},
		{STR_INIT("mail_watch_self"), true},
		{STR_INIT("mail_watch_contact"), false},
		{STR_INIT("mail_watch_clear"), false},
		{STR_INIT("mail_watch_responder"), true},
		{STR_INIT("mail_talk"), true},
	};

	*why = "TEMPLATES_DIR lacks templates of mails.";
	for (size_t i = 0; i < sizeof(mails) / sizeof(mails[0]); i++)
		if (!has_templates(templates, mails[i].name, mail_parts) ||
		    (mails[i].is_pushed &&
		     !has_templates(templates, mails[i].name, push_parts)))
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

/* Absent when none is. */
static struct str count_unlisted(struct arena *a, struct value data,
				 ptrdiff_t listed)
{
	int64_t unlisted = line_number(a, data, "asked") - listed;

	return unlisted > 0 ? str_printf(a, "%" PRId64, unlisted) : STR_ABSENT;
}

/* A ticket's link as a code that the door scans; absent for other links. */
static struct str draw_code(struct arena *a, const struct kind *kind,
			    struct str link)
{
	struct qr qr;

	return kind->purpose == TOKEN_QR && !str_is_absent(link) &&
			       qr_make(a, link, &qr)
		       ? qr_lines(a, &qr)
		       : STR_ABSENT;
}

/* With as many of its lines as are told. */
static struct str write_mail(const struct render *render, struct arena *a,
			     const struct rows *rows, ptrdiff_t at,
			     const struct kind *kind,
			     struct str notification_id, struct value data,
			     ptrdiff_t lines, const char **why)
{
	struct str name = query_prepare_notification_template(rows, at);
	struct str link = make_main_link(render, a, rows, at, kind);
	struct str stop = make_stop_link(render, a, rows, at, kind);
	struct str code = draw_code(a, kind, link);
	struct str unlisted = count_unlisted(a, data, lines);
	struct value own = value_object((const struct value_field[]){
		{"link", value_text(&link)},
		{"code", value_text(&code)},
		{"unsubscribe_link", value_text(&stop)},
		{"base_url", value_text(&render->config->base_url)},
		{"lines", make_lines(render, a, data, lines)},
		{"unlisted", value_text(&unlisted)},
		{NULL, {NULL, NULL, 0}},
	});
	const struct context context = {{own, data, row_value(rows, at)}};
	struct mail mail = {
		.date = query_prepare_notification_sent_date(rows, at),
		.id = mail_id(a, render->keys, notification_id),
		.from_name = name_sender(
			query_prepare_notification_org_name(rows, at)),
		.from = render->config->mail_from,
		.to_name = query_prepare_notification_name(rows, at),
		.to = query_prepare_notification_email(rows, at),
		.subject = str_trim(
			render_part(render, a, name, "subject.txt", &context)),
		.text = render_part(render, a, name, "txt", &context),
		.html = render_part(render, a, name, "html", &context),
		.stop_url = stop,
	};

	return mail_write(a, &mail, why);
}

struct str render_mail(const struct render *render, struct arena *a,
		       const struct rows *rows, ptrdiff_t at,
		       struct str kind_name, struct str notification_id,
		       const char **why)
{
	const struct kind *kind = find_kind(kind_name);
	struct value data = value_absent();
	ptrdiff_t lines;
	struct str mail;

	*why = "unknown kind of message";
	if (!kind)
		return STR_ABSENT;
	*why = "a template is missing";
	if (!has_templates(render->templates,
			   query_prepare_notification_template(rows, at),
			   mail_parts))
		return STR_ABSENT;
	(void)value_member(row_value(rows, at), STR("data"), a, &data);

	/* What there is no room for is told by its number. */
	lines = count_lines(a, data);
	mail = write_mail(render, a, rows, at, kind, notification_id, data,
			  lines, why);
	while (str_is_absent(mail) && lines > 1) {
		lines -= (lines + 3) / 4;
		mail = write_mail(render, a, rows, at, kind, notification_id,
				  data, lines, why);
	}
	return mail;
}

/* In one line, whatever its template's lines are. */
static struct str make_line_of(struct arena *a, struct str text)
{
	struct buf out = buf_init(a, text.n + 1);

	for (ptrdiff_t i = 0; i < text.n; i++)
		if (!strchr(" \t\r\n", text.p[i]))
			buf_add_byte(&out, text.p[i]);
		else if (out.n > 0 && out.p[out.n - 1] != ' ')
			buf_add_byte(&out, ' ');
	return str_trim(buf_str(&out));
}

struct str render_push(const struct render *render, struct arena *a,
		       const struct rows *rows, ptrdiff_t at,
		       struct str kind_name, struct str notification_id,
		       int64_t user_id, const char **why)
{
	const struct kind *kind = find_kind(kind_name);
	struct str name = query_prepare_notification_template(rows, at);
	struct value data = value_absent();
	struct value own = value_object((const struct value_field[]){
		{"base_url", value_text(&render->config->base_url)},
		{NULL, {NULL, NULL, 0}},
	});

	*why = "unknown kind of message";
	if (!kind)
		return STR_ABSENT;
	*why = "a template is missing";
	if (!has_templates(render->templates, name, push_parts))
		return STR_ABSENT;
	(void)value_member(row_value(rows, at), STR("data"), a, &data);

	const struct context context = {{own, data, row_value(rows, at)}};
	const struct push push = {
		.id = mail_id(a, render->keys, notification_id),
		.notification_id = notification_id,
		.user_id = user_id,
		.kind = kind_name,
		.org_name = query_prepare_notification_org_name(rows, at),
		.title = make_line_of(a, render_part(render, a, name,
						     "subject.txt", &context)),
		.body = make_line_of(
			a, render_part(render, a, name, "push.txt", &context)),
		.link = make_main_link(render, a, rows, at, kind),
		.tokens = query_prepare_notification_tokens(rows, at),
	};

	return push_write(a, &push, why);
}
