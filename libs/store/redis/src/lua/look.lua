-- Whether `owner` still has the subscription that it was given as `epoch`: `gone`, `ended`, `empty` or `pending`. A claim
-- that a failover lost (the record knows only an older one) is made again. Answers the epoch of the record, too: words
-- name it, so that both ends have to mean the same. `field` is s, or u for a notifier.
--! frees
--! keys queue list
--! args field owner epoch notifierId
local token, revision, present, service = unpack(call('HMGET', queue, field, 'r', 'N', 'v'))
if not revision then return { 'gone', 0 } end
if field == 'u' then
  if present ~= notifierId then return { 'gone', 0 } end
  if service then return { 'ended', 0 } end
end
local holder, at = parse(token)
if holder ~= owner and at >= tonumber(epoch) then return { 'ended', at } end
if at < tonumber(epoch) then
  at = tonumber(epoch)
  call('HSET', queue, field, owner .. ':' .. at)
end
return { call('LLEN', list) > 0 and 'pending' or 'empty', at }
