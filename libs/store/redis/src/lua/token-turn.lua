-- The next of growing numbers, by which activations of one device's tokens are told apart; greater than those that a
-- failover threw away, since the time goes on.
--! grows
--! keys bucket
--! args device
local time = call('TIME')
local next = number(math.max(tonumber(call('HGET', bucket, device) or '0') + 1, time[1] * 1000000 + time[2]))
call('HSET', bucket, device, next)
return next
