-- Sets the status (version, then A, B or O for active, blocked, off, and the blocking info). A suspended queue stays so.
--! frees
--! keys queue
--! args revision status
local found, present = unpack(call('HMGET', queue, 'r', 'o'))
if found ~= revision then return stale() end
local before, after = string.sub(present, 2, 2), string.sub(status, 2, 2)
if before == 'O' and after ~= 'O' then return { 'refused' } end
-- Written also when it is there already: the answer waits for what makes the first one durable.
call('HSET', queue, 'o', status)
-- Blocking again brings new info.
if before ~= after or after == 'B' then call('HINCRBY', queue, 'r', 1) end
return { 'ok', call('HGETALL', queue) }
