-- Announces a body and counts it to the quota (an empty one is none). An upload under way may be announced again.
--! grows
--! keys file bodies due usage
--! args bodyId senderId quota leaseMs
local status, body, size = unpack(call('HMGET', file, 's', 'b', 'z'))
if not status or string.sub(status, 2, 2) ~= 'A' then return 'gone' end
if body then return 'uploaded' end
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local upload = 'U:' .. size .. ':' .. senderId
local known = call('HGET', bodies, bodyId)
if known then
  if known ~= upload or tonumber(call('ZSCORE', due, bodyId)) <= now then return 'known' end
else
  local bytes = tonumber(call('HGET', usage, 'bytes') or '0')
  if quota ~= '' and bytes + tonumber(size) > tonumber(quota) then return 'quota' end
  call('HSET', bodies, bodyId, upload)
  call('HINCRBY', usage, 'bytes', size)
end
call('ZADD', due, now + tonumber(leaseMs), bodyId)
return 'begun'
