/*
 * Days of the Gregorian calendar as numbers.  Knows no zone, and not which
 * day it is.
 */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include "base/str.h"

#define DAY_SECONDS 86400

struct date {
	int year;
	int month; /* 1 to 12 */
	int day;   /* 1 to 31 */
};

/* Days since 1970-01-01, before it negative; of a date that exists. */
int64_t date_to_days(struct date date);
struct date date_of_days(int64_t days);
/* The day that seconds since 1970-01-01T00:00:00 of a clock lie in. */
int64_t date_days_of_local(int64_t seconds);
/* 0 is Monday, 6 Sunday. */
int date_weekday(int64_t days);
int date_month_days(int year, int month);

/*
 * Reads "2026-11-20T18:30:00" as seconds since 1970-01-01T00:00:00 of the
 * same clock.  False when no clock ever shows it, or year 0 or over 9999.
 */
bool date_read_local(struct str text, int64_t *seconds);
/* The same of "20261120T183000" or "20261120", with or without a Z behind. */
bool date_read_basic(struct str text, int64_t *seconds);
/* The other way round, in the arena. */
struct str date_say_local(struct arena *a, int64_t seconds);

#endif
