-- Makes `owner` the subscriber; answers the token of the previous one, the epoch of this claim, and whether messages wait.
--! frees
--! keys queue messages
--! args revision owner withHead
local found, previous = unpack(call('HMGET', queue, 'r', 's'))
if found ~= revision then return stale() end
local epoch = nextEpoch(previous)
call('HSET', queue, 's', owner .. ':' .. epoch)
local head = withHead == '1' and call('LINDEX', messages, 0)
return { 'ok', call('HGETALL', queue), previous or '', epoch, call('LLEN', messages), head }
