/*
 * The operator's commands that make an organisation and its first people.
 */
#include "jobs/ctl.h"

#include "base/address.h"
#include "query/org.h"
#include "query/own_data.h"

enum ctl_status ctl_org_add(struct ctl *ctl)
{
	enum ctl_status status;

	(void)query_org_add(ctl->db, ctl->arena, ctl->words[0], ctl->words[1],
			    ctl->timezone);
	status = ctl_run(ctl);
	if (status == CTL_DONE)
		printf("Made the organisation %.*s.\n", STR_ARG(ctl->words[0]));
	return status;
}

enum ctl_status ctl_org_admin(struct ctl *ctl)
{
	struct secret_keys *keys;
	enum ctl_status status;

	if (!address_is_valid(ctl->words[0]))
		return ctl_say(CTL_REFUSED, STR("this is not a mail address"));
	status = ctl_keys_read(ctl, &keys);
	if (status != CTL_DONE)
		return status;
	(void)query_admin_add(ctl->db, ctl->arena, ctl->org, ctl->words[0],
			      ctl->words[1]);
	query_know_address(
		ctl->db, ctl->arena, ctl->words[0],
		secret_address_hashes(ctl->arena, keys, ctl->words[0]));
	status = ctl_run(ctl);
	if (status == CTL_DONE)
		printf("Made an admin of %.*s.\n", STR_ARG(ctl->org));
	return status;
}
