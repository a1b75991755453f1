-- The service with this fingerprint, created when new and when there are fewer than `limit`.
--! grows
--! keys services roles
--! args fingerprint role service limit
local known = call('HGET', services, fingerprint)
if known then return { 'known', known } end
if call('HLEN', services) >= tonumber(limit) then return { 'full' } end
call('HSET', services, fingerprint, service)
call('HINCRBY', roles, role, 1)
return { 'created' }
