-- Verify rollcall:preview on pg

begin;

do $$
begin
  assert has_function_privilege('rollcall_sweep', 'preview_sweep(int)', 'execute'),
    'the sweep cannot look ahead';
  assert not has_function_privilege('rollcall_member', 'preview_sweep(int)', 'execute'),
    'the member role looks into the queue';
  perform from preview_sweep(0);
end
$$;

rollback;
