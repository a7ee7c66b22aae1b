/*
 * Rows for page tests; knows the tables, not what is tested.
 */
#include "page/fixture.h"

static int64_t org_make(struct world *w, int number)
{
	return world_sql_int(w,
			     "insert into organizations (slug, name, timezone) "
			     "values ('club-%d', 'Harbour Club %d', "
			     "'Europe/Berlin') returning id",
			     number, number);
}

static int64_t user_make(struct world *w, struct str email, int number,
			 int64_t org)
{
	return world_sql_int(
		w,
		"with u as (insert into users (email, name) values "
		"('%.*s', 'Ada Lovelace %d') returning id), m as ("
		"insert into memberships (user_id, org_id) "
		"select id, %lld from u) select id from u",
		STR_ARG(email), number, (long long)org);
}

struct fixture fixture_event(struct world *w, const char *ago)
{
	static int made;
	int number = ++made;
	struct fixture f = {0};

	f.email = str_printf(&w->arena, "ada%d@example.org", number);
	f.org = org_make(w, number);
	f.user = user_make(w, f.email, number, f.org);
	f.event = world_sql_int(
		w,
		"insert into events (org_id, title, starts_at, ends_at, status)"
		" select %lld, 'Regatta %d', t - interval '2 hours', t, "
		"case when t > app_now() then 'published' else 'completed' end "
		"from (select app_now() - interval '%s' as t) x returning id",
		(long long)f.org, number, ago);
	return f;
}

struct fixture fixture_asked(struct world *w, const char *ago)
{
	struct fixture f = fixture_event(w, ago);

	world_sql(w,
		  "insert into event_views (event_id, user_id, org_id) "
		  "values (%lld, %lld, %lld)",
		  (long long)f.event, (long long)f.user, (long long)f.org);
	f.notification = world_sql_int(
		w,
		"insert into notifications (user_id, org_id, event_id, type, "
		"prompt_number, title) values (%lld, %lld, %lld, "
		"'attendance_prompt', 1, 'Were you there?') returning id",
		(long long)f.user, (long long)f.org, (long long)f.event);
	f.expires = world_sql_int(
		w,
		"select extract(epoch from effective_end + interval '14 days')"
		"::bigint from events where id = %lld",
		(long long)f.event);
	f.token = world_token(w, TOKEN_PROMPT, f.notification, 1, f.expires);
	f.link = str_printf(&w->arena, "/r/%.*s", STR_ARG(f.token));
	return f;
}

struct str fixture_sign_in(struct world *member, const struct fixture *f)
{
	int64_t request = world_sql_int(
		member,
		"insert into sign_in_requests (email_hash, user_id, expires_at)"
		" values (decode(md5('%.*s'), 'hex'), %lld, "
		"app_now() + interval '15 minutes') returning id",
		STR_ARG(f->email), (long long)f->user);
	int64_t expires =
		world_sql_int(member,
			      "select extract(epoch from expires_at)::bigint "
			      "from sign_in_requests where id = %lld",
			      (long long)request);
	struct str token =
		world_token(member, TOKEN_SIGN_IN, request, 1, expires);
	struct str path =
		str_printf(&member->arena, "/signin/%.*s", STR_ARG(token));
	struct response r = world_post(member, path, STR(""));
	struct str cookie = response_header(&r, "Set-Cookie");
	struct str rest;

	expect_status(&r, 303);
	cookie = str_cut(cookie, ';', &rest);
	assert_true(cookie.n > 0);
	return str_printf(&member->arena, "Cookie: %.*s\r\n", STR_ARG(cookie));
}

struct str fixture_csrf(struct world *w, const struct response *r)
{
	const struct str before = STR("name=\"csrf\" value=\"");
	ptrdiff_t at = str_find_str(r->body, before);
	struct str rest;

	if (at < 0)
		fail_msg("no form token in:\n%.*s", STR_ARG(r->text));
	return str_copy(&w->arena,
			str_cut(str_from(r->body, at + before.n), '"', &rest));
}

struct str fixture_answer(struct world *w, const struct fixture *f)
{
	return world_sql(w,
			 "select status from attendance "
			 "where user_id = %lld and event_id = %lld",
			 (long long)f->user, (long long)f->event);
}

int64_t fixture_audits(struct world *w, const struct fixture *f)
{
	return world_sql_int(w,
			     "select count(*) from event_attendance_audit "
			     "where event_id = %lld",
			     (long long)f->event);
}

struct response fixture_post(struct world *w, struct str cookie,
			     struct str path, struct str body)
{
	return world_sendf(w,
			   "POST %.*s HTTP/1.1\r\n" SAME_SITE
			   "%.*sContent-Type: "
			   "application/x-www-form-urlencoded\r\n\r\n%.*s",
			   STR_ARG(path), STR_ARG(cookie), STR_ARG(body));
}

struct response fixture_get(struct world *w, struct str cookie, struct str path)
{
	return world_sendf(w, "GET %.*s HTTP/1.1\r\n%.*s\r\n", STR_ARG(path),
			   STR_ARG(cookie));
}
