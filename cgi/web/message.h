/*
 * Words people read that are not in a template: the sentence for each key
 * that SQL functions raise and redirects carry.  The only such table.
 */
#ifndef WEB_MESSAGE_H
#define WEB_MESSAGE_H

#include "base/str.h"

/* The sentence of a key; absent when there is none. */
struct str message_find(struct str key);

#endif
