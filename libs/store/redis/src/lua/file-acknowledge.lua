-- Removes a recipient of this file: 1; 0 where there is none, -1 where another file has the id by now.
--! frees
--! keys recipient members
--! args senderId recipientId
local value = call('GET', recipient)
if not value then return 0 end
if string.sub(value, 1, #senderId + 1) ~= senderId .. ':' then return -1 end
call('DEL', recipient)
call('SREM', members, recipientId)
return 1
