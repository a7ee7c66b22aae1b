-- Verify rollcall:unanswered on pg

begin;

select follow_up_from, unknown_at from notifications where false;

do $$
begin
  assert has_function_privilege('rollcall_sweep', 'settle_unanswered(int)', 'execute'),
    'the sweep cannot settle what nobody answered';
  assert settle_unanswered(0) = 0, 'asked for none, it settles some';
  assert not exists (
    select from notifications where follow_up_from is not null and prompt_number is distinct from 1
  ), 'something else than a first prompt is followed up';
end
$$;

rollback;
