-- Removes a queue with all that is its own; answers what it was, and how many messages and notifications went.
--! frees
--! keys queue messages link notifications
--! args revision
if call('HGET', queue, 'r') ~= revision then return stale() end
local record = call('HGETALL', queue)
local messageCount, notificationCount = call('LLEN', messages), call('LLEN', notifications)
call('DEL', queue, messages, link, notifications)
return { 'ok', record, messageCount, notificationCount }
