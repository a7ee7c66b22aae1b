/*
 * What devices at the door send, as it comes over the wire.
 */
#include "page/fixture.h"
#include "page/team.h"

#define DEVICE "device=11111111-1111-4111-8111-111111111111&"
#define KEY "22222222" KEY_REST
#define KEY_REST "-2222-4222-8222-222222222222"

static struct world world;

static int open_world(void **state)
{
	(void)state;
	world_open(&world, "staff");
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	world_close(&world);
	return 0;
}

/* An event that goes on, with the member registered; its participant. */
static int64_t event_make(const struct team *t, int64_t *participant)
{
	int64_t event = world_sql_int(
		&world,
		"insert into events (org_id, title, starts_at, status) values "
		"(%lld, 'Talk', app_now(), 'ongoing') returning id",
		(long long)t->org);

	*participant = world_sql_int(
		&world,
		"insert into event_participants (event_id, org_id, user_id) "
		"values (%lld, %lld, %lld) returning id",
		(long long)event, (long long)t->org,
		(long long)t->user[MEMBER]);
	return event;
}

static struct response sync(const struct team *t, enum reader reader,
			    int64_t event, const char *body)
{
	return team_post(&world, t, reader,
			 str_printf(&world.arena,
				    "/staff/%.*s/events/%lld/door/sync",
				    STR_ARG(t->slug), (long long)event),
			 str_of(body));
}

static void takes_attempts(void **state)
{
	struct team t = team_make(&world);
	int64_t participant;
	int64_t event = event_make(&t, &participant);
	struct str body = str_printf(
		&world.arena,
		DEVICE "whole=yes&attempts=[{\"key\":\"" KEY "\",\"what\":"
		       "\"check_in\",\"participant\":\"%lld\",\"at\":1}]",
		(long long)participant);
	char *text = str_z(&world.arena, body);
	struct response r = sync(&t, STAFF, event, text);

	(void)state;
	expect_status(&r, 200);
	assert_true(str_equal(response_header(&r, "Content-Type"),
			      STR("application/json")));
	assert_true(response_has(&r, "\"result\": \"present\""));
	assert_true(response_has(&r, "\"name\": \"Member\""));
	assert_true(response_has(&r, "\"whole\": true"));
	assert_true(response_has(&r, "{\"counts\":{\"here\": 1, "));
	r = sync(&t, STAFF, event, text);
	assert_true(response_has(&r, "\"result\": \"present\""));
	assert_int_equal(world_sql_int(&world,
				       "select count(*) from door_attempts "
				       "where event_id = %lld",
				       (long long)event),
			 1);
}

static void takes_somebody_new(void **state)
{
	struct team t = team_make(&world);
	int64_t participant;
	int64_t event = event_make(&t, &participant);
	char *body = str_z(
		&world.arena,
		str_printf(&world.arena,
			   DEVICE "whole=no&attempts=[{\"key\":\"" KEY
				  "\",\"what\":\"walk_in\",\"name\":\"New\","
				  "\"email\":\"new@%.*s.example\",\"at\":1}]",
			   STR_ARG(t.slug)));
	struct response r = sync(&t, DOOR, event, body);

	(void)state;
	expect_status(&r, 200);
	assert_true(response_has(&r, "\"result\": \"not_found\""));
	body = str_z(
		&world.arena,
		str_printf(&world.arena,
			   DEVICE
			   "whole=no&attempts=[{\"key\":\"33333333" KEY_REST
			   "\",\"what\":\"walk_in\",\"name\":"
			   "\"New\",\"email\":\"new@%.*s.example\","
			   "\"at\":1}]",
			   STR_ARG(t.slug)));
	r = sync(&t, STAFF, event, body);
	expect_status(&r, 200);
	assert_true(response_has(&r, "\"name\": \"New\""));
	assert_true(response_has(&r, "\"status\": \"present\""));
}

static void gives_the_door_no_list(void **state)
{
	struct team t = team_make(&world);
	int64_t participant;
	int64_t event = event_make(&t, &participant);
	struct response r =
		sync(&t, DOOR, event, DEVICE "whole=yes&attempts=[]");

	(void)state;
	expect_status(&r, 200);
	assert_true(response_has(&r, "\"people\": []"));
	assert_false(response_has(&r, "Member"));
}

static void refuses_what_is_none(void **state)
{
	static const char *const bodies[] = {
		"",
		"whole=yes&attempts=[]",
		"device=phone&whole=yes&attempts=[]",
		DEVICE "attempts=[]",
		DEVICE "whole=yes",
		DEVICE "whole=yes&attempts=",
		DEVICE "whole=yes&attempts=[",
		DEVICE "whole=yes&attempts={}",
		DEVICE "whole=yes&attempts=[1]",
		DEVICE "whole=yes&attempts=[{}]",
	};
	struct team t = team_make(&world);
	int64_t participant;
	int64_t event = event_make(&t, &participant);

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct response r = sync(&t, STAFF, event, bodies[i]);

		expect_status(&r, 422);
	}
	assert_int_equal(world_sql_int(&world,
				       "select count(*) from door_contacts "
				       "where event_id = %lld",
				       (long long)event),
			 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-B3 a device's attempts are taken, once, and it hears what "
		 "became of them",
		 takes_attempts, NULL, NULL, NULL},
		{"R-B3 staff's device lets in somebody new, the door role's "
		 "does not",
		 takes_somebody_new, NULL, NULL, NULL},
		{"R-O1 the door role's device gets no list",
		 gives_the_door_no_list, NULL, NULL, NULL},
		{"R-B3 what is no list of attempts is refused, and no contact",
		 refuses_what_is_none, NULL, NULL, NULL},
	};

	return cmocka_run_group_tests_name("door_sync", tests, open_world,
					   close_world);
}
