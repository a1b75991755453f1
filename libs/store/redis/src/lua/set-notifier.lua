-- Gives the queue notifier credentials in place of its old ones; '' as id removes them. A queue that has these very
-- credentials is `same` whatever its revision. Answers the old id, service and subscriber, and how many notifications went.
--! grows
--! keys queue notifications
--! args revision notifierId key secret service
local found, oldId, oldKey, oldSecret, oldService, subscriber = unpack(call('HMGET', queue, 'r', 'N', 'a', 'b', 'v', 'u'))
local same = notifierId ~= '' and oldId == notifierId and oldKey == key and oldSecret == secret
if same then
  -- Written again so that the answer waits for what makes the first one durable.
  call('HSET', queue, 'N', notifierId)
  return { 'same', call('HGETALL', queue) }
end
if found ~= revision then return stale() end
if notifierId ~= '' and oldId == notifierId then return { 'collision' } end
if notifierId == '' and not oldId then return { 'same', call('HGETALL', queue) } end
call('HDEL', queue, 'N', 'a', 'b', 'v')
-- The epoch stays, so that a word about an older claim is not taken for one about a later.
local _, epoch = parse(subscriber)
call('HSET', queue, 'u', ':' .. epoch)
if notifierId ~= '' then call('HSET', queue, 'N', notifierId, 'a', key, 'b', secret) end
if service ~= '' then call('HSET', queue, 'v', service) end
local dropped = call('LLEN', notifications)
call('DEL', notifications)
call('HINCRBY', queue, 'r', 1)
return { 'ok', call('HGETALL', queue), oldId or '', oldService or '', subscriber or '', dropped }
