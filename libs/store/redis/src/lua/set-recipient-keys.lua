-- Replaces the recipient keys.
--! grows
--! keys queue
--! args revision recipientKeys
if call('HGET', queue, 'r') ~= revision then return stale() end
call('HSET', queue, 'K', recipientKeys)
call('HINCRBY', queue, 'r', 1)
return { 'ok', call('HGETALL', queue) }
