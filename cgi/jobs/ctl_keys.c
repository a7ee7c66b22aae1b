/*
 * The operator's commands for the file of signing keys.
 */
#include "jobs/ctl.h"

#include "jobs/keys.h"

/*
 * The keys, without which nobody is made: what a person stopped before they
 * were erased is known by hashes under them.
 */
enum ctl_status ctl_keys_read(const struct ctl *ctl, struct secret_keys **keys)
{
	struct str why = STR("there is no source of random bytes");

	*keys = ARENA_NEW(ctl->arena, struct secret_keys);
	if (!secret_init() ||
	    !secret_keys_read(ctl->arena, ctl->config.keys_file, *keys, &why))
		return ctl_say(CTL_NOT_NOW, why);
	return CTL_DONE;
}

static enum ctl_status tell(bool good, struct str said, struct str why)
{
	if (!good)
		return ctl_say(CTL_REFUSED, why);
	printf("%.*s\n", STR_ARG(said));
	return CTL_DONE;
}

enum ctl_status ctl_keys_init(struct ctl *ctl)
{
	struct str said;
	struct str why;
	bool good = keys_init(ctl->arena, ctl->config.keys_file, &said, &why);

	return tell(good, said, why);
}

enum ctl_status ctl_keys_rotate(struct ctl *ctl)
{
	struct str said;
	struct str why;
	bool good = keys_rotate(ctl->arena, ctl->config.keys_file, &said, &why);

	return tell(good, said, why);
}

enum ctl_status ctl_keys_retire(struct ctl *ctl)
{
	struct str said;
	struct str why;
	bool good = keys_retire(ctl->arena, ctl->config.keys_file,
				ctl->words[0], &said, &why);

	return tell(good, said, why);
}
