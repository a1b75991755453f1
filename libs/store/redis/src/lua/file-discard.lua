-- Gives the bytes of a body back, once; not those of a body that a file has.
--! frees
--! keys bodies due usage
--! args bodyId
local size = string.match(call('HGET', bodies, bodyId) or '', '^[UL]:(%d+):')
if not size then return 0 end
call('HDEL', bodies, bodyId)
call('ZREM', due, bodyId)
call('HINCRBY', usage, 'bytes', -tonumber(size))
return 1
