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
      v_ids bigint[];
      v_leases bigint[];
    begin
      loop
        select array_agg(id), array_agg(lease_id) into v_ids, v_leases
        from claim_notifications(8, 'email', false);
        exit when v_ids is null;
        perform from prepare_notifications(v_ids, v_leases, 'email', false);
        perform keep_messages(v_ids, v_leases, array(
          select v_mail || convert_to(id::text, 'UTF8')
          from unnest(v_ids) id));
        perform %s;
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


SENT = ("record_sent(v_ids, v_leases, array_fill(250, array["
        "cardinality(v_ids)]), array_fill(20, array[cardinality(v_ids)]))")
LATER = ("record_failed(w.id, w.lease, 'retry', 451, '4.3.0', 'told to try "
         "later', null) from unnest(v_ids, v_leases) as w(id, lease)")


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
