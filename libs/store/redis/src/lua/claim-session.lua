-- Makes `owner` the session of a service. `role`: M or N when it asks for all queues in that role, else ''. Answers the
-- token of the previous session, the queues in the role that it had asked for, the epoch, the queues in `role`.
--! frees
--! keys session recipients notifiers
--! args owner role
local function size(of)
  return of == 'M' and call('SCARD', recipients) or of == 'N' and call('SCARD', notifiers) or 0
end
local previous, oldRole = unpack(call('HMGET', session, 'o', 'a'))
local holder, epoch = parse(previous)
local had = size(oldRole)
if holder ~= owner then
  epoch = nextEpoch(previous)
  call('HSET', session, 'o', owner .. ':' .. epoch)
  call('HDEL', session, 'a')
end
if role ~= '' then call('HSET', session, 'a', role) end
return { previous or '', had, epoch, size(role) }
