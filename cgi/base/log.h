/*
 * One JSON object a line: what the program did, for the operator.  Must not
 * be given tokens, addresses or anything a person wrote (R-G3).
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/str.h"

#include <stdio.h>

enum log_level { LOG_INFO, LOG_WARNING, LOG_ERROR, LOG_BUG };

struct log_field {
	const char *key;
	enum { LOG_FIELD_STR, LOG_FIELD_INT, LOG_FIELD_BOOL } type;
	struct str str;
	int64_t number;
};

/* Fields of a line: a word, a number, true or false. */
#define LOG_STR(k, v)                                                          \
	((struct log_field){.key = (k), .type = LOG_FIELD_STR, .str = (v)})
#define LOG_INT(k, v)                                                          \
	((struct log_field){.key = (k), .type = LOG_FIELD_INT, .number = (v)})
#define LOG_BOOL(k, v)                                                         \
	((struct log_field){.key = (k), .type = LOG_FIELD_BOOL, .number = (v)})

/* Where lines go (not owned) and the program's name, a literal. */
void log_open(FILE *out, const char *program);

/*
 * Writes {"time":...,"level":...,"program":...,"event":EVENT,fields...} and
 * flushes; one write(2) a line, so that lines of several processes do not
 * mix.  Strings that are not UTF-8 or hold controls are escaped.  Lines are
 * cut at 4,000 bytes; failure to write is ignored.
 */
void log_write(enum log_level level, const char *event,
	       const struct log_field *fields, size_t count);

/* The fields alone as one JSON object, in the arena. */
struct str log_object(struct arena *a, const struct log_field *fields,
		      size_t count);

#define log_line(level, event, ...)                                            \
	log_write((level), (event), (const struct log_field[]){__VA_ARGS__},   \
		  sizeof((const struct log_field[]){__VA_ARGS__}) /            \
			  sizeof(struct log_field))

#endif
