-- Sets the sender key once.
--! grows
--! keys queue
--! args revision senderKey
local found, present = unpack(call('HMGET', queue, 'r', 'k'))
if found ~= revision then return stale() end
if present and present ~= senderKey then return { 'refused' } end
-- Written also when it is there already: the answer waits for what makes the first one durable.
call('HSET', queue, 'k', senderKey)
if not present then call('HINCRBY', queue, 'r', 1) end
return { 'ok', call('HGETALL', queue), present and 0 or 1 }
