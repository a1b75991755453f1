-- Makes an upload under way the body of its file.
--! grows
--! keys file bodies due usage
--! args bodyId senderId
local status, body, size = unpack(call('HMGET', file, 's', 'b', 'z'))
if not status or string.sub(status, 2, 2) ~= 'A' then return 'gone' end
if body == bodyId then
  call('HSET', file, 'b', bodyId) -- the answer waits for what makes the first one durable
  return 'committed'
end
if body then return 'uploaded' end
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if call('HGET', bodies, bodyId) ~= 'U:' .. size .. ':' .. senderId then return 'gone' end
if tonumber(call('ZSCORE', due, bodyId)) <= now then return 'gone' end
call('HSET', bodies, bodyId, 'H:' .. size .. ':' .. senderId)
call('ZREM', due, bodyId)
call('HSET', file, 'b', bodyId)
call('HINCRBY', usage, 'uploaded', 1)
return 'committed'
