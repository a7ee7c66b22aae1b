/*
 * Makes an event with people and presses the buttons of its door.  Must not
 * know what becomes of it.
 */
#include "page/doorway.h"

#include "page/fixture.h"

struct doorway doorway;

int doorway_open(void **state)
{
	(void)state;
	world_open(&doorway.world, "staff");
	world_sql(&doorway.world,
		  "update test_clock set at = '2026-11-20 14:05+00'");
	return 0;
}

int doorway_close(void **state)
{
	(void)state;
	world_close(&doorway.world);
	return 0;
}

int doorway_make(void **state)
{
	(void)state;
	doorway.team = team_make(&doorway.world);
	doorway.event = world_sql_int(
		&doorway.world,
		"insert into events (org_id, title, starts_at, ends_at, status,"
		" takes_attendance) values (%lld, 'Talk', '2026-11-20 14:00Z', "
		"'2026-11-20 16:00Z', 'ongoing', true) returning id",
		(long long)doorway.team.org);
	return 0;
}

int64_t doorway_person(const char *name, const char *how)
{
	return world_sql_int(
		&doorway.world,
		"with u as (insert into users (email, name) values "
		"('d' || nextval('users_id_seq') || '@example.org', '%s') "
		"returning id), m as (insert into memberships (user_id, "
		"org_id) select id, %lld from u) insert into "
		"event_participants (event_id, org_id, user_id, status) select "
		"%lld, %lld, id, '%s' from u returning id",
		name, (long long)doorway.team.org, (long long)doorway.event,
		(long long)doorway.team.org, how);
}

void doorway_set(const char *set)
{
	world_sql(&doorway.world, "update events set %s where id = %lld", set,
		  (long long)doorway.event);
}

const char *doorway_state(int64_t person)
{
	return str_z(&doorway.world.arena,
		     world_sql(&doorway.world,
			       "select status || ' ' || attendance_status "
			       "from event_participants where id = %lld",
			       (long long)person));
}

struct str doorway_path(const char *tail)
{
	return str_printf(
		&doorway.world.arena, "/staff/%.*s/events/%lld/door%s",
		STR_ARG(doorway.team.slug), (long long)doorway.event, tail);
}

struct response doorway_get(enum reader reader, const char *tail)
{
	return team_get(&doorway.world, &doorway.team, reader,
			doorway_path(tail));
}

/* Each under a request id of its own, as nginx gives them. */
struct response doorway_post(enum reader reader, const char *tail,
			     const char *body)
{
	static int requests;
	struct str head =
		str_printf(&doorway.world.arena, "%.*sX-Request-Id: %032x\r\n",
			   STR_ARG(doorway.team.cookie[reader]), ++requests);

	return fixture_post(&doorway.world, head, doorway_path(tail),
			    str_printf(&doorway.world.arena, "csrf=%.*s&%s",
				       STR_ARG(doorway.team.csrf[reader]),
				       body));
}

struct response doorway_follow(enum reader reader, const struct response *r)
{
	expect_status(r, 303);
	return team_get(&doorway.world, &doorway.team, reader,
			response_header(r, "Location"));
}

struct response doorway_press(enum reader reader, const char *what,
			      int64_t person)
{
	struct str body =
		str_printf(&doorway.world.arena, "what=%s&participant=%lld",
			   what, (long long)person);
	struct response r =
		doorway_post(reader, "", str_z(&doorway.world.arena, body));

	return doorway_follow(reader, &r);
}

void expect_has(const struct response *r, const char *part)
{
	if (!response_has(r, part))
		fail_msg("no \"%s\" in:\n%.*s", part, STR_ARG(r->text));
}

void expect_none(const struct response *r, const char *part)
{
	if (response_has(r, part))
		fail_msg("\"%s\" in:\n%.*s", part, STR_ARG(r->text));
}

/* The list of people, without what comes for the scripts. */
static struct response list_of(const struct response *r)
{
	struct response list = *r;
	struct str text =
		str_from(r->body, str_find_str(r->body, STR("data-people>")));

	list.text = str_first(text, str_find_str(text, STR("</ul>")));
	return list;
}

void expect_button(const struct response *r, const char *what, bool shown)
{
	struct response list = list_of(r);
	const char *button =
		str_z(&doorway.world.arena,
		      str_printf(&doorway.world.arena,
				 "name=\"what\" value=\"%s\"", what));

	if (shown)
		expect_has(&list, button);
	else
		expect_none(&list, button);
}
