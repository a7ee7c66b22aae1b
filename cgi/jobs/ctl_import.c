/*
 * The operator's commands that bring in people and events from files.
 */
#include "jobs/ctl.h"

#include "base/calendar.h"
#include "data/entries.h"
#include "data/people.h"
#include "jobs/file.h"
#include "query/import.h"
#include "query/own_data.h"
#include "web/message.h"

static enum ctl_status print_verdicts(const struct ctl *ctl,
				      struct verdict *verdicts, ptrdiff_t count)
{
	ptrdiff_t refused;

	for (ptrdiff_t i = 0; i < count; i++) {
		struct str words = message_find(verdicts[i].why);

		if (!str_is_absent(words))
			verdicts[i].why = words;
	}
	refused = verdict_print(stdout, verdicts, count, ctl->dry_run);
	return refused ? CTL_REFUSED : CTL_DONE;
}

/* Runs an import, whose rows are line, result and why; tells all verdicts. */
static enum ctl_status run_import(struct ctl *ctl, const struct rows *rows,
				  struct verdict *verdicts, ptrdiff_t count)
{
	enum ctl_status status = ctl_run(ctl);

	if (status != CTL_DONE)
		return status;
	for (ptrdiff_t i = 0; i < rows_count(rows); i++)
		verdict_set(
			verdicts, count,
			(int)rows_int(rows, i, rows_column(rows, STR("line"))),
			rows_named(rows, i, "result"),
			rows_named(rows, i, "why"));
	return print_verdicts(ctl, verdicts, count);
}

enum ctl_status ctl_import_people(struct ctl *ctl)
{
	struct arena *a = ctl->arena;
	struct people people;
	struct str why;
	struct str text = file_read(a, ctl->words[0], PEOPLE_FILE_MAX, &why);

	struct secret_keys *keys;
	struct rows *rows;
	enum ctl_status status;

	if (str_is_absent(text) || !people_read(a, text, &people, &why))
		return ctl_say(CTL_USAGE, why);
	status = ctl_keys_read(ctl, &keys);
	if (status != CTL_DONE)
		return status;
	rows = query_import_people(ctl->db, a, ctl->org, people.json,
				   ctl->dry_run);
	if (!ctl->dry_run)
		query_know_addresses(ctl->db, a,
				     people_hashes(a, &people, keys));
	return run_import(ctl, rows, people.verdicts, people.count);
}

enum ctl_status ctl_import_events(struct ctl *ctl)
{
	struct arena *a = ctl->arena;
	struct entries entries;
	struct rows *window;
	struct str why;
	struct str text = file_read(a, ctl->words[0], CALENDAR_FILE_MAX, &why);
	enum ctl_status status;

	if (str_is_absent(text))
		return ctl_say(CTL_USAGE, why);
	window = query_import_window(ctl->db, a);
	status = ctl_run(ctl);
	if (status != CTL_DONE)
		return status;
	if (!entries_read(a, text, query_import_window_starts(window, 0),
			  query_import_window_ends(window, 0), &entries, &why))
		return ctl_say(CTL_USAGE, why);
	return run_import(ctl,
			  query_import_events(ctl->db, a, ctl->org,
					      entries.json, ctl->dry_run),
			  entries.verdicts, entries.count);
}
