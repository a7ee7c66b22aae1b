/*
 * The text of a repeating rule (RFC 5545, 3.3.10), read strictly.  Knows no
 * file, no zone and no library.
 */
#ifndef BASE_CALENDAR_RULE_H
#define BASE_CALENDAR_RULE_H

#include "base/str.h"

#define RULE_LIST_MAX 64
#define RULE_COUNT_MAX 10000

enum rule_frequency {
	RULE_HOURLY,
	RULE_DAILY,
	RULE_WEEKLY,
	RULE_MONTHLY,
	RULE_YEARLY
};

struct rule_list {
	int n; /* 0 when the rule does not say */
	int values[RULE_LIST_MAX];
};

struct rule_day {
	int nth;     /* 0: each */
	int weekday; /* 0 is Monday */
};

struct calendar_rule {
	enum rule_frequency frequency;
	int interval;
	int count;	/* 0: not told */
	int week_start; /* 0 is Monday */
	struct rule_list months, weeks, year_days, month_days, positions;
	struct rule_list hours, minutes, seconds;
	int day_count;
	struct rule_day days[RULE_LIST_MAX];
};

/* What the text holds for a part such as "UNTIL"; absent when not there. */
struct str calendar_rule_part(struct str text, struct str name);
/* A copy of the text without that part. */
struct str calendar_rule_without(struct arena *a, struct str text,
				 struct str name);

/*
 * False leaves in *why what is wrong, after which "." may stand.  UNTIL is
 * not for here: it is a moment and not a wall clock's time.
 */
bool calendar_rule_read(struct arena *a, struct str text,
			struct calendar_rule *rule, struct str *why);

#endif
