/*
 * Days of the Gregorian calendar as numbers.  Must not know a zone.
 */
#include "base/date.h"

#define ERA_DAYS 146097 /* 400 years */

/* Years are counted from March, so that the leap day is the last. */
int64_t date_to_days(struct date date)
{
	int64_t y = date.year - (date.month <= 2);
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t in_era = y - era * 400;
	int64_t of_year =
		(153 * ((int64_t)date.month + (date.month > 2 ? -3 : 9)) + 2) /
			5 +
		date.day - 1;

	return era * ERA_DAYS + in_era * 365 + in_era / 4 - in_era / 100 +
	       of_year - 719468;
}

struct date date_of_days(int64_t days)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - (ERA_DAYS - 1)) / ERA_DAYS;
	int64_t in_era = z - era * ERA_DAYS;
	int64_t year = (in_era - in_era / 1460 + in_era / 36524 -
			in_era / (ERA_DAYS - 1)) /
		       365;
	int64_t of_year = in_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153;
	struct date date = {
		.month = (int)(month < 10 ? month + 3 : month - 9),
		.day = (int)(of_year - (153 * month + 2) / 5 + 1),
	};

	date.year = (int)(year + era * 400 + (date.month <= 2));
	return date;
}

int64_t date_days_of_local(int64_t seconds)
{
	return (seconds >= 0 ? seconds : seconds - (DAY_SECONDS - 1)) /
	       DAY_SECONDS;
}

int date_weekday(int64_t days)
{
	return (int)((days % 7 + 7 + 3) % 7); /* 1970-01-01 was a Thursday */
}

int date_month_days(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30,
				   31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* n digits of text from at; -1 when they are none. */
static int read_digits(struct str text, ptrdiff_t at, int n)
{
	int value = 0;

	for (ptrdiff_t i = at; i < at + n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return -1;
		value = value * 10 + (text.p[i] - '0');
	}
	return value;
}

bool date_read_local(struct str text, int64_t *seconds)
{
	struct date date;
	int hour, minute, second;

	if (text.n != 19 || text.p[4] != '-' || text.p[7] != '-' ||
	    text.p[10] != 'T' || text.p[13] != ':' || text.p[16] != ':')
		return false;
	date = (struct date){read_digits(text, 0, 4), read_digits(text, 5, 2),
			     read_digits(text, 8, 2)};
	hour = read_digits(text, 11, 2);
	minute = read_digits(text, 14, 2);
	second = read_digits(text, 17, 2);
	if (date.year < 1 || date.month < 1 || date.month > 12 ||
	    date.day < 1 || date.day > date_month_days(date.year, date.month) ||
	    hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
	    second > 59)
		return false;
	*seconds = date_to_days(date) * DAY_SECONDS + (int64_t)hour * 3600 +
		   (int64_t)minute * 60 + second;
	return true;
}

bool date_read_basic(struct str text, int64_t *seconds)
{
	const char *p = text.p;
	char local[20];

	if (str_ends(text, STR("Z")))
		text.n--;
	if (text.n != 8 && (text.n != 15 || p[8] != 'T'))
		return false;
	if (text.n == 8)
		snprintf(local, sizeof(local), "%.4s-%.2s-%.2sT00:00:00", p,
			 p + 4, p + 6);
	else
		snprintf(local, sizeof(local), "%.4s-%.2s-%.2sT%.2s:%.2s:%.2s",
			 p, p + 4, p + 6, p + 9, p + 11, p + 13);
	return date_read_local(str_at(local, sizeof(local) - 1), seconds);
}

struct str date_say_local(struct arena *a, int64_t seconds)
{
	int64_t day = date_days_of_local(seconds);
	int64_t of_day = seconds - day * DAY_SECONDS;
	struct date date = date_of_days(day);

	return str_printf(a, "%04d-%02d-%02dT%02d:%02d:%02d", date.year,
			  date.month, date.day, (int)(of_day / 3600),
			  (int)(of_day / 60 % 60), (int)(of_day % 60));
}
