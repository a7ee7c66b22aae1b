"""The queue does not grow by what has passed through it.

Ten thousand messages wait to be sent again, each with its bytes; they leave,
and the next ten thousand come: FULL=1 a million in all, else 20,000.  By the
functions that the sweep calls, as the sweep's role, while PostgreSQL tidies up
by itself.
"""

import sys

from crowd import FULL, Stack, equal, make_crowd, run

WAITING = 10000
ROUNDS = 100 if FULL else 2

PLAN = f"""
    select advance_events();
    select schedule_post_event_prompts({WAITING + 1})"""

# As many at once as one sweep has under way, and a mail as it was sent.
DELIVER = """
    do $$
    declare
      v_mail constant bytea := decode('%s', 'hex');
      v_row record;
      v_some boolean := true;
    begin
      while v_some loop
        v_some := false;
        for v_row in select * from claim_notifications(8, 'email', false) loop
          v_some := true;
          perform from prepare_notification(
            v_row.id, v_row.lease_id, 'email', false);
          perform keep_message(v_row.id, v_row.lease_id,
            v_mail || convert_to(v_row.id::text, 'UTF8'));
          perform %s;
        end loop;
        commit;
      end loop;
    end $$"""


def next_event():
    """What the crowd looked at is over once more, as another event."""
    stack.sql("""
        with made as (
          insert into events (org_id, title, starts_at, ends_at, status)
          select org_id, title, starts_at, ends_at, 'completed' from events
          where id = (select max(id) from events) returning id, org_id
        )
        insert into event_views (event_id, user_id, org_id)
        select made.id, m.user_id, made.org_id from made join memberships m
        using (org_id)""")


def size():
    return stack.number(
        "select pg_total_relation_size('scheduled_notifications')")


SENT = "record_sent(v_row.id, v_row.lease_id, 250, 20)"
LATER = ("record_failed(v_row.id, v_row.lease_id, 'retry', 451, '4.3.0', "
         "'told to try later', null)")


def one_mail():
    """As hex digits."""
    make_crowd(stack, "one", 1, admin=False)
    stack.sweep()
    return stack.mails()[0].raw.hex()


def waiting():
    return stack.number("select count(*) from scheduled_notifications")


def stays_small():
    mail = one_mail()
    make_crowd(stack, "much", WAITING, admin=False)
    stack.sql(PLAN, "rollcall_sweep")
    stack.sql(DELIVER % (mail, LATER), "rollcall_sweep")
    equal(waiting(), WAITING, "refused for now")
    first = size()
    stack.later("61 minutes")
    for number in range(ROUNDS):
        if number:
            next_event()
            stack.sql(PLAN, "rollcall_sweep")
        equal(waiting(), WAITING, "waiting")
        stack.sql(DELIVER % (mail, SENT), "rollcall_sweep")
        equal(waiting(), 0, "delivered")
    print(f"# {ROUNDS * WAITING} messages: {first / 1e6:.1f} MB with {WAITING} "
          f"to be sent again, {size() / 1e6:.1f} MB when all had left",
          flush=True)
    if size() > 2 * first:
        raise AssertionError("it grows")


stack = Stack()
STATUS = run([(f"R-F1 {ROUNDS * WAITING} messages leave the queue as small as "
               f"{WAITING} make it", stays_small)])
stack.stop()
sys.exit(STATUS)
