-- Removes expired messages; how many.
--! frees
--! keys queue messages
--! args before
local headTs = call('HGET', queue, 't')
if not headTs or tonumber(headTs) >= tonumber(before) then return 0 end
return expireHead(tonumber(before))
