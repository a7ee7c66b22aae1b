"""A stack with a crowd to write to, and a sweep that tells it.

Knows how many wait and what became of them; knows no rule.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "job"))

# pylint: disable=wrong-import-position
from stack import Club, Stack, equal, run, wait_for  # noqa: E402,F401

FULL = bool(os.environ.get("FULL"))


def make_crowd(stack, slug, count, admin=True):
    """An ended event that count people have looked at; nobody asked yet."""
    stack.clock("2030-06-14 12:00+00")
    club = Club(stack, slug, {}, start="20300614T130000Z",
                end="20300614T150000Z")
    stack.sql(f"""
        with org as (select id from organizations where slug = '{slug}'),
        made as (
          insert into users (email, name, quiet)
          select 'p' || n || '@{slug}.example', 'Person ' || n, false
          from generate_series(1, {count}) n
          returning id
        )
        insert into memberships (user_id, org_id, role)
        select made.id, org.id, 'member' from made, org""")
    if admin:
        stack.sql(f"""
            with made as (
              insert into users (email, name, quiet)
              values ('admin@{slug}.example', 'Admin', false) returning id
            )
            insert into memberships (user_id, org_id, role)
            select made.id, o.id, 'admin' from made, organizations o
            where o.slug = '{slug}'""")
    stack.sql(f"""
        insert into event_views (event_id, user_id, org_id)
        select {club.event}, u.id, m.org_id
        from users u join memberships m on m.user_id = u.id
        where u.email like 'p%@{slug}.example'""")
    stack.clock("2030-06-14 16:01+00")
    return club


def finish(stack, url, tries=12, **settings):
    """Sweeps on through leases and back-offs until the queue is empty."""
    for _ in range(tries):
        stack.later("61 minutes")
        stack.sweep(SMTP_URL=url, **settings)
        if not stack.number("select count(*) from scheduled_notifications "
                            "where prompt_number is distinct from 2"):
            return
    raise AssertionError("the queue does not empty")
