-- Records the day of last use; never goes back, ignores missing queues.
--! frees
--! keys queue
--! args day
local present = call('HGET', queue, 'd')
if present and tonumber(present) < tonumber(day) then call('HSET', queue, 'd', day) end
return 0
