-- Makes `owner` the subscriber of the queue's notifier, or associates it with `service`, whose session gets it then.
-- Answers the token of the direct subscriber before, the epoch, the service before, whether notifications wait.
--! frees
--! keys queue notifications
--! args revision owner service
local found, notifierId, oldService, previous = unpack(call('HMGET', queue, 'r', 'N', 'v', 'u'))
if found ~= revision or not notifierId then return stale() end
local epoch = nextEpoch(previous)
if service == '' then
  call('HSET', queue, 'u', owner .. ':' .. epoch)
  call('HDEL', queue, 'v')
else
  -- The epoch stays, so that later claims have greater ones.
  call('HSET', queue, 'u', ':' .. epoch, 'v', service)
end
if (oldService or '') ~= service then call('HINCRBY', queue, 'r', 1) end
return { 'ok', call('HGETALL', queue), previous or '', epoch, oldService or '', call('LLEN', notifications) }
