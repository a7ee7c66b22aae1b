"""Each name that a template asks for is one that it is given.

A template says in its first comment what that is:

    {{! given: event=event_page, next, form.email. Free words. }}

event=event_page is a field whose members are the columns of that query (of
several, with + between), a bare name is a field that C makes; data=prompt_display are the keys of that
SQL function's object; `nothing` is nothing.  Beyond that there is what every
page has.  A query and a field must also stand in the C file that gives them.
"""

import glob
import os
import re
import subprocess
import sys

BIN = os.path.join(os.environ.get("BUILD", "build"),
                   os.environ.get("V", "release"))
GIVEN = re.compile(r"\{\{!\s*given:\s*(.*?)(?:\.\s|\s*\}\})", re.S)
# A row of the queue about somebody and some event, undone after it was seen.
KEYS = """
begin;
insert into organizations (slug, name) values ('given', 'Given')
returning id as org_id \\gset
insert into users (email, name) values ('given@example.org', 'Given')
returning id as user_id \\gset
insert into events (org_id, title, starts_at)
values (:org_id, 'Given', app_now()) returning id as event_id \\gset
insert into event_participants (event_id, org_id, user_id)
values (:event_id, :org_id, :user_id);
insert into duty_schedules (org_id, title, start_at, end_at)
values (:org_id, 'Given', app_now(), app_now() + interval '1 hour')
returning id as schedule_id \\gset
select jsonb_object_keys(FUNCTION(jsonb_populate_record(
  null::scheduled_notifications, jsonb_build_object('org_id', :org_id,
  'user_id', :user_id, 'event_id', :event_id,
  'schedule_id', :schedule_id, 'notify_type', 'email'))));
rollback;
"""


def psql(script):
    done = subprocess.run(
        ["psql", "-qXAt", "-v", "ON_ERROR_STOP=1", "-h",
         "/proc/self/cwd/var/run", "-U", "postgres", "-d", "rollcall"],
        cwd=os.environ["ROLLCALL_STACK"], input=script, text=True,
        capture_output=True, check=False)
    if done.returncode:
        raise LookupError(done.stderr.strip())
    return done.stdout.splitlines()


class Queries:
    """The named queries, and their columns as the server describes them."""

    def __init__(self):
        self.statement = {}
        self.columns = {}
        for path in glob.glob("sql/query/*.sql"):
            made = subprocess.run(
                ["mawk", "-v", "noun=x", "-v", "out=prepare", "-f",
                 "cgi/gen/query.awk", path],
                text=True, capture_output=True, check=True).stdout
            for call, prepare in re.findall(
                    r"-- execute (.*)\n(prepare .*;)\n", made):
                self.statement[call.split("(")[0]] = (
                    f"{prepare}\nexecute {call} \\gdesc\n")

    def describe(self, query):
        if query not in self.statement:
            raise LookupError(f"there is no query {query}")
        if query not in self.columns:
            self.columns[query] = {
                line.split("|")[0] for line in psql(self.statement[query])}
        return self.columns[query]


def keys(function):
    """Of the object that the function makes of a row of the queue."""
    return set(psql(KEYS.replace("FUNCTION", function)))


def source_of(template):
    """The C file that gives the template what it shows."""
    if template == "problem":
        return "cgi/web/reply.c"
    if template.startswith("mail_test"):
        return "cgi/jobs/test_mail.c"
    if template.startswith("mail_"):
        return "cgi/jobs/render.c"
    for path in glob.glob("cgi/pages/*.c"):
        if f'"{template}"' in read(path):
            return path
    raise LookupError("no C file shows it")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def common(template):
    """What each page, or each mail, has."""
    if template.startswith("mail_"):
        return {"base_url": None}
    shared = re.search(r"common\[\] = \{(.*?)\n\t\};",
                       read("cgi/web/reply.c"), re.S).group(1)
    return {name: None for name in re.findall(r'\{"(\w+)",', shared)}


def is_team_page(template):
    """Shown for one organisation: the viewer comes with a role in it."""
    return "{{<staff_layout}}" in read(f"templates/{template}.mustache")


def given(template, queries):
    """Field: its members, or None when C makes them up."""
    head = GIVEN.match(read(f"templates/{template}.mustache"))
    if not head:
        raise LookupError("its first comment does not say what is given")
    fields = common(template)
    if "viewer" in fields:
        fields["viewer"] = queries.describe(
            "staff_viewer" if is_team_page(template) else "viewer")
    source = read(source_of(template))
    if '{"form",' in source:
        source += read("cgi/web/form.c")  # what each error is made of
    if re.search(r"\bchart_(bars|counts|line|calendar)\(", source):
        source += read("cgi/view/chart.c")
    if "message_words_" in source:
        source += read("cgi/pages/message_words.c")
    if "qr_picture(" in source:
        source += read("cgi/view/qr.c")
    for word in re.split(r",\s*", head.group(1)):
        field, _, query = word.partition("=")
        if word == "nothing":
            continue
        if query and field != "data":
            fields[field] = set()
            for asked in query.split("+"):
                if not re.search(rf"query_{asked}[_(]", source):
                    raise LookupError(
                        f"{source_of(template)} asks no {asked}")
                fields[field] |= queries.describe(asked)
        elif query:
            fields[field] = keys(query)
        else:
            fields[word] = None
        if field not in ("row", "data") and \
                f'{{"{field.split(".")[0]}",' not in source:
            raise LookupError(f"{source_of(template)} gives no {field}")
    return fields


def unknown(name, fields):
    first, _, rest = name.partition(".")
    if name in fields:
        return False
    if rest:
        return fields.get(first) is None or rest not in fields[first]
    return not any(first in (members or ()) for members in fields.values())


def names():
    """Of each template that is shown by itself: what it asks for."""
    found = {os.path.basename(path)[:-len(".mustache")]: []
             for path in glob.glob("templates/*.mustache")}
    found = {name: [] for name in sorted(found)
             if not re.search(r"^part_|layout", name)}
    told = subprocess.run([f"{BIN}/gen/template-check", "--names", "templates",
                           *found], text=True, capture_output=True, check=True)
    for line in told.stdout.splitlines():
        template, name = line.split(" ")
        found[template].append(name)
    return found


def faults(template, asked, queries):
    try:
        fields = given(template, queries)
    except (LookupError, OSError) as error:
        return [str(error)]
    wrong = [f"{{{{{name}}}}} is found nowhere"
             for name in asked if unknown(name, fields)]
    return wrong + [f"{name} is given and not asked for" for name in fields
                    if name not in common(template) and name != "data"
                    and name != "row" and name not in asked
                    and not any(a.startswith(f"{name}.") for a in asked)]


def main():
    queries = Queries()
    templates = names()
    failed = 0
    print(f"1..{len(templates)}")
    for number, (template, asked) in enumerate(templates.items(), 1):
        wrong = faults(template, asked, queries)
        failed += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {number} - {template} asks for "
              "what it is given")
        for fault in wrong:
            print(f"# {fault}")
    return 1 if failed else 0


sys.exit(main())
