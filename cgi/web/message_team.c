/*
 * Of messages that people get, the words for the team that sends them: where
 * those for the person say "you", and what the categories are.  Must not know
 * which page shows them.
 */
#include "web/message.h"

#include "web/message_table.h"

/* Why it waits, and why it did not come. */
static const struct message_row team_causes[] = {
	{"quiet_hours", "It is held because of their quiet hours."},
	{"digest", "It goes out with their next summary."},
	{"answered", "They had answered already."},
	{"unsubscribed", "They chose to get no questions from you."},
	{"not_wanted", "They chose not to get messages of this kind."},
	{"suppressed", "Their address refused our mail before, so we do not "
		       "write to it."},
	{"address_refused",
	 "The mail server said that their address does not exist."},
	{"recipient_refused",
	 "The mail server refused mail for their address."},
	{"address_changed", "Their address was changed before it left."},
	{"withdrawn", "They were not registered any more."},
	{"place_changed", "They had another place by then, which another mail "
			  "was about."},
	{"not_in_audience",
	 "You ask people who open an event's page before its end, or "
	 "register, or only one of these. They were not among them."},
	{"nothing_to_ask", "There was nothing left to ask them."},
	{"removed", "They were not in the organisation any more."},
	{"checked_in", "They had checked in already."},
	{"checked_out", "They had checked out already."},
	{"not_staff", "They were not one of the team any more."},
	{"not_admin", "They were not an admin any more."},
	{"not_responder", "They were not a responder any more."},
};

/* Why it was mailed, and not pushed to their devices. */
static const struct message_row push_causes[] = {
	{"no_device", "they have no device any more"},
	{"not_wanted", "they do not want it on their devices any more"},
	{"push_late", "it did not get to their devices within 10 minutes"},
	{"push_down", "the push service could not be reached"},
	{"push_refused", "the push service did not take it"},
	{"devices_gone", "the push service knows their devices no more"},
};

static const struct message_row categories[] = {
	{"account", "Signing in and joining"},
	{"prompt", "Questions after events"},
	{"event", "Places at events"},
	{"shift", "Shifts, and notices to the team"},
	{"watch", "Alerts"},
	{"watch_person", "Reminders to check in"},
	{"care", "Care messages"},
};

/* Why the team holds a category back. */
static const struct message_row pause_reasons[] = {
	{"wrong", "something in them is wrong"},
	{"many", "they would be too many at once"},
	{"decision", "something is still to be decided"},
	{"other", "another reason"},
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

struct str message_team_cause(struct str key)
{
	struct str words =
		message_row_find(team_causes, COUNT(team_causes), key);

	return str_is_absent(words) ? message_cause(key) : words;
}

struct str message_push_cause(struct str key)
{
	return message_row_find(push_causes, COUNT(push_causes), key);
}

struct str message_category(struct str key)
{
	return message_row_find(categories, COUNT(categories), key);
}

struct str message_pause_reason(struct str key)
{
	return message_row_find(pause_reasons, COUNT(pause_reasons), key);
}
