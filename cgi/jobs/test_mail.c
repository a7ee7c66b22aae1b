/*
 * A mail that shows the operator that mail leaves.  Must not know the queue.
 */
#include "jobs/test_mail.h"

#include "send/mail.h"

static struct str say_date(struct arena *a)
{
	time_t now = time(NULL);
	struct tm tm;
	char text[64];

	gmtime_r(&now, &tm);
	(void)strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S +0000", &tm);
	return str_copy(a, str_of(text));
}

static struct str render_part(const struct render *render, struct arena *a,
			      const char *name)
{
	const struct template *template =
		template_find(render->templates, str_of(name));
	const struct value context = value_object((const struct value_field[]){
		{"base_url", value_text(&render->config->base_url)},
		{NULL, {NULL, NULL, 0}},
	});
	struct buf out = buf_init(a, 2048);

	if (!template)
		return STR_ABSENT;
	template_render(template, context, &out);
	return buf_str(&out);
}

bool test_mail_send(const struct render *render, struct arena *a,
		    struct channel *channel, struct str to,
		    struct send_result *result, const char **why)
{
	unsigned char random[16];

	secret_random(random, sizeof(random));

	const struct mail mail = {
		.date = say_date(a),
		.id = secret_base64url(a, random, sizeof(random)),
		.from_name = STR("Rollcall"),
		.from = render->config->mail_from,
		.to = to,
		.subject = str_trim(
			render_part(render, a, "mail_test.subject.txt")),
		.text = render_part(render, a, "mail_test.txt"),
		.html = render_part(render, a, "mail_test.html"),
	};
	const struct send_message message = {
		.from = mail.from,
		.to = mail.to,
		.bytes = mail_write(a, &mail, why),
	};

	if (str_is_absent(message.bytes))
		return false;
	*result = channel_send(channel, &message);
	return true;
}
