-- The same of a subscription; `relay` '' for the place of its id, which it has whatever it is of.
--! grows
--! keys records states subs direct served fresh names open serving counts due notes fences members
--! args tokenId subscriptionId relay notifierId member
local u = subscriptionOf(subscriptionId)
if u and u.token == tokenId and (relay == '' or (u.relay == relay and u.notifier == notifierId)) then return 1 end
local time = call('TIME')
call('ZREMRANGEBYSCORE', fences, '-inf', (time[1] - 3600) * 1000000)
call('ZADD', fences, time[1] .. string.format('%06d', time[2]), member)
call('EXPIRE', fences, 3600)
return 0
