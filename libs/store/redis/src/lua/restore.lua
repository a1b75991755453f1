-- Stores a queue with everything that belongs to it, as it was read from another store. After the named arguments come
-- as many fields of the record (names and values), messages and notifications as they say.
--! grows
--! keys queue messages link notifications
--! args linked fixedData userData fieldCount messageCount notificationCount
if call('EXISTS', queue) == 1 then return { 'taken', call('HGETALL', queue) } end
local at = 7
call('HSET', queue, unpack(ARGV, at, at + fieldCount - 1))
at = at + fieldCount
for i = at, at + messageCount - 1 do call('RPUSH', messages, ARGV[i]) end
at = at + messageCount
for i = at, at + notificationCount - 1 do call('RPUSH', notifications, ARGV[i]) end
if linked == '1' then call('HSET', link, 'f', fixedData, 'u', userData) end
return { 'ok' }
