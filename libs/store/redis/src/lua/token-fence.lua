-- A reference names a token that may not have the place: 1 where it has; else it never will by a step that is under way,
-- since that finds the fence.
--! grows
--! keys records states subs direct served fresh names open serving counts due notes fences members
--! args tokenId device member
local found = tokenOf(tokenId)
if found and found[DEVICE] == device then return 1 end
local time = call('TIME')
call('ZREMRANGEBYSCORE', fences, '-inf', (time[1] - 3600) * 1000000)
call('ZADD', fences, time[1] .. string.format('%06d', time[2]), member)
call('EXPIRE', fences, 3600)
return 0
