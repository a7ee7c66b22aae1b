/*
 * Makes an organisation's people and lets them ask for pages.  Must not know
 * what each may see.
 */
#include "page/team.h"

#include "page/fixture.h"
#include "web/session.h"

static const struct {
	const char *name;
	const char *role;
	bool other;
	bool responder;
} readers[READERS] = {
	[NOBODY] = {"nobody", NULL, false, false},
	[MEMBER] = {"member", "member", false, false},
	[OTHER_MEMBER] = {"other_member", "member", true, false},
	[DOOR] = {"door", "door", false, false},
	[STAFF] = {"staff", "staff", false, false},
	[OTHER_STAFF] = {"other_staff", "staff", true, false},
	[ADMIN] = {"admin", "admin", false, false},
	[RESPONDER] = {"responder", "member", false, true},
};

const char *team_reader_name(enum reader reader)
{
	return readers[reader].name;
}

static int64_t org_make(struct world *w, struct str slug)
{
	return world_sql_int(w,
			     "insert into organizations (slug, name, timezone) "
			     "values ('%.*s', 'Club %.*s', 'Europe/Berlin') "
			     "returning id",
			     STR_ARG(slug), STR_ARG(slug));
}

/* As if they had pressed the button in a mail. */
static void sign_in(struct world *w, struct team *team, enum reader reader)
{
	struct request rq = {.app = &w->app, .arena = &w->arena};
	struct str id;
	struct str hash = session_make(&rq, &id);
	struct buf hex = buf_init(&w->arena, 2 * hash.n + 1);

	for (ptrdiff_t i = 0; i < hash.n; i++)
		buf_printf(&hex, "%02x", (unsigned char)hash.p[i]);
	world_sql(w,
		  "insert into sessions (user_id, hash, device, expires_at) "
		  "values (%lld, '\\x%.*s', 'Firefox', "
		  "app_now() + interval '30 days')",
		  (long long)team->user[reader], STR_ARG(buf_str(&hex)));
	rq.cookie = str_printf(&w->arena, SESSION_COOKIE "=%.*s", STR_ARG(id));
	session_read(&rq);
	team->cookie[reader] =
		str_printf(&w->arena, "Cookie: %.*s\r\n", STR_ARG(rq.cookie));
	team->csrf[reader] = rq.csrf;
}

static void person_make(struct world *w, struct team *team, enum reader reader)
{
	long long org = readers[reader].other ? team->other : team->org;

	team->email[reader] =
		str_printf(&w->arena, "%s@%.*s.example", readers[reader].name,
			   STR_ARG(team->slug));
	team->user[reader] = world_sql_int(
		w,
		"with u as (insert into users (email, name) values "
		"('%.*s', initcap('%s')) returning id), m as (insert into "
		"memberships (user_id, org_id, role, responder) "
		"select id, %lld, '%s', %s from u) select id from u",
		STR_ARG(team->email[reader]), readers[reader].name, org,
		readers[reader].role,
		readers[reader].responder ? "true" : "false");
	sign_in(w, team, reader);
	world_sql(w, "alter table team add column %s bigint default %lld",
		  readers[reader].name, (long long)team->user[reader]);
}

struct team team_make(struct world *w)
{
	static int made;
	struct team team = {0};
	int number = ++made;
	int reader;

	team.slug = str_printf(&w->arena, "team-%d", number);
	team.other_slug = str_printf(&w->arena, "others-%d", number);
	team.org = org_make(w, team.slug);
	team.other = org_make(w, team.other_slug);
	world_sql(w, "drop table if exists pg_temp.team");
	world_sql(w,
		  "create temporary table team as select %lld::bigint as org, "
		  "%lld::bigint as other, '%.*s'::text as slug, "
		  "'%.*s'::text as other_slug",
		  (long long)team.org, (long long)team.other,
		  STR_ARG(team.slug), STR_ARG(team.other_slug));
	team.email[NOBODY] = STR("");
	team.cookie[NOBODY] = STR("");
	team.csrf[NOBODY] = STR("");
	for (reader = NOBODY + 1; reader < READERS; reader++)
		person_make(w, &team, (enum reader)reader);
	return team;
}

struct response team_get(struct world *w, const struct team *team,
			 enum reader reader, struct str path)
{
	return fixture_get(w, team->cookie[reader], path);
}

struct response team_post(struct world *w, const struct team *team,
			  enum reader reader, struct str path, struct str body)
{
	struct str form =
		str_printf(&w->arena, "csrf=%.*s&%.*s",
			   STR_ARG(team->csrf[reader]), STR_ARG(body));

	return fixture_post(w, team->cookie[reader], path, form);
}

struct response team_post_file(struct world *w, const struct team *team,
			       enum reader reader, struct str path,
			       const char *field, struct str file)
{
	struct buf b = buf_init(&w->arena, file.n + 1000);

	buf_printf(&b,
		   "POST %.*s HTTP/1.1\r\n" SAME_SITE "%.*sContent-Type: "
		   "multipart/form-data; boundary=XyZ\r\n\r\n"
		   "--XyZ\r\nContent-Disposition: form-data; name=\"csrf\""
		   "\r\n\r\n%.*s\r\n"
		   "--XyZ\r\nContent-Disposition: form-data; name=\"%s\"; "
		   "filename=\"club.ics\"\r\n"
		   "Content-Type: text/calendar\r\n\r\n",
		   STR_ARG(path), STR_ARG(team->cookie[reader]),
		   STR_ARG(team->csrf[reader]), field);
	buf_add(&b, file);
	buf_add(&b, STR("\r\n--XyZ--\r\n"));
	return world_send(w, buf_str(&b));
}
