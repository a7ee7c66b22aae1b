-- Revert rollcall:channels from pg

begin;

drop function lift_suppression(bigint);
drop function count_refusal(bigint, text);
drop function suppress_address(bigint, text);
drop function channel_succeeded(text);
drop function channel_failed(text, bigint, text);
drop function pause_channel(text, text);
drop table address_refusals;
drop table delivery_channels;
delete from scheduled_notifications where kind = 'staff_notice';
delete from notification_kinds where kind = 'staff_notice';

commit;
