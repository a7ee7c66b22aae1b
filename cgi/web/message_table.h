/*
 * Tables of words, each under its key, as message.c and message_team.c have
 * them.
 */
#ifndef WEB_MESSAGE_TABLE_H
#define WEB_MESSAGE_TABLE_H

#include "base/str.h"

struct message_row {
	const char *key;
	const char *text;
};

/* The words of a key; absent when there are none. */
struct str message_row_find(const struct message_row *table, size_t count,
			    struct str key);

#endif
