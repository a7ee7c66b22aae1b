#!/bin/bash
# Messages claimed and recorded, 32 at a time by the functions that the sweep
# calls, against a table with the same rows, columns and indexes that says in a
# column what has become of each, as queues often do: claimed by `update ...
# skip locked`, and finished by another update.  In both a claim does not wait
# for the disk and a record does; the second writes no ledger and no log.
. tests/bench/lib.sh

messages=$((BENCH_USERS / 5))

timed_as()
{
	in_database "$1" -o /dev/null -c '\timing on' -f - |
		awk -v n="$messages" '/^Time:/ { print n / $2 * 1000 }'
}

# Each round's rows, in both.
add_rows()
{
	in_database postgres -v people="$messages" -v round="$1" <<-'SQL'
	insert into scheduled_notifications (
	  notification_id, org_id, kind, urgency, event_id, user_id, prompt_number, scheduled_for, not_before, expires_at
	)
	select 'bench-' || :round || '-' || u.id, 1, 'attendance_prompt', 3, 1, u.id, 1, app_now(), app_now(),
	  app_now() + interval '1 day'
	from users u order by u.id limit :people;
	insert into queued_elsewhere overriding system value select * from scheduled_notifications;
	SQL
}

ours()
{
	timed_as rollcall_sweep <<-'SQL'
	do $$
	declare
	  v_ids bigint[];
	  v_leases bigint[];
	begin
	  loop
	    set local synchronous_commit = off;
	    select array_agg(id), array_agg(lease_id) into v_ids, v_leases from claim_notifications(32);
	    exit when v_ids is null;
	    commit;
	    perform record_sent(v_ids, v_leases, array_fill(250, array[cardinality(v_ids)]),
	      array_fill(1, array[cardinality(v_ids)]));
	    commit;
	  end loop;
	end $$;
	SQL
}

theirs()
{
	timed_as postgres <<-'SQL'
	do $$
	declare
	  v_ids bigint[];
	begin
	  loop
	    set local synchronous_commit = off;
	    with due as materialized (
	      select q.id from queued_elsewhere q
	      where q.state = 'pending' and q.urgency = 3 and q.not_before <= app_now()
	      order by q.not_before, q.id limit 32
	      for update skip locked
	    ), claimed as (
	      update queued_elsewhere q
	      set state = 'leased', lease_until = app_now() + interval '5 minutes'
	      from due where q.id = due.id
	      returning q.id
	    )
	    select array_agg(id) into v_ids from claimed;
	    exit when v_ids is null;
	    commit;
	    update queued_elsewhere set state = 'sent', lease_until = null, processed_at = app_now() where id = any (v_ids);
	    commit;
	  end loop;
	end $$;
	SQL
}

in_database postgres <<-'SQL'
	delete from scheduled_notifications;
	vacuum scheduled_notifications;
	create table queued_elsewhere (like scheduled_notifications including all);
	alter table queued_elsewhere drop constraint scheduled_notifications_state_check;
	drop index queued_elsewhere_urgency_not_before_id_idx;
	create index on queued_elsewhere (urgency, not_before, id) where state = 'pending';
SQL
for ((i = 0; i < rounds; i++)); do
	add_rows "$i"
	ours >>"$dir/ours"
	theirs >>"$dir/theirs"
done
tell queue messages/s "$(median "$dir/ours")" "$(median "$dir/theirs")" 2
in_database postgres -c "drop table queued_elsewhere"
