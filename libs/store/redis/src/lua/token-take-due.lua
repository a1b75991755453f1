-- Leases up to `limit` jobs that are due and nobody's.
--! frees
--! keys records states subs direct served fresh names open serving counts due notes fences members
--! args now limit name till
local jobs = {}
for i, id in ipairs(call('ZRANGEBYSCORE', due, '-inf', now, 'LIMIT', 0, limit)) do
  local s = tokenOf(id)
  if s then
    jobs[#jobs + 1] = lease(s, now, name .. '.' .. i, till)
    save(s)
  else
    call('ZREM', due, id)
  end
end
return jobs
