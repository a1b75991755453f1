-- Bodies that are due: from here on no upload of them is committed, and they are due again after the grace.
--! frees
--! keys bodies due
--! args limit graceMs
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local found = call('ZRANGEBYSCORE', due, '-inf', now, 'LIMIT', 0, limit)
for _, body in ipairs(found) do
  local state = call('HGET', bodies, body)
  if state then
    call('HSET', bodies, body, 'L' .. string.sub(state, 2))
    call('ZADD', due, now + tonumber(graceMs), body)
  else
    call('ZREM', due, body)
  end
end
return found
