"""Every kind of message, every reason and every cause that the database can
give has words for the person (web/message.c), and no words stand there for
what it cannot.

They are sought in the functions as they stand in the database, so that a
change that adds one is found whatever its script is called.
"""

import os
import re
import subprocess

# Calls that take a cause as text, and where a cause is given a value.
GIVEN = [
    r"cause\s*:?=\s*'(\w+)'",
    r"cause\s*=\s*case\b.*?\bend\b",
    r"'(\w+)'(?:::text)? as (?:cause|why)\b",
    r"array_agg\((?:text )?'(\w+)'(?:::text)?\)",
    r"(?:finish|end)_notification\(\s*\w+,\s*[^,]*?,\s*'(\w+)'",
    r"then '(\w+)' else [pv]_cause end",
    r"cancel_(?:prompts|category)\([^;]*?'(\w+)'\)",
]
REFUSE = re.compile(r"_(recheck|refusal)$|^recheck_notifications$")
# Said in one word for what takes a state, a class, a column.
NONE = {"sent", "dead", "skipped", "expired", "cancelled", "pending"}


def psql(query):
    done = subprocess.run(
        ["psql", "-qXAt", "-h", "/proc/self/cwd/var/run", "-U", "postgres",
         "-d", "rollcall", "-c", query],
        cwd=os.environ["ROLLCALL_STACK"], text=True, capture_output=True,
        check=True)
    return done.stdout


def functions():
    text = psql("""select string_agg(p.proname || chr(1) ||
        pg_get_functiondef(p.oid), chr(2)) from pg_proc p
        where p.pronamespace = 'public'::regnamespace and p.prokind = 'f'""")
    return [one.split("\1", 1) for one in text.split("\2")]


def causes():
    found = set()
    for name, body in functions():
        if REFUSE.search(name):
            found |= set(re.findall(r"(?i)\bthen '(\w+)'", body))
        for pattern in GIVEN:
            for match in re.finditer(pattern, body, re.S):
                text = match.group(1) if match.groups() else match.group(0)
                found |= set(re.findall(r"(?i)(?:then|else) '(\w+)'", text)
                             if not match.groups() else [text])
    # Put together of two words.
    for name, body in functions():
        for prefix in re.findall(r"'(\w+_)'(?:::text)? \|\| p_event_status", body):
            found |= {prefix + status for status in ("draft", "cancelled")}
        if re.search(r"p_class \|\| '_refused'", body):
            found |= {"address_refused", "recipient_refused"}
    return found - NONE


def sentences(name, path="cgi/web/message.c"):
    """What is said for each key, as it stands in C."""
    with open(path, encoding="utf-8") as file:
        source = file.read()
    part = re.search(rf"struct message_row {name}\[\] = \{{(.*?)\n\}};",
                     source, re.S).group(1)
    return [(key, " ".join(re.findall(r'"((?:[^"\\]|\\.)*)"', said)))
            for key, said in re.findall(
                r'\{"(\w+)",\s*((?:"(?:[^"\\]|\\.)*"\s*)+)\}', part)]


def table(name):
    return [key for key, _ in sentences(name)]


def to_the_person():
    """Causes that are said to the person, and so not to the team."""
    return {key for key, said in sentences("causes")
            if re.search(r"(?i)\byou", said)}


TEAM = "cgi/web/message_team.c"


def main():
    kinds = set(psql("select kind from notification_kinds").split())
    reasons = (kinds - {"attendance_prompt"}) | set(re.findall(
        r"'(\w+)'\s*$", "\n".join(
            line for name, body in functions() if name == "message_reason"
            for line in body.splitlines() if re.search("then '|else '", line)),
        re.M))
    tests = [("kinds", kinds), ("reasons", reasons), ("causes", causes())]
    # What is known to be among them, so that nothing found is no success.
    known = {
        "kinds": {"attendance_prompt", "sign_in", "join"},
        "reasons": {"viewed", "registered", "asked_for", "second", "sign_in"},
        "causes": {"quiet_hours", "retry", "our_fault", "moved", "too_late",
                   "in_digest", "event_cancelled", "event_draft", "answered",
                   "removed", "unsubscribed", "suppressed", "not_wanted",
                   "no_try_left", "not_in_audience", "not_registered",
                   "second_prompt_off", "prompts_off", "already_sent",
                   "link_used", "join_closed", "not_admin", "not_responder",
                   "address_refused"},
    }
    print(f"1..{3 * len(tests) + 3}")
    failed = 0
    for number, (name, found) in enumerate(tests):
        lost = sorted(known[name] - found)
        words = table(name)
        mute = sorted(found - set(words))
        idle = sorted(set(words) - found) + \
            [key for key in set(words) if words.count(key) > 1]
        failed += bool(lost) + bool(mute) + bool(idle)
        print(f"{'not ok' if lost else 'ok'} {3 * number + 1} - {name} are "
              f"found in the database{' but not ' if lost else ''}"
              f"{', '.join(lost)}")
        print(f"{'not ok' if mute else 'ok'} {3 * number + 2} - R-F5 all "
              f"{name} have words{' but ' if mute else ''}{', '.join(mute)}")
        print(f"{'not ok' if idle else 'ok'} {3 * number + 3} - no words of "
              f"{name} stand twice, or for nothing"
              f"{': ' if idle else ''}{', '.join(idle)}")
    told = {key for key, _ in sentences("team_causes", TEAM)}
    other = sorted(to_the_person() ^ told)
    print(f"{'not ok' if other else 'ok'} {3 * len(tests) + 1} - R-F5 what is "
          f"said to the person has words for the team, and nothing else "
          f"{', '.join(other)}")
    groups = set(psql("select category from notification_categories").split())
    wrong = sorted(groups ^ {k for k, _ in sentences("categories", TEAM)})
    print(f"{'not ok' if wrong else 'ok'} {3 * len(tests) + 2} - R-F7 each "
          f"category has words {', '.join(wrong)}")
    body = {name: text for name, text in functions()}
    push = set(re.findall(r"(?:then|else) '(\w+)'", body["why_not_pushed"] + "".join(
        re.findall(r"end_push\(.*?\);", body["record_failed"], re.S))))
    mute = sorted(push ^ {k for k, _ in sentences("push_causes", TEAM)})
    print(f"{'not ok' if mute or len(push) < 4 else 'ok'} "
          f"{3 * len(tests) + 3} - R-F3 each reason not to push has words "
          f"{', '.join(mute)}")
    return 1 if failed or other or wrong or mute or len(push) < 4 else 0


raise SystemExit(main())
