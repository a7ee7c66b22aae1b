-- Revert rollcall:my_shifts from pg

begin;

drop function own_offers(bigint, text);
drop function is_offered(bigint);
drop function offered_shifts(bytea, bigint, int);
drop function take_shift(bytea, bigint, boolean);
drop function withdraw_shift_offer(bytea, bigint);
drop function offer_shift(bytea, bigint);
drop function tell_swap(shift_swaps, duty_schedules, bigint);
drop function shift_swap_display(scheduled_notifications);
drop function shift_swap_recheck(scheduled_notifications);
drop function swap_of(text);
drop function say_linked_shift(bigint, int, timestamptz, text, int);
drop function check_linked_shift(bigint, int, timestamptz, text);
drop function linked_shift(bigint, int, timestamptz);
drop function shift_link(bigint, int, timestamptz);
drop function has_shifts(bigint);
drop function own_shift_list(bytea, timestamptz, bigint, int, int);
drop function own_shift(bytea, bigint);
drop function shift_seen(duty_schedules, bigint);
drop function open_offers(duty_schedules);
drop function count_assigned(bigint);
delete from scheduled_notifications where kind = 'shift_swap';
delete from notification_kinds where kind = 'shift_swap';
delete from personal_data where relation = 'shift_swaps';
drop table shift_swaps;

commit;
