/*
 * Signing in by a mailed link: ask for it, open it, press the button.  Must
 * not know whether an address is known: nothing here may tell.
 */
#include "pages/signin.h"

#include "pages/link.h"
#include "query/session.h"
#include "query/signin.h"
#include "view/rows.h"
#include "web/form.h"
#include "web/page.h"
#include "web/session.h"
#include "web/url.h"

static const struct form_field fields[] = {
	{.name = "email",
	 .label = "Email",
	 .type = FORM_EMAIL,
	 .required = true,
	 .most = 254},
	{.name = "next",
	 .label = "Where to go",
	 .type = FORM_LINE,
	 .most = 1000},
	{.name = NULL},
};

void signin_form(struct request *rq, struct reply *rs)
{
	struct str next = request_query(rq, "next");
	const struct value_field page[] = {
		{"next", value_text(&next)},
		{.name = NULL},
	};

	if (!page_run(rq, rs))
		return;
	if (rq->viewer && rows_count(rq->viewer) > 0)
		reply_see(rq, rs, url_is_own(next) ? next : STR("/events"));
	else
		reply_page(rq, rs, 200, "signin_form", page);
}

struct str signin_address_hash(struct request *rq, struct str email)
{
	unsigned char *hash = arena_get(rq->arena, SECRET_HASH_BYTES);

	secret_mac(&rq->app->keys.keys[0], SECRET_ADDRESS,
		   str_lower(rq->arena, email), hash, SECRET_HASH_BYTES);
	return str_at((const char *)hash, SECRET_HASH_BYTES);
}

void signin_ask(struct request *rq, struct reply *rs)
{
	struct form form;

	if (!form_read(rq, fields, &form)) {
		struct str next = form_get(&form, "next");
		const struct value_field page[] = {
			{"form", form_value(rq->arena, &form)},
			{"next", value_text(&next)},
			{.name = NULL},
		};
		reply_page(rq, rs, 422, "signin_form", page);
		return;
	}
	struct str email = form_get(&form, "email");
	query_sign_in_ask(rq->app->db, rq->arena, email,
			  signin_address_hash(rq, email));
	if (!page_run(rq, rs))
		return;
	session_keep_next(rq, rs, form_get(&form, "next"));
	reply_page(rq, rs, 200, "signin_asked", NULL);
}

/*
 * Why a link opens nothing: used, closed (there is nobody to sign in, and the
 * organisation takes no one any more), or past its time.
 */
static void reply_over(struct request *rq, struct reply *rs, struct str why)
{
	const struct value_field page[] = {
		{"used", value_bool(str_equal(why, STR("used")))},
		{"closed", value_bool(str_equal(why, STR("closed")))},
		{.name = NULL},
	};
	reply_page(rq, rs, 410, "signin_over", page);
}

void signin_link(struct request *rq, struct reply *rs)
{
	struct link link;

	if (!link_read(rq, rs, TOKEN_SIGN_IN, &link))
		return;
	struct rows *row = query_sign_in_link(rq->app->db, rq->arena, link.row,
					      link.generation, link.expires);
	if (!page_run(rq, rs))
		return;

	const struct value_field page[] = {
		{"link", row_value(row, 0)},
		{.name = NULL},
	};
	if (rows_count(row) == 0)
		reply_problem(rq, rs, 404, STR(""));
	else if (str_equal(query_sign_in_link_state(row, 0), STR("open")))
		reply_page(rq, rs, 200, "signin_link", page);
	else
		reply_over(rq, rs, query_sign_in_link_state(row, 0));
}

/* The first of each list that the browser's own words hold; order matters. */
static const char *const browsers[][2] = {
	{"Edg", "Edge"},       {"OPR/", "Opera"},    {"Firefox/", "Firefox"},
	{"FxiOS/", "Firefox"}, {"CriOS/", "Chrome"}, {"Chrome/", "Chrome"},
	{"Safari/", "Safari"}, {"", "A browser"},
};
static const char *const systems[][2] = {
	{"Android", " on Android"}, {"iPhone", " on iPhone"},
	{"iPad", " on iPad"},	    {"Windows", " on Windows"},
	{"Mac OS X", " on a Mac"},  {"CrOS", " on a Chromebook"},
	{"Linux", " on Linux"},	    {"", ""},
};

static const char *find_word(const char *const (*words)[2], struct str agent)
{
	while (words[0][0][0] && str_find_str(agent, str_of(words[0][0])) < 0)
		words++;
	return words[0][1];
}

/* How the list of sessions calls this one, such as "Firefox on Linux". */
static struct str device_name(struct request *rq)
{
	return str_printf(rq->arena, "%s%s",
			  find_word(browsers, rq->user_agent),
			  find_word(systems, rq->user_agent));
}

/* join_closed and the like, as sign_in_link's state has it. */
static struct str refusal_word(struct str key)
{
	return str_from(key, str_find(key, '_') + 1);
}

/* To the organisation that was joined, else where the person was going. */
static struct str way_on(struct request *rq, const struct rows *used)
{
	struct str joining = query_sign_in_use_joining(used, 0);
	struct str slug = query_sign_in_use_org_slug(used, 0);

	if (str_equal(joining, STR("closed")))
		return STR("/me?note=join_closed");
	if (str_is_absent(joining))
		return session_next(rq);
	return str_printf(rq->arena, "/o/%.*s%s", STR_ARG(slug),
			  str_equal(joining, STR("joined")) ? "?note=joined"
							    : "");
}

void signin_use(struct request *rq, struct reply *rs)
{
	struct link link;
	const struct db_refusal *refusal;

	if (!link_read(rq, rs, TOKEN_SIGN_IN, &link))
		return;
	struct str id;
	struct str session = session_make(rq, &id);
	struct rows *used = query_sign_in_use(rq->app->db, rq->arena, link.row,
					      link.generation, link.expires,
					      session, device_name(rq));
	if (!page_post(rq, rs, &refusal))
		return;
	if (refusal) {
		reply_over(rq, rs, refusal_word(refusal->key));
		return;
	}
	session_start(rq, rs, id, query_sign_in_use_life_seconds(used, 0));
	reply_see(rq, rs, way_on(rq, used));
}

void signin_out(struct request *rq, struct reply *rs)
{
	query_sign_out(rq->app->db, rq->arena, rq->session);
	if (!page_run(rq, rs))
		return;
	session_forget(rq, rs);
	reply_see(rq, rs, STR("/?note=signed_out"));
}
