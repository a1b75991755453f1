-- Takes up to `limit` notifications of a notifier that is held by `owner`, directly or as the session of one of the
-- services that follow.
--! frees
--! keys queue notifications
--! args notifierId owner limit
local present, byService, subscriber = unpack(call('HMGET', queue, 'N', 'v', 'u'))
if present ~= notifierId then return {} end
if byService then
  local holds = false
  for i = 4, #ARGV do holds = holds or ARGV[i] == byService end
  if not holds then return {} end
elseif parse(subscriber) ~= owner then
  return {}
end
local taken = call('LRANGE', notifications, 0, tonumber(limit) - 1)
if #taken > 0 then call('LTRIM', notifications, #taken, -1) end
return taken
