-- Removes link data; answers the id that it had, '' for none.
--! frees
--! keys queue link
--! args revision
local found, present = unpack(call('HMGET', queue, 'r', 'L'))
if found ~= revision then return stale() end
if present then
  call('HDEL', queue, 'L')
  call('DEL', link)
  call('HINCRBY', queue, 'r', 1)
end
return { 'ok', call('HGETALL', queue), present or '' }
