/*
 * What the operator's commands have in common.
 */
#include "jobs/ctl.h"

#include "web/message.h"

enum ctl_status ctl_say(enum ctl_status status, struct str what)
{
	fprintf(stderr, "rollcallctl: %.*s\n", STR_ARG(what));
	return status;
}

enum ctl_status ctl_run(struct ctl *ctl)
{
	enum db_outcome outcome = db_run(ctl->db);
	const struct db_refusal *refusal;
	struct str words;

	if (outcome == DB_OK)
		return CTL_DONE;
	if (outcome == DB_AWAY)
		return ctl_say(
			CTL_NOT_NOW,
			str_printf(ctl->arena,
				   "the database cannot be used now (%.*s)",
				   STR_ARG(db_sqlstate(ctl->db))));
	refusal = db_refusal(ctl->db);
	words = message_find(refusal->key);
	if (str_is_absent(words))
		words = refusal->key;
	return ctl_say(CTL_REFUSED, str_printf(ctl->arena, "%.*s%s%.*s",
					       STR_ARG(refusal->field),
					       refusal->field.n > 0 ? ": " : "",
					       STR_ARG(words)));
}
