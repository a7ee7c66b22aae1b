/*
 * The rights that people have here, route by route.  Must not know how it is
 * tried.
 */
#include "page/rights.h"

#define GET METHOD_GET
#define POST METHOD_POST

#define EVENT_FORM                                                             \
	"title=Talk&start_date=2199-12-04&start_time=18:30&"                   \
	"zone=Europe/Berlin&repeats=none&scope=this"

#define SHIFT_FORM                                                             \
	"title=Bar&start_date=2199-12-04&start_time=18:30&end_time=20:00&"     \
	"repeats=none&scope=this"

const struct place places[] = {
	{"shift", 0,
	 "insert into duty_schedules (org_id, title, start_at, end_at) "
	 "select org, 'Bar', app_now() + interval '5 minutes', "
	 "app_now() + interval '1 hour' from team returning id"},
	{"filled_shift", 0,
	 "with s as (insert into duty_schedules (org_id, title, start_at, "
	 "end_at) select org, 'Bar', app_now() + interval '5 minutes', "
	 "app_now() + interval '1 hour' from team returning id, org_id), "
	 "a as (insert into duty_assignments (org_id, schedule_id, user_id) "
	 "select s.org_id, s.id, t.member from s, team t) select id from s"},
	{"shift_person", 0, "select member from team"},
	{"own_shift", 0,
	 "with s as (insert into duty_schedules (org_id, title, start_at, "
	 "end_at) select org, 'Bar', app_now() + interval '5 minutes', "
	 "app_now() + interval '1 hour' from team returning id, org_id), "
	 "a as (insert into duty_assignments (org_id, schedule_id, user_id) "
	 "select s.org_id, s.id, coalesce(t.me, t.member) from s, team t) "
	 "select id from s"},
	{"own_offer", 0,
	 "with s as (insert into duty_schedules (org_id, title, start_at, "
	 "end_at) select org, 'Bar', app_now() + interval '5 minutes', "
	 "app_now() + interval '1 hour' from team returning id, org_id), "
	 "a as (insert into duty_assignments (org_id, schedule_id, user_id) "
	 "select s.org_id, s.id, coalesce(t.me, t.member) from s, team t "
	 "returning *), "
	 "w as (insert into shift_swaps (org_id, schedule_id, assignment_id, "
	 "user_id) select org_id, schedule_id, id, user_id from a) "
	 "select id from s"},
	{"filled_offer", 0,
	 "with s as (insert into duty_schedules (org_id, title, start_at, "
	 "end_at) select org, 'Bar', app_now() + interval '5 minutes', "
	 "app_now() + interval '1 hour' from team returning id, org_id), "
	 "a as (insert into duty_assignments (org_id, schedule_id, user_id) "
	 "select s.org_id, s.id, t.member from s, team t returning *), "
	 "w as (insert into shift_swaps (org_id, schedule_id, assignment_id, "
	 "user_id) select org_id, schedule_id, id, user_id from a) "
	 "select id from s"},
	{"offered_shift", 0,
	 "with s as (insert into duty_schedules (org_id, title, start_at, "
	 "end_at) select org, 'Bar', app_now() + interval '5 days', "
	 "app_now() + interval '6 days' from team returning id, org_id), "
	 "u as (insert into users (email, name) select 'o' || random() || "
	 "'@example.org', 'Giver' returning id), "
	 "a as (insert into duty_assignments (org_id, schedule_id, user_id) "
	 "select s.org_id, s.id, u.id from s, u returning *), "
	 "w as (insert into shift_swaps (org_id, schedule_id, assignment_id, "
	 "user_id) select org_id, schedule_id, id, user_id from a) "
	 "select id from s"},
	{"shift_link", TOKEN_SHIFT,
	 "with s as (insert into duty_schedules (org_id, title, start_at, "
	 "end_at) select org, 'Bar', app_now() + interval '5 minutes', "
	 "app_now() + interval '1 hour' from team returning *) "
	 "insert into duty_assignments (org_id, schedule_id, user_id) "
	 "select s.org_id, s.id, t.member from s, team t returning id || ' ' "
	 "|| extract(epoch from app_now() + interval '90 minutes')::bigint"},
	{"feed", TOKEN_FEED,
	 "insert into calendar_feeds (user_id) select member from team "
	 "on conflict (user_id) do update set made_at = app_now() "
	 "returning id || ' 0'"},
	{"watch_link", TOKEN_CHECK_IN,
	 "with s as (insert into user_status (user_id, org_id) select member, "
	 "org from team on conflict do nothing) "
	 "insert into monitoring as m (user_id, org_id, consent_version, "
	 "link_generation) select member, org, '1', 1 from team "
	 "on conflict (user_id) do update set stopped_at = null "
	 "returning user_id || ' ' || "
	 "extract(epoch from app_now() + interval '1 day')::bigint"},
	{"contact_link", TOKEN_CONTACT_CONSENT,
	 "insert into monitoring_contacts (user_id, org_id, priority, name, "
	 "email) select member, org, (select count(*) + 1 from "
	 "monitoring_contacts c where c.user_id = member), 'Contact', 'c' || "
	 "random() || '@example.org' from team returning id || ' ' || "
	 "extract(epoch from app_now() + interval '1 day')::bigint"},
	{"own_contact", 0,
	 "insert into monitoring_contacts (user_id, org_id, priority, name, "
	 "email) select coalesce(me, member), org, (select count(*) + 1 from "
	 "monitoring_contacts c where c.user_id = coalesce(me, member)), "
	 "'Contact', 'c' || random() || '@example.org' from team returning id"},
	/* A person who is overdue. */
	{"watched", 0,
	 "with u as (insert into users (email, name) select 'w' || random() "
	 "|| '@example.org', 'Silent' returning id), "
	 "m as (insert into memberships (user_id, org_id) "
	 "select u.id, t.org from u, team t), "
	 "w as (insert into monitoring (user_id, org_id, consent_version) "
	 "select u.id, t.org, '1' from u, team t), "
	 "s as (insert into user_status (user_id, org_id, alert_level, "
	 "alert_triggered_at) select u.id, t.org, 'L1', app_now() "
	 "from u, team t), "
	 "a as (insert into alerts (user_id, org_id) select u.id, t.org "
	 "from u, team t) "
	 "select id from u"},
	/* A person who wrote to the responders. */
	{"talker", 0,
	 "with u as (insert into users (email, name) select 't' || random() "
	 "|| '@example.org', 'Talker' returning id), "
	 "m as (insert into memberships (user_id, org_id) "
	 "select u.id, t.org from u, team t), "
	 "w as (insert into talk_messages (org_id, user_id, author_id, body) "
	 "select t.org, u.id, u.id, 'Hello' from u, team t) "
	 "select id from u"},
	{"event", 0,
	 "insert into events (org_id, title, starts_at, status) "
	 "select org, 'To come', app_now() + interval '1 day', 'published' "
	 "from team returning id"},
	{"joined_event", 0,
	 "with e as (insert into events (org_id, title, starts_at, status) "
	 "select org, 'Joined', app_now() + interval '1 day', 'published' "
	 "from team returning id, org_id), p as (insert into "
	 "event_participants (event_id, org_id, user_id) "
	 "select e.id, e.org_id, t.me from e, team t where t.me is not null) "
	 "select id from e"},
	{"draft", 0,
	 "insert into events (org_id, title, starts_at, status) "
	 "select org, 'A draft', app_now() + interval '1 day', 'draft' "
	 "from team returning id"},
	{"cancelled_event", 0,
	 "insert into events (org_id, title, starts_at, status) "
	 "select org, 'Off', app_now() + interval '1 day', 'cancelled' "
	 "from team returning id"},
	{"held", 0,
	 "with e as (insert into events (org_id, title, starts_at, ends_at, "
	 "status, takes_attendance) select org, 'Held', "
	 "app_now() - interval '3 hours', app_now() - interval '2 hours', "
	 "'completed', true from team returning id, org_id), "
	 "u as (insert into users (email, name) select "
	 "'h' || random() || '@example.org', 'Guest' returning id), "
	 "p as (insert into event_participants (event_id, org_id, user_id) "
	 "select e.id, e.org_id, u.id from e, u) select id from e"},
	{"door", 0,
	 "with e as (insert into events (org_id, title, starts_at, status) "
	 "select org, 'On now', app_now() - interval '5 minutes', 'ongoing' "
	 "from team returning id, org_id), p as (insert into "
	 "event_participants (event_id, org_id, user_id) "
	 "select e.id, e.org_id, t.member from e, team t) select id from e"},
	{"ticket", TOKEN_QR,
	 "with e as (insert into events (org_id, title, starts_at, status) "
	 "select org, 'On now', app_now() - interval '5 minutes', 'ongoing' "
	 "from team returning id, org_id, effective_end) insert into "
	 "event_participants (event_id, org_id, user_id) "
	 "select e.id, e.org_id, t.member from e, team t returning id || ' ' "
	 "|| "
	 "extract(epoch from app_now() + interval '7 days')::bigint"},
	/* Of the one that was made last. */
	{"participant", 0,
	 "select p.id from event_participants p join team t on p.org_id = "
	 "t.org order by p.id desc limit 1"},
	/* With a batch that made its one participant absent. */
	{"flagged", 0,
	 "with e as (insert into events (org_id, title, starts_at, ends_at, "
	 "status, takes_attendance) select org, 'Held', "
	 "app_now() - interval '3 hours', app_now() - interval '2 hours', "
	 "'completed', true from team returning id, org_id), "
	 "b as (insert into absence_batches (org_id, event_id, revision, "
	 "automatic, state) select org_id, id, 1, true, 'done' from e) "
	 "select id from e"},
	{"batch", 0,
	 "select b.id from absence_batches b join team t on b.org_id = t.org "
	 "order by b.id desc limit 1"},
	{"asked_event", 0,
	 "with e as (insert into events (org_id, title, starts_at, ends_at, "
	 "status, takes_attendance) select org, 'Held', "
	 "app_now() - interval '3 hours', app_now() - interval '2 hours', "
	 "'completed', true from team returning id, org_id), "
	 "b as (insert into absence_batches (org_id, event_id, revision, "
	 "automatic, state) select org_id, id, 1, true, 'asked' from e) "
	 "select id from e"},
	{"request", 0,
	 "with e as (insert into events (org_id, title, starts_at, ends_at, "
	 "status, takes_attendance) select org, 'Held', "
	 "app_now() - interval '3 hours', app_now() - interval '2 hours', "
	 "'completed', true from team returning id, org_id), "
	 "u as (insert into users (email, name) select "
	 "'q' || random() || '@example.org', 'Guest' returning id), "
	 "p as (insert into event_participants (event_id, org_id, user_id, "
	 "attendance_status) select e.id, e.org_id, u.id, 'absent' from e, u "
	 "returning id, event_id, org_id, user_id) "
	 "insert into attendance_requests (org_id, event_id, participant_id, "
	 "user_id, answer) select org_id, event_id, id, user_id, 'attended' "
	 "from p returning id"},
	{"person", 0,
	 "with u as (insert into users (email, name) select "
	 "'p' || random() || '@example.org', 'Person' returning id), "
	 "m as (insert into memberships (user_id, org_id) "
	 "select u.id, t.org from u, team t) select id from u"},
	{"refused_person", 0,
	 "with u as (insert into users (email, name, suppressed_at, "
	 "suppressed_cause) select 'r' || random() || '@example.org', "
	 "'Refused', app_now(), '5.1.1' returning id), "
	 "m as (insert into memberships (user_id, org_id) "
	 "select u.id, t.org from u, team t) select id from u"},
	{"refused_message", 0,
	 "with e as (insert into events (org_id, title, starts_at, status) "
	 "select org, 'To come', app_now() + interval '1 day', 'published' "
	 "from team returning id, org_id) insert into notification_log (id, "
	 "notification_id, org_id, kind, event_id, user_id, revision, "
	 "scheduled_for, state, cause, retry_count, created_at) select "
	 "nextval(pg_get_serial_sequence('scheduled_notifications', 'id')), "
	 "'try-' || e.id, e.org_id, 'registration', e.id, t.member, 1, "
	 "app_now(), 'dead', 'recipient_refused', 1, app_now() from e, team t "
	 "returning id"},
	{"mismatch", 0,
	 "with e as (insert into events (org_id, title, starts_at, ends_at, "
	 "status, takes_attendance) select org, 'Over', app_now() - interval "
	 "'3 hours', app_now() - interval '2 hours', 'completed', true from "
	 "team returning *), p as (insert into event_participants (event_id, "
	 "org_id, user_id, attendance_status, attendance_marked_at) select "
	 "e.id, e.org_id, t.member, 'late', app_now() from e, team t returning "
	 "*), a as (insert into attendance (user_id, event_id, org_id, status, "
	 "responded_at) select user_id, event_id, org_id, 'not_attended', "
	 "app_now() from p) insert into mismatches (org_id, event_id, "
	 "participant_id, user_id, door, answer) select org_id, event_id, id, "
	 "user_id, 'late', 'not_attended' from p returning id"},
	{"version", 0,
	 "select o.version from organizations o join team t on t.org = o.id"},
	{"own_session", 0,
	 "insert into sessions (user_id, hash, expires_at) select "
	 "coalesce(me, member), sha256(random()::text::bytea), "
	 "app_now() + interval '1 day' from team returning id"},
	{"own_device", 0,
	 "insert into device_tokens (user_id, token, token_hash, name) select "
	 "coalesce(me, member), t.token, sha256(t.token::bytea), 'Phone' "
	 "from team, lateral (select 'token-' || random() || random() as "
	 "token) t returning id"},
	{"own_news", 0,
	 "insert into notifications (user_id, org_id, type, title, "
	 "notification_id) select coalesce(me, member), org, 'staff_notice', "
	 "'News', 'news-' || random() from team returning id"},
	{"prompt", TOKEN_PROMPT,
	 "with e as (insert into events (org_id, title, starts_at, ends_at, "
	 "status) select org, 'Over', app_now() - interval '3 hours', "
	 "app_now() - interval '2 hours', 'completed' from team returning *), "
	 "n as (insert into notifications (user_id, org_id, event_id, type, "
	 "prompt_number, title) select t.member, e.org_id, e.id, "
	 "'attendance_prompt', 1, 'Over' from e, team t returning id) "
	 "select n.id || ' ' || extract(epoch from e.effective_end + "
	 "interval '14 days')::bigint from n, e"},
	{"answered_prompt", TOKEN_PROMPT,
	 "with e as (insert into events (org_id, title, starts_at, ends_at, "
	 "status) select org, 'Over', app_now() - interval '3 hours', "
	 "app_now() - interval '2 hours', 'completed' from team returning *), "
	 "a as (insert into attendance (user_id, event_id, org_id, status, "
	 "responded_at) select t.member, e.id, e.org_id, 'attended', app_now() "
	 "from e, team t), "
	 "n as (insert into notifications (user_id, org_id, event_id, type, "
	 "prompt_number, title) select t.member, e.org_id, e.id, "
	 "'attendance_prompt', 1, 'Over' from e, team t returning id) "
	 "select n.id || ' ' || extract(epoch from e.effective_end + "
	 "interval '14 days')::bigint from n, e"},
	{"waiting", 0,
	 "with e as (insert into events (org_id, title, starts_at, ends_at, "
	 "status) select org, 'Over', app_now() - interval '3 hours', "
	 "app_now() - interval '2 hours', 'completed' from team returning *) "
	 "insert into notifications (user_id, org_id, event_id, type, "
	 "prompt_number, title) select coalesce(t.me, t.member), e.org_id, "
	 "e.id, 'attendance_prompt', 1, 'Over' from e, team t returning id"},
	{"waiting_for_member", 0,
	 "with e as (insert into events (org_id, title, starts_at, ends_at, "
	 "status) select org, 'Over', app_now() - interval '3 hours', "
	 "app_now() - interval '2 hours', 'completed' from team returning *) "
	 "insert into notifications (user_id, org_id, event_id, type, "
	 "prompt_number, title) select t.member, e.org_id, "
	 "e.id, 'attendance_prompt', 1, 'Over' from e, team t returning id"},
	{"answered_event", 0,
	 "with e as (insert into events (org_id, title, starts_at, ends_at, "
	 "status) select org, 'Over', app_now() - interval '3 hours', "
	 "app_now() - interval '2 hours', 'completed' from team returning *) "
	 "insert into attendance (user_id, event_id, org_id, status, "
	 "responded_at) select coalesce(t.me, t.member), e.id, e.org_id, "
	 "'attended', app_now() from e, team t returning event_id"},
	{"event_member_answered", 0,
	 "with e as (insert into events (org_id, title, starts_at, ends_at, "
	 "status) select org, 'Over', app_now() - interval '3 hours', "
	 "app_now() - interval '2 hours', 'completed' from team returning *) "
	 "insert into attendance (user_id, event_id, org_id, status, "
	 "responded_at) select t.member, e.id, e.org_id, "
	 "'attended', app_now() from e, team t returning event_id"},
	{"stop", TOKEN_UNSUBSCRIBE,
	 "insert into event_notification_preferences (user_id, org_id) "
	 "select member, org from team on conflict (user_id, org_id) do update "
	 "set frequency = 'all' returning id || ' 0'"},
	{"stop_category", TOKEN_CATEGORY,
	 "insert into category_preferences (user_id, org_id, category, "
	 "channel) select member, org, 'shift', 'email' from team "
	 "on conflict (user_id, org_id, category, channel) do update "
	 "set wanted = true returning id || ' 0'"},
	{"open_slug", 0,
	 "update organizations o set \"join\" = 'open' from team t "
	 "where o.id = t.org returning o.slug"},
	{"sign_in", TOKEN_SIGN_IN,
	 "insert into sign_in_requests (email_hash, user_id, expires_at) "
	 "select decode(md5(random()::text), 'hex'), member, "
	 "app_now() + interval '15 minutes' from team "
	 "returning id || ' ' || extract(epoch from expires_at)::bigint"},
	{"address_change", TOKEN_ADDRESS_CHANGE,
	 "with u as (insert into users (email, name) select "
	 "md5(random()::text) || '@example.org', 'Somebody' from team "
	 "returning id) "
	 "insert into sign_in_requests (email_hash, user_id, new_email, "
	 "expires_at) select decode(md5(random()::text), 'hex'), u.id, "
	 "md5(random()::text) || '@example.org', "
	 "app_now() + interval '15 minutes' from u "
	 "returning id || ' ' || extract(epoch from expires_at)::bigint"},
	{"upload", 0,
	 "insert into calendar_uploads (org_id, name, size, entries, refused, "
	 "verdicts, new_count, changed_count, unchanged_count, refused_count) "
	 "select org, 'club.ics', 1, '[]', '[]', '[]', 0, 0, 0, 0 from team "
	 "returning id"},
	{NULL, 0, NULL},
};

