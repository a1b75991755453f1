-- The record and its first message; nothing for a missing queue, or one that `owner` ('' for anybody) is not subscribed to.
--! reads
--! keys queue messages
--! args owner
local record = call('HGETALL', queue)
if #record == 0 then return false end
if owner ~= '' and parse(call('HGET', queue, 's')) ~= owner then return false end
return { record, call('LINDEX', messages, 0) }
