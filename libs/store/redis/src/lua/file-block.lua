-- Sets the status of a file and takes its body, to be discarded within the grace: 1 and the body, if any; 0 for no file.
--! frees
--! keys file bodies due usage
--! args status senderId graceMs
local before, body, size = unpack(call('HMGET', file, 's', 'b', 'z'))
if not before then return { 0 } end
call('HSET', file, 's', status)
if not body then return { 1 } end
local time = call('TIME')
call('HDEL', file, 'b')
call('HSET', bodies, body, 'L:' .. size .. ':' .. senderId)
call('ZADD', due, time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(graceMs), body)
call('HINCRBY', usage, 'uploaded', -1)
return { 1, body }
