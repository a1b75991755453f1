-- Puts what a node tells of itself on the board for a while, and takes off what has run out.
--! frees
--! keys untilKey toldKey
--! args node text ttlMs
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for _, gone in ipairs(call('ZRANGEBYSCORE', untilKey, '-inf', now)) do
  call('ZREM', untilKey, gone)
  call('HDEL', toldKey, gone)
end
call('ZADD', untilKey, now + tonumber(ttlMs), node)
call('HSET', toldKey, node, text)
-- A network that is gone leaves nothing.
for _, key in ipairs({ untilKey, toldKey }) do
  if call('PTTL', key) < tonumber(ttlMs) then call('PEXPIRE', key, ttlMs) end
end
return 1
