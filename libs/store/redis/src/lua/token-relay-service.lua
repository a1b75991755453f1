-- Our service's id at a relay, '' for none; the relay becomes known.
--! grows
--! keys texts services claims nodes news
--! args relay text serviceId
call('HSETNX', texts, relay, text)
if serviceId == '' then call('HDEL', services, relay) else call('HSET', services, relay, serviceId) end
return 0
