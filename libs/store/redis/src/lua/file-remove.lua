-- Removes a file with its recipients, whose keys and ids come after the named ones; its body is left, to be discarded
-- within the grace. `before`: only if it was created before that time, '' for any. 1 and the body, if any; 0 for no such
-- file, -1 where it has other recipients by now.
--! frees
--! keys file members created usage bodies due
--! args senderId before graceMs
local status, body, size = unpack(call('HMGET', file, 's', 'b', 'z'))
if not status then
  call('ZREM', created, senderId)
  return { 0 }
end
if before ~= '' and tonumber(call('ZSCORE', created, senderId)) >= tonumber(before) then return { 0 } end
if call('SCARD', members) ~= #KEYS - 6 then return { -1 } end
for i = 7, #KEYS do
  if call('SISMEMBER', members, ARGV[i - 3]) == 0 then return { -1 } end
end
if body then
  local time = call('TIME')
  call('HSET', bodies, body, 'L:' .. size .. ':' .. senderId)
  call('ZADD', due, time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(graceMs), body)
  call('HINCRBY', usage, 'uploaded', -1)
end
call('DEL', file, members)
for i = 7, #KEYS do call('DEL', KEYS[i]) end
call('ZREM', created, senderId)
call('HINCRBY', usage, 'files', -1)
return { 1, body }
