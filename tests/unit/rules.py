"""Random rules of repeating events and the starts that python3-dateutil makes
of them, for test_calendar_random.c: a line each, with tabs between rule, first
start, from, to and the starts.  Ends with 77 when there is no dateutil.

Where RFC 5545 and dateutil part, no rule is made: BYWEEKNO without BYDAY, or of
-52 and -53, whose days in December it leaves out, or of 52 and 53, which it
takes for one another in the January of some years, and BYSETPOS of weeks.
"""

import datetime
import random
import sys

try:
    from dateutil.rrule import rrulestr
except ImportError:
    raise SystemExit(77)

# CALENDAR_REPEATS_MAX
MOST = 1500
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
WEIGHTS = {"HOURLY": 1, "DAILY": 4, "WEEKLY": 6, "MONTHLY": 8, "YEARLY": 6}
WINDOW = {"HOURLY": 40, "DAILY": 500, "WEEKLY": 900, "MONTHLY": 2500,
          "YEARLY": 5000}


def some(dice, values, most):
    picked = dice.sample(values, dice.randint(1, most))
    return ",".join(str(value) for value in picked)


def signed(most):
    return [n for n in range(-most, most + 1) if n]


def weekdays(dice, ordinals):
    days = dice.sample(DAYS, dice.randint(1, 4))
    if ordinals and dice.random() < 0.5:
        return ",".join(f"{dice.choice(signed(ordinals))}{day}"
                        for day in days)
    return ",".join(days)


def parts_of_month(dice):
    kind = dice.randrange(4)
    if kind == 0:
        return []
    if kind == 1:
        return ["BYMONTHDAY=" + some(dice, signed(31), 4)]
    if kind == 2:
        return ["BYDAY=" + weekdays(dice, 5)]
    return ["BYDAY=" + weekdays(dice, 0),
            "BYMONTHDAY=" + some(dice, signed(31), 8)]


def parts_of_year(dice):
    kind = dice.randrange(6)
    if kind == 0:
        return []
    if kind == 1:
        return ["BYYEARDAY=" + some(dice, signed(366), 5)]
    if kind == 2:
        return ["BYWEEKNO=" + some(dice, signed(51), 4),
                "BYDAY=" + weekdays(dice, 0)]
    if kind == 3:
        return ["BYDAY=" + weekdays(dice, 53)]
    months = ["BYMONTH=" + some(dice, range(1, 13), 3)]
    return months + (parts_of_month(dice) if kind == 4 else [])


def parts_of(dice, frequency):
    if frequency == "YEARLY":
        return parts_of_year(dice)
    parts = parts_of_month(dice) if frequency == "MONTHLY" else []
    if frequency == "WEEKLY" and dice.random() < 0.7:
        parts.append("BYDAY=" + weekdays(dice, 0))
    if frequency == "DAILY" and dice.random() < 0.4:
        parts.append("BYDAY=" + weekdays(dice, 0))
    if frequency == "DAILY" and dice.random() < 0.2:
        parts.append("BYMONTHDAY=" + some(dice, signed(31), 6))
    if dice.random() < 0.2:
        parts.append("BYMONTH=" + some(dice, range(1, 13), 5))
    return parts


def make_rule(dice):
    frequency = dice.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    parts = parts_of(dice, frequency)
    if frequency in ("MONTHLY", "YEARLY") and parts and dice.random() < 0.3:
        parts.append("BYSETPOS=" + some(dice, signed(4), 2))
    if dice.random() < 0.5:
        parts.append(f"INTERVAL={dice.randint(1, 5)}")
    if dice.random() < 0.3:
        parts.append("WKST=" + dice.choice(DAYS))
    if frequency != "HOURLY" and dice.random() < 0.15:
        parts.append("BYHOUR=" + some(dice, range(24), 3))
    if dice.random() < 0.1:
        parts.append("BYMINUTE=" + some(dice, range(60), 3))
    if dice.random() < 0.3:
        parts.append(f"COUNT={dice.randint(1, 60)}")
    dice.shuffle(parts)
    return frequency, ";".join([f"FREQ={frequency}"] + parts)


def until(rule, start, end):
    """Those before end; a rule that has a COUNT takes no UNTIL."""
    found = []
    for moment in rrulestr(rule, dtstart=start):
        if moment >= end:
            break
        found.append(moment)
    return found


def first_of(rule, start, days):
    bounded = ";".join(part for part in rule.split(";")
                       if not part.startswith("COUNT="))
    end = start + datetime.timedelta(days=days)
    for moment in rrulestr(f"{bounded};UNTIL={end:%Y%m%dT%H%M%S}",
                           dtstart=start):
        return moment
    return None


def make_case(dice):
    """None when nothing comes of the rule, or the start is not one of it."""
    frequency, rule = make_rule(dice)
    span = WINDOW[frequency]
    start = first_of(rule, datetime.datetime(2020, 1, 1) + datetime.timedelta(
        minutes=15 * dice.randrange(12 * 365 * 96)), span)
    if start is None:
        return None
    begin = start + datetime.timedelta(days=dice.randrange(-30, span // 2))
    end = begin + datetime.timedelta(days=dice.randrange(1, span))
    if first_of(rule, start, span) != start:
        return None
    last = end + datetime.timedelta(days=8 * 366)
    bound = rule if "COUNT=" in rule else \
        f"{rule};UNTIL={min(end, last):%Y%m%dT%H%M%S}"
    starts = [moment for moment in until(bound, start, end)
              if moment >= begin]
    if len(starts) > MOST:
        return None
    return [rule] + [moment.isoformat() for moment in (start, begin, end)] + \
        [" ".join(moment.isoformat() for moment in starts)]


def main():
    dice = random.Random(int(sys.argv[2]))
    left = int(sys.argv[1])
    while left:
        case = make_case(dice)
        if case:
            print("\t".join(case))
            left -= 1


main()
