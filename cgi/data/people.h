/*
 * People out of a CSV file, ready for import_people().  Knows no database:
 * roles and zones are judged by that function.
 */
#ifndef DATA_PEOPLE_H
#define DATA_PEOPLE_H

#include "base/secret.h"
#include "data/verdict.h"

#define PEOPLE_FILE_MAX ((ptrdiff_t)4 << 20) /* bytes */

struct people {
	ptrdiff_t count;
	/* One a row; result refused, or absent when the row is in json. */
	struct verdict *verdicts;
	/* [{"line":2,"email":...,"name":...,"timezone":...,"role":...}, ...];
	 * a field that is empty is left out. */
	struct str json;
};

/*
 * Reads a whole file whose first row names the columns email and name, and
 * perhaps timezone and role, in any order.  False when it cannot be read at
 * all; *why is then a sentence, with the line.  Everything lives in the arena.
 */
bool people_read(struct arena *a, struct str text, struct people *people,
		 struct str *why);

/*
 * [{"email":...,"hashes":HEX}, ...] of the rows in json, for know_addresses():
 * the address's hashes under each key.
 */
struct str people_hashes(struct arena *a, const struct people *people,
			 const struct secret_keys *keys);

#endif
