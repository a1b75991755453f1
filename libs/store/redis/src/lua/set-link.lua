-- Adds or updates link data (SMP §5.2 LSET). A change of the user data alone is no change of the record. An empty
-- `linkId` is one that another queue has.
--! grows
--! keys queue link
--! args revision linkId fixedData userData
local found, present = unpack(call('HMGET', queue, 'r', 'L'))
if found ~= revision then return stale() end
if linkId == '' then return { 'refused' } end
if present then
  if present ~= linkId or call('HGET', link, 'f') ~= fixedData then return { 'refused' } end
  call('HSET', link, 'u', userData)
else
  call('HSET', queue, 'L', linkId)
  call('HSET', link, 'f', fixedData, 'u', userData)
  call('HINCRBY', queue, 'r', 1)
end
return { 'ok', call('HGETALL', queue) }