/* clang-format off */
const struct right rights[] = {
	/* program, method, pattern, things, body,
	   nobody, member, other member, door, staff, other staff, admin, responder */

	/* A mailed link is its own right, whoever opens it. */
	{"answer", GET, "/r/:token", "prompt", NULL,
	 {200, 200, 200, 200, 200, 200, 200, 200}},
	{"answer", POST, "/r/:token", "prompt", "status=attended",
	 {303, 303, 303, 303, 303, 303, 303, 303}},
	{"answer", GET, "/r/:token/later", "prompt", NULL,
	 {200, 200, 200, 200, 200, 200, 200, 200}},
	{"answer", POST, "/r/:token/later", "prompt", "",
	 {303, 303, 303, 303, 303, 303, 303, 303}},
	{"answer", GET, "/r/:token/feedback", "answered_prompt", NULL,
	 {200, 200, 200, 200, 200, 200, 200, 200}},
	{"answer", POST, "/r/:token/feedback", "answered_prompt", "rating=4",
	 {303, 303, 303, 303, 303, 303, 303, 303}},
	{"answer", GET, "/s/:token", "shift_link", NULL,
	 {200, 200, 200, 200, 200, 200, 200, 200}},
	{"answer", POST, "/s/:token", "shift_link", "press=late_5",
	 {303, 303, 303, 303, 303, 303, 303, 303}},
	{"answer", GET, "/s/:token/decline", "shift_link", NULL,
	 {200, 200, 200, 200, 200, 200, 200, 200}},
	{"answer", GET, "/k/:token", "watch_link", NULL,
	 {200, 200, 200, 200, 200, 200, 200, 200}},
	{"answer", POST, "/k/:token", "watch_link", "press=check_in",
	 {303, 303, 303, 303, 303, 303, 303, 303}},
	{"answer", GET, "/contact/:token", "contact_link", NULL,
	 {200, 200, 200, 200, 200, 200, 200, 200}},
	{"answer", POST, "/contact/:token", "contact_link", "answer=yes",
	 {303, 303, 303, 303, 303, 303, 303, 303}},
	{"answer", POST, "/contact/:token/data", "contact_link", "take=yes",
	 {200, 200, 200, 200, 200, 200, 200, 200}},
	{"answer", POST, "/contact/:token/erase", "contact_link", "sure=yes",
	 {200, 200, 200, 200, 200, 200, 200, 200}},
	{"answer", GET, "/u/:token", "stop", NULL,
	 {200, 200, 200, 200, 200, 200, 200, 200}},
	{"answer", POST, "/u/:token", "stop", "",
	 {303, 303, 303, 303, 303, 303, 303, 303}},

	{"answer", GET, "/u/:token", "stop_category", NULL,
	 {200, 200, 200, 200, 200, 200, 200, 200}},
	{"answer", POST, "/u/:token", "stop_category", "",
	 {303, 303, 303, 303, 303, 303, 303, 303}},

	{"member", GET, "/", "", NULL,
	 {200, 303, 303, 303, 303, 303, 303, 303}},
	{"member", GET, "/help", "", NULL,
	 {200, 200, 200, 200, 200, 200, 200, 200}},
	{"member", GET, "/privacy", "", NULL,
	 {200, 200, 200, 200, 200, 200, 200, 200}},
	{"member", GET, "/accessibility", "", NULL,
	 {200, 200, 200, 200, 200, 200, 200, 200}},
	{"member", GET, "/signin", "", NULL,
	 {200, 303, 303, 303, 303, 303, 303, 303}},
	{"member", POST, "/signin", "", "email=someone@example.org",
	 {200, 200, 200, 200, 200, 200, 200, 200}},
	{"member", GET, "/signin/:token", "sign_in", NULL,
	 {200, 200, 200, 200, 200, 200, 200, 200}},
	{"member", POST, "/signin/:token", "sign_in", "",
	 {303, 303, 303, 303, 303, 303, 303, 303}},
	{"member", POST, "/signout", "", "",
	 {SIGN, 303, 303, 303, 303, 303, 303, 303}},
	{"member", GET, "/events", "", NULL,
	 {SIGN, 200, 200, 200, 200, 200, 200, 200}},
	{"member", GET, "/events/:id", "event", NULL,
	 {SIGN, 200, 404, 200, 200, 404, 200, 200}},
	{"member", POST, "/events/:id/register", "event", "",
	 {SIGN, 303, 404, 303, 303, 404, 303, 303}},
	{"member", POST, "/events/:id/withdraw", "joined_event", "",
	 {SIGN, 303, 404, 303, 303, 404, 303, 303}},
	{"member", GET, "/events/:id/ticket", "joined_event", NULL,
	 {SIGN, 200, 404, 200, 200, 404, 200, 200}},
	{"member", POST, "/events/:id/ticket", "joined_event", "",
	 {SIGN, 303, 404, 303, 303, 404, 303, 303}},
	{"member", GET, "/shifts", "", NULL,
	 {SIGN, 200, 200, 200, 200, 200, 200, 200}},
	{"member", GET, "/shifts/:id", "own_shift", NULL,
	 {SIGN, 200, 200, 200, 200, 200, 200, 200}},
	{"member", GET, "/shifts/:id", "filled_shift", NULL,
	 {SIGN, 200, 404, 404, 404, 404, 404, 404}},
	{"member", GET, "/shifts/:id", "offered_shift", NULL,
	 {SIGN, 200, 404, 200, 200, 404, 200, 200}},
	{"member", POST, "/shifts/:id", "own_shift", "press=check_in",
	 {SIGN, 303, 303, 303, 303, 303, 303, 303}},
	{"member", POST, "/shifts/:id", "filled_shift", "press=check_in",
	 {SIGN, 303, 404, 404, 404, 404, 404, 404}},
	{"member", GET, "/shifts/:id/decline", "own_shift", NULL,
	 {SIGN, 200, 200, 200, 200, 200, 200, 200}},
	{"member", GET, "/shifts/:id/decline", "filled_shift", NULL,
	 {SIGN, 200, 404, 404, 404, 404, 404, 404}},
	{"member", POST, "/shifts/:id/offer", "own_shift", "",
	 {SIGN, 303, 303, 303, 303, 303, 303, 303}},
	{"member", POST, "/shifts/:id/offer", "filled_shift", "",
	 {SIGN, 303, 404, 404, 404, 404, 404, 404}},
	{"member", POST, "/shifts/:id/withdraw", "own_offer", "",
	 {SIGN, 303, 303, 303, 303, 303, 303, 303}},
	{"member", POST, "/shifts/:id/withdraw", "filled_offer", "",
	 {SIGN, 303, 404, 404, 404, 404, 404, 404}},
	{"member", POST, "/shifts/:id/take", "offered_shift", "anyway=yes",
	 {SIGN, 303, 404, 303, 303, 404, 303, 303}},
	{"member", GET, "/history", "", NULL,
	 {SIGN, 200, 200, 200, 200, 200, 200, 200}},
	{"member", GET, "/history/:event", "answered_event", NULL,
	 {SIGN, 200, 200, 200, 200, 200, 200, 200}},
	{"member", GET, "/history/:event", "event_member_answered", NULL,
	 {SIGN, 200, 404, 404, 404, 404, 404, 404}},
	{"member", POST, "/history/:event", "answered_event", "status=partial",
	 {SIGN, 303, 303, 303, 303, 303, 303, 303}},
	{"member", POST, "/history/:event", "event_member_answered", "status=partial",
	 {SIGN, 303, 404, 404, 404, 404, 404, 404}},
	{"member", GET, "/history/:event/feedback", "answered_event", NULL,
	 {SIGN, 200, 200, 200, 200, 200, 200, 200}},
	{"member", GET, "/history/:event/feedback", "event_member_answered", NULL,
	 {SIGN, 200, 404, 404, 404, 404, 404, 404}},
	{"member", POST, "/history/:event/feedback", "answered_event", "rating=4",
	 {SIGN, 303, 303, 303, 303, 303, 303, 303}},
	{"member", POST, "/history/:event/feedback", "event_member_answered", "rating=4",
	 {SIGN, 303, 404, 404, 404, 404, 404, 404}},
	{"member", POST, "/history/:event/sharing", "answered_event", "show_on_profile=yes",
	 {SIGN, 303, 303, 303, 303, 303, 303, 303}},
	{"member", POST, "/history/:event/sharing", "event_member_answered", "",
	 {SIGN, 303, 404, 404, 404, 404, 404, 404}},
	{"member", GET, "/prompts", "", NULL,
	 {SIGN, 200, 200, 200, 200, 200, 200, 200}},
	{"member", POST, "/prompts/:id", "waiting", "status=attended",
	 {SIGN, 303, 303, 303, 303, 303, 303, 303}},
	{"member", POST, "/prompts/:id", "waiting_for_member", "status=attended",
	 {SIGN, 303, 404, 404, 404, 404, 404, 404}},
	{"member", POST, "/prompts/:id/later", "waiting", "",
	 {SIGN, 303, 303, 303, 303, 303, 303, 303}},
	{"member", POST, "/prompts/:id/later", "waiting_for_member", "",
	 {SIGN, 303, 404, 404, 404, 404, 404, 404}},
	{"member", GET, "/people", "", NULL,
	 {SIGN, 200, 200, 200, 200, 200, 200, 200}},
	{"member", GET, "/people/:id", "person", NULL,
	 {SIGN, 200, 404, 200, 200, 404, 200, 200}},
	{"member", GET, "/checkin", "", NULL,
	 {SIGN, 200, 200, 200, 200, 200, 200, 200}},
	{"member", POST, "/checkin", "", "press=",
	 {SIGN, 409, 409, 409, 409, 409, 409, 409}},
	{"member", GET, "/dashboard", "", NULL,
	 {SIGN, 200, 200, 200, 200, 200, 200, 200}},
	{"member", GET, "/dashboard/settings", "", NULL,
	 {SIGN, 200, 200, 200, 200, 200, 200, 200}},
	{"member", POST, "/dashboard/settings", "",
	 "org={slug}&interval_hours=24&preferred_time=09:00&consent=yes",
	 {SIGN, 303, 404, 303, 303, 404, 303, 409}},
	{"member", POST, "/dashboard/pause", "", "last_day=2199-01-01",
	 {SIGN, 409, 409, 409, 409, 409, 409, 409}},
	{"member", POST, "/dashboard/resume", "", "",
	 {SIGN, 409, 409, 409, 409, 409, 409, 409}},
	{"member", GET, "/dashboard/stop", "", NULL,
	 {SIGN, 303, 303, 303, 303, 303, 303, 303}},
	{"member", POST, "/dashboard/stop", "", "",
	 {SIGN, 409, 409, 409, 409, 409, 409, 409}},
	{"member", GET, "/dashboard/contacts", "", NULL,
	 {SIGN, 200, 200, 200, 200, 200, 200, 200}},
	{"member", POST, "/dashboard/contacts", "",
	 "name=Carl&email=carl@example.org",
	 {SIGN, 409, 409, 409, 409, 409, 409, 409}},
	{"member", POST, "/dashboard/contacts/:id", "own_contact", "press=remove",
	 {SIGN, 303, 303, 303, 303, 303, 303, 303}},
	{"member", GET, "/talk", "", NULL,
	 {SIGN, 303, 200, 303, 303, 200, 303, 200}},
	{"member", GET, "/talk/:org", "", NULL,
	 {SIGN, 200, 404, 200, 200, 404, 200, 404}},
	{"member", POST, "/talk/:org", "", "body=Hello",
	 {SIGN, 303, 404, 303, 303, 404, 303, 404}},
	{"member", POST, "/talk/:org/read", "", "last=1",
	 {SIGN, 303, 404, 303, 303, 404, 303, 404}},

	{"member", GET, "/me/privacy", "", NULL,
	 {SIGN, 200, 200, 200, 200, 200, 200, 200}},
	{"member", POST, "/me/privacy/:id/list", "org", "",
	 {SIGN, 303, 404, 303, 303, 404, 303, 303}},
	{"member", POST, "/me/privacy/:id/unlist", "org", "",
	 {SIGN, 303, 404, 303, 303, 404, 303, 303}},
	{"member", POST, "/me/privacy/:id/show", "org", "",
	 {SIGN, 303, 404, 303, 303, 404, 303, 303}},
	{"member", POST, "/me/privacy/:id/hide", "org", "",
	 {SIGN, 303, 404, 303, 303, 404, 303, 303}},
	{"member", GET, "/me", "", NULL,
	 {SIGN, 200, 200, 200, 200, 200, 200, 200}},
	{"member", POST, "/me/sessions/:id/end", "own_session", "",
	 {SIGN, 303, 303, 303, 303, 303, 303, 303}},

	{"member", GET, "/inbox", "", NULL,
	 {SIGN, 200, 200, 200, 200, 200, 200, 200}},
	{"member", POST, "/inbox/read", "", "last=1",
	 {SIGN, 303, 303, 303, 303, 303, 303, 303}},
	{"member", POST, "/inbox/:id/read", "own_news", "",
	 {SIGN, 303, 303, 303, 303, 303, 303, 303}},

	{"member", GET, "/me/devices", "", NULL,
	 {SIGN, 200, 200, 200, 200, 200, 200, 200}},
	{"member", POST, "/me/devices/:id/remove", "own_device", "",
	 {SIGN, 303, 303, 303, 303, 303, 303, 303}},
	{"member", GET, "/api/devices", "", NULL,
	 {SIGN, 200, 200, 200, 200, 200, 200, 200}},
	{"member", POST, "/api/devices", "",
	 "token=token-of-a-device-1&name=Phone",
	 {SIGN, 201, 201, 201, 201, 201, 201, 201}},

	{"member", GET, "/me/name", "", NULL,
	 {SIGN, 200, 200, 200, 200, 200, 200, 200}},
	{"member", POST, "/me/name", "", "name=Ada",
	 {SIGN, 303, 303, 303, 303, 303, 303, 303}},
	{"member", GET, "/me/zone", "", NULL,
	 {SIGN, 200, 200, 200, 200, 200, 200, 200}},
	{"member", POST, "/me/zone", "", "zone=Asia/Tokyo",
	 {SIGN, 303, 303, 303, 303, 303, 303, 303}},
	{"member", GET, "/me/quiet", "", NULL,
	 {SIGN, 200, 200, 200, 200, 200, 200, 200}},
	{"member", POST, "/me/quiet", "", "quiet_from=20:00&quiet_to=07:00",
	 {SIGN, 303, 303, 303, 303, 303, 303, 303}},
	{"member", GET, "/me/messages", "", NULL,
	 {SIGN, 200, 200, 200, 200, 200, 200, 200}},
	{"member", GET, "/me/points", "", NULL,
	 {SIGN, 200, 200, 200, 200, 200, 200, 200}},
	{"member", GET, "/me/mail", "", NULL,
	 {SIGN, 200, 200, 200, 200, 200, 200, 200}},
	{"member", GET, "/me/mail/:org", "", NULL,
	 {SIGN, 200, 404, 200, 200, 404, 200, 200}},
	{"member", POST, "/me/mail/:org", "", "frequency=none&seen=all&shift=yes",
	 {SIGN, 303, 404, 303, 303, 404, 303, 303}},

	{"member", GET, "/me/calendar", "", NULL,
	 {SIGN, 200, 200, 200, 200, 200, 200, 200}},
	{"member", POST, "/me/calendar", "", "press=make",
	 {SIGN, 303, 303, 303, 303, 303, 303, 303}},
	{"member", GET, "/feed/:token", "feed", NULL,
	 {200, 200, 200, 200, 200, 200, 200, 200}},
	{"member", GET, "/me/address", "", NULL,
	 {SIGN, 200, 200, 200, 200, 200, 200, 200}},
	{"member", POST, "/me/address", "", "email=new@example.org",
	 {SIGN, 200, 200, 200, 200, 200, 200, 200}},
	{"member", GET, "/address/:token", "address_change", NULL,
	 {200, 200, 200, 200, 200, 200, 200, 200}},
	{"member", POST, "/address/:token", "address_change", "",
	 {200, 200, 200, 200, 200, 200, 200, 200}},
	{"member", GET, "/me/data", "", NULL,
	 {SIGN, 200, 200, 200, 200, 200, 200, 200}},
	{"member", POST, "/me/data", "", "",
	 {SIGN, 200, 200, 200, 200, 200, 200, 200}},
	{"member", GET, "/me/erase", "", NULL,
	 {SIGN, 200, 200, 200, 200, 200, 200, 200}},
	/* The team's only admin. */
	{"member", POST, "/me/erase", "", "word=erase",
	 {SIGN, 303, 303, 303, 303, 303, 409, 303}},

	/* That of an invite organisation is tried in test_join.c. */
	{"member", GET, "/o/:slug", "open_slug", NULL,
	 {200, 200, 200, 200, 200, 200, 200, 200}},
	{"member", POST, "/o/:slug", "open_slug", "name=Ada&email=ada@new.example",
	 {200, 200, 200, 200, 200, 200, 200, 200}},
	{"member", POST, "/o/:slug/join", "open_slug", "",
	 {SIGN, 303, 303, 303, 303, 303, 303, 303}},

	{"staff", GET, "/staff", "", NULL,
	 {SIGN, 404, 404, 303, 303, 303, 303, 303}},
	{"staff", GET, "/staff/:org", "", NULL,
	 {SIGN, 404, 404, 200, 200, 404, 200, 404}},
	{"staff", GET, "/staff/:org/people", "", NULL,
	 {SIGN, 404, 404, 404, 200, 404, 200, 404}},
	{"staff", GET, "/staff/:org/people/add", "", NULL,
	 {SIGN, 404, 404, 404, 404, 404, 200, 404}},
	{"staff", POST, "/staff/:org/people/add", "",
	 "email=new%40example.org&name=New&role=staff",
	 {SIGN, 404, 404, 404, 404, 404, 303, 404}},
	{"staff", GET, "/staff/:org/people/:id", "person", NULL,
	 {SIGN, 404, 404, 404, 200, 404, 200, 404}},
	{"staff", GET, "/staff/:org/people/:id/answers.csv", "person", NULL,
	 {SIGN, 404, 404, 404, 200, 404, 200, 404}},
	{"staff", GET, "/staff/:org/people/:id/answers", "person", NULL,
	 {SIGN, 404, 404, 404, 200, 404, 200, 404}},
	{"staff", POST, "/staff/:org/people/:id/role", "person",
	 "was=member&role=staff",
	 {SIGN, 404, 404, 404, 404, 404, 303, 404}},
	{"staff", POST, "/staff/:org/people/:id/responder", "person",
	 "responder=yes",
	 {SIGN, 404, 404, 404, 404, 404, 303, 404}},
	{"staff", POST, "/staff/:org/people/:id/remove", "person", "",
	 {SIGN, 404, 404, 404, 404, 404, 303, 404}},
	{"staff", POST, "/staff/:org/people/:id/mail", "refused_person", "",
	 {SIGN, 404, 404, 404, 303, 404, 303, 404}},
	{"staff", GET, "/staff/:org/audit", "", NULL,
	 {SIGN, 404, 404, 404, 200, 404, 200, 404}},
	{"staff", GET, "/staff/:org/audit.csv", "", NULL,
	 {SIGN, 404, 404, 404, 200, 404, 200, 404}},
	{"staff", GET, "/staff/:org/messages", "", NULL,
	 {SIGN, 404, 404, 404, 200, 404, 200, 404}},
	{"staff", GET, "/staff/:org/messages.csv", "", NULL,
	 {SIGN, 404, 404, 404, 200, 404, 200, 404}},
	{"staff", GET, "/staff/:org/messages/next", "", NULL,
	 {SIGN, 404, 404, 404, 200, 404, 200, 404}},
	{"staff", POST, "/staff/:org/messages/pause", "",
	 "category=event&reason=wrong",
	 {SIGN, 404, 404, 404, 404, 404, 303, 404}},
	{"staff", POST, "/staff/:org/messages/resume", "", "category=event",
	 {SIGN, 404, 404, 404, 404, 404, 303, 404}},
	{"staff", GET, "/staff/:org/messages/addresses", "", NULL,
	 {SIGN, 404, 404, 404, 200, 404, 200, 404}},
	{"staff", POST, "/staff/:org/messages/:id/again", "refused_message", "",
	 {SIGN, 404, 404, 404, 404, 404, 303, 404}},
	{"staff", GET, "/staff/:org/settings", "", NULL,
	 {SIGN, 404, 404, 404, 404, 404, 200, 404}},
	{"staff", POST, "/staff/:org/settings", "",
	 "version={version}&name=New&timezone=UTC&join=open&"
	 "prompt_audience=both&second_prompt=off&watch_l2_hours=24&"
	 "watch_l3_hours=24&watch_l4_hours=24",
	 {SIGN, 404, 404, 404, 404, 404, 303, 404}},
	{"staff", GET, "/staff/:org/shifts", "", NULL,
	 {SIGN, 404, 404, 404, 200, 404, 200, 404}},
	{"staff", GET, "/staff/:org/shifts/new", "", NULL,
	 {SIGN, 404, 404, 404, 404, 404, 200, 404}},
	{"staff", POST, "/staff/:org/shifts/new", "", SHIFT_FORM,
	 {SIGN, 404, 404, 404, 404, 404, 303, 404}},
	{"staff", GET, "/staff/:org/shifts/import", "", NULL,
	 {SIGN, 404, 404, 404, 404, 404, 200, 404}},
	{"staff", POST, "/staff/:org/shifts/import", "",
	 "file:list:title,start,end\r\nBar,2199-12-04 18:00,20:00\r\n",
	 {SIGN, 404, 404, 404, 404, 404, 303, 404}},
	{"staff", GET, "/staff/:org/shifts/:id", "shift", NULL,
	 {SIGN, 404, 404, 404, 200, 404, 200, 404}},
	{"staff", POST, "/staff/:org/shifts/:id", "filled_shift",
	 "person={shift_person}&press=check_in",
	 {SIGN, 404, 404, 404, 303, 404, 303, 404}},
	{"staff", GET, "/staff/:org/shifts/:id/assign", "shift", NULL,
	 {SIGN, 404, 404, 404, 200, 404, 200, 404}},
	{"staff", POST, "/staff/:org/shifts/:id/assign", "shift",
	 "tick[]={shift_person}&anyway=yes",
	 {SIGN, 404, 404, 404, 303, 404, 303, 404}},
	{"staff", GET, "/staff/:org/shifts/:id/edit", "shift", NULL,
	 {SIGN, 404, 404, 404, 404, 404, 200, 404}},
	{"staff", POST, "/staff/:org/shifts/:id/edit", "shift", "version=1&" SHIFT_FORM,
	 {SIGN, 404, 404, 404, 404, 404, 303, 404}},
	{"staff", GET, "/staff/:org/shifts/:id/cancel", "shift", NULL,
	 {SIGN, 404, 404, 404, 404, 404, 200, 404}},
	{"staff", POST, "/staff/:org/shifts/:id/cancel", "shift", "version=1&scope=this",
	 {SIGN, 404, 404, 404, 404, 404, 303, 404}},
	{"staff", GET, "/staff/:org/report", "", NULL,
	 {SIGN, 404, 404, 404, 200, 404, 200, 404}},
	{"staff", GET, "/staff/:org/report/trend.csv", "", NULL,
	 {SIGN, 404, 404, 404, 200, 404, 200, 404}},
	{"staff", GET, "/staff/:org/report/answers.csv", "", NULL,
	 {SIGN, 404, 404, 404, 200, 404, 200, 404}},
	{"staff", GET, "/staff/:org/report/events.csv", "", NULL,
	 {SIGN, 404, 404, 404, 200, 404, 200, 404}},
	{"staff", GET, "/staff/:org/mismatches", "", NULL,
	 {SIGN, 404, 404, 404, 200, 404, 200, 404}},
	{"staff", GET, "/staff/:org/mismatches.csv", "", NULL,
	 {SIGN, 404, 404, 404, 200, 404, 200, 404}},
	{"staff", POST, "/staff/:org/mismatches/:id", "mismatch",
	 "decision=answer&door=late&answer=not_attended",
	 {SIGN, 404, 404, 404, 303, 404, 303, 404}},
	{"staff", GET, "/staff/:org/events", "", NULL,
	 {SIGN, 404, 404, 404, 200, 404, 200, 404}},
	{"staff", GET, "/staff/:org/events/new", "", NULL,
	 {SIGN, 404, 404, 404, 404, 404, 200, 404}},
	{"staff", POST, "/staff/:org/events/new", "", EVENT_FORM,
	 {SIGN, 404, 404, 404, 404, 404, 303, 404}},
	{"staff", GET, "/staff/:org/events/:id", "event", NULL,
	 {SIGN, 404, 404, 404, 200, 404, 200, 404}},
	{"staff", GET, "/staff/:org/events/:id/answers", "event", NULL,
	 {SIGN, 404, 404, 404, 200, 404, 200, 404}},
	{"staff", GET, "/staff/:org/events/:id/answers.csv", "event", NULL,
	 {SIGN, 404, 404, 404, 200, 404, 200, 404}},
	{"staff", GET, "/staff/:org/events/:id/ratings.csv", "event", NULL,
	 {SIGN, 404, 404, 404, 200, 404, 200, 404}},
	{"staff", GET, "/staff/:org/events/:id/feedback.csv", "event", NULL,
	 {SIGN, 404, 404, 404, 200, 404, 200, 404}},
	{"staff", GET, "/staff/:org/events/:id/report", "event", NULL,
	 {SIGN, 404, 404, 404, 200, 404, 200, 404}},
	{"staff", GET, "/staff/:org/events/:id/report.csv", "event", NULL,
	 {SIGN, 404, 404, 404, 200, 404, 200, 404}},
	{"staff", GET, "/staff/:org/events/:id/participants.csv", "event", NULL,
	 {SIGN, 404, 404, 404, 200, 404, 200, 404}},
	{"staff", GET, "/staff/:org/events/:id/copy", "event", NULL,
	 {SIGN, 404, 404, 404, 404, 404, 200, 404}},
	{"staff", GET, "/staff/:org/events/:id/edit", "event", NULL,
	 {SIGN, 404, 404, 404, 404, 404, 200, 404}},
	{"staff", POST, "/staff/:org/events/:id/edit", "event", "version=1&series_version=0&" EVENT_FORM,
	 {SIGN, 404, 404, 404, 404, 404, 303, 404}},
	{"staff", POST, "/staff/:org/events/:id/publish", "draft", "version=1&scope=this",
	 {SIGN, 404, 404, 404, 404, 404, 303, 404}},
	{"staff", GET, "/staff/:org/events/:id/cancel", "event", NULL,
	 {SIGN, 404, 404, 404, 404, 404, 200, 404}},
	{"staff", POST, "/staff/:org/events/:id/cancel", "event", "version=1&scope=this",
	 {SIGN, 404, 404, 404, 404, 404, 303, 404}},
	{"staff", POST, "/staff/:org/events/:id/resume", "cancelled_event", "version=1&scope=this",
	 {SIGN, 404, 404, 404, 404, 404, 303, 404}},
	{"staff", GET, "/staff/:org/events/:id/delete", "draft", NULL,
	 {SIGN, 404, 404, 404, 404, 404, 200, 404}},
	{"staff", POST, "/staff/:org/events/:id/delete", "draft", "version=1&scope=this",
	 {SIGN, 404, 404, 404, 404, 404, 303, 404}},
	{"staff", GET, "/staff/:org/events/:id/door", "door", NULL,
	 {SIGN, 404, 404, 200, 200, 404, 200, 404}},
	{"staff", POST, "/staff/:org/events/:id/door", "door",
	 "what=check_in&participant={participant}",
	 {SIGN, 404, 404, 303, 303, 404, 303, 404}},
	{"staff", GET, "/staff/:org/events/:id/door/group", "door", NULL,
	 {SIGN, 404, 404, 404, 200, 404, 200, 404}},
	{"staff", GET, "/staff/:org/events/:id/door/new", "door", NULL,
	 {SIGN, 404, 404, 404, 200, 404, 200, 404}},
	{"staff", POST, "/staff/:org/events/:id/door/new", "door",
	 "name=New+One&email=new.one@example.org",
	 {SIGN, 404, 404, 404, 303, 404, 303, 404}},
	{"staff", GET, "/metrics", "", NULL,
	 {200, 200, 200, 200, 200, 200, 200, 200}},
	{"staff", GET, "/c/:token", "ticket", NULL,
	 {200, 303, 404, 303, 303, 404, 303, 404}},
	{"staff", GET, "/staff/:org/events/:id/people", "held", NULL,
	 {SIGN, 404, 404, 404, 200, 404, 200, 404}},
	{"staff", POST, "/staff/:org/events/:id/people", "held",
	 "tick[]={participant}-unknown&status=present&reason_code=not_marked",
	 {SIGN, 404, 404, 404, 303, 404, 303, 404}},
	{"staff", GET, "/staff/:org/people/import", "", NULL,
	 {SIGN, 404, 404, 404, 404, 404, 200, 404}},
	{"staff", POST, "/staff/:org/people/import", "",
	 "file:list:email,name\r\nrights@example.org,Rita\r\n",
	 {SIGN, 404, 404, 404, 404, 404, 303, 404}},
	{"staff", GET, "/staff/:org/events/:id/people/import", "event", NULL,
	 {SIGN, 404, 404, 404, 404, 404, 200, 404}},
	{"staff", POST, "/staff/:org/events/:id/people/import", "event",
	 "file:list:email,name\r\nrights@example.org,Rita\r\n",
	 {SIGN, 404, 404, 404, 404, 404, 303, 404}},
	{"staff", GET, "/staff/:org/events/:id/people/add", "event", NULL,
	 {SIGN, 404, 404, 404, 200, 404, 200, 404}},
	{"staff", POST, "/staff/:org/events/:id/people/add", "event",
	 "tick[]={person}",
	 {SIGN, 404, 404, 404, 303, 404, 303, 404}},
	{"staff", GET, "/staff/:org/events/:id/people/:participant", "held participant", NULL,
	 {SIGN, 404, 404, 404, 200, 404, 200, 404}},
	{"staff", POST, "/staff/:org/events/:id/people/:participant", "held participant",
	 "seen=unknown&status=present&reason_code=not_marked",
	 {SIGN, 404, 404, 404, 303, 404, 303, 404}},
	{"staff", GET, "/staff/:org/events/:id/absences", "held", NULL,
	 {SIGN, 404, 404, 404, 200, 404, 200, 404}},
	{"staff", POST, "/staff/:org/events/:id/absences", "held", "",
	 {SIGN, 404, 404, 404, 404, 404, 303, 404}},
	{"staff", POST, "/staff/:org/events/:id/absences/none", "asked_event", "",
	 {SIGN, 404, 404, 404, 404, 404, 303, 404}},
	{"staff", POST, "/staff/:org/events/:id/absences/:batch/back", "flagged batch", "",
	 {SIGN, 404, 404, 404, 404, 404, 303, 404}},
	{"staff", POST, "/staff/:org/events/:id/door/sync", "event",
	 "device=11111111-1111-4111-8111-111111111111&whole=yes&attempts=[]",
	 {SIGN, 404, 404, 200, 200, 404, 200, 404}},
	{"staff", GET, "/staff/:org/talk", "", NULL,
	 {SIGN, 404, 404, 404, 404, 404, 404, 200}},
	{"staff", GET, "/staff/:org/watch", "", NULL,
	 {SIGN, 404, 404, 404, 404, 404, 404, 200}},
	{"staff", GET, "/staff/:org/watch/:id", "watched", NULL,
	 {SIGN, 404, 404, 404, 404, 404, 404, 200}},
	{"staff", POST, "/staff/:org/watch/:id", "watched", "press=claim",
	 {SIGN, 404, 404, 404, 404, 404, 404, 303}},
	{"staff", GET, "/staff/:org/watch/:id/talk", "talker", NULL,
	 {SIGN, 404, 404, 404, 404, 404, 404, 200}},
	{"staff", POST, "/staff/:org/watch/:id/talk", "talker", "body=Hello",
	 {SIGN, 404, 404, 404, 404, 404, 404, 303}},
	{"staff", POST, "/staff/:org/watch/:id/talk/read", "talker", "last=1",
	 {SIGN, 404, 404, 404, 404, 404, 404, 303}},
	{"staff", GET, "/staff/:org/requests", "", NULL,
	 {SIGN, 404, 404, 404, 200, 404, 200, 404}},
	{"staff", GET, "/staff/:org/requests/:id", "request", NULL,
	 {SIGN, 404, 404, 404, 200, 404, 200, 404}},
	{"staff", POST, "/staff/:org/requests/:id", "request",
	 "decision=absent&reason=Not+seen",
	 {SIGN, 404, 404, 404, 303, 404, 303, 404}},
	{"staff", GET, "/staff/:org/import", "", NULL,
	 {SIGN, 404, 404, 404, 404, 404, 200, 404}},
	{"staff", POST, "/staff/:org/import", "",
	 "file:calendar:BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\n"
	 "UID:rights\r\nDTSTART:20300614T130000Z\r\nSUMMARY:Talk\r\n"
	 "END:VEVENT\r\nEND:VCALENDAR\r\n",
	 {SIGN, 404, 404, 404, 404, 404, 303, 404}},
	{"staff", GET, "/staff/:org/import/:id", "upload", NULL,
	 {SIGN, 404, 404, 404, 404, 404, 200, 404}},
	{"staff", POST, "/staff/:org/import/:id", "upload", "",
	 {SIGN, 404, 404, 404, 404, 404, 303, 404}},
	{"staff", POST, "/staff/:org/import/:id/discard", "upload", "",
	 {SIGN, 404, 404, 404, 404, 404, 303, 404}},
	{NULL, GET, NULL, NULL, NULL, {0}},
};
/* clang-format on */
