-- Stores a message by the quota rule (SMP §6.2).
-- `expireBefore`, `notification`: '' for none. Answers how many expired messages went and by how much messages and
-- notifications grew, and the tokens of those who have to hear.
--! grows
--! keys queue messages notifications
--! args revision quota expireBefore message notification
local msgId = idOf(message)
local found, lastId, closed, headTs, subscriber, notifierId, service, notifierSubscriber =
  unpack(call('HMGET', queue, 'r', 'i', 'x', 't', 's', 'N', 'v', 'u'))
if found ~= revision then return stale() end
local expired = 0
if expireBefore ~= '' and headTs and tonumber(headTs) < tonumber(expireBefore) then
  expired = expireHead(tonumber(expireBefore))
  lastId, closed = unpack(call('HMGET', queue, 'i', 'x'))
end
if closed then return { 'quota', expired, 0, 0, '' } end
local size = call('LLEN', messages)
local repeated = lastId == msgId
if not repeated and size >= tonumber(quota) then
  call('RPUSH', messages, markerOf(message))
  if size == 0 then call('HSET', queue, 'i', msgId, 'x', 1, 't', timeOf(message)) else call('HSET', queue, 'i', msgId, 'x', 1) end
  return { 'quota', expired, 1, 0, size == 0 and subscriber or '' }
end
local notified = notification ~= '' and notifierId
local kept = 0
if repeated then
  -- Written again so that the answer waits for what makes the first one durable.
  call('HSET', queue, 'i', msgId)
else
  call('RPUSH', messages, message)
  if size == 0 then call('HSET', queue, 'i', msgId, 't', timeOf(message)) else call('HSET', queue, 'i', msgId) end
  if notified then
    -- The newest 128: a notifier without a subscriber costs a bounded amount of memory.
    if call('RPUSH', notifications, notification) > 128 then call('LTRIM', notifications, -128, -1) else kept = 1 end
  end
end
local first = size == (repeated and 1 or 0)
return {
  'stored', expired, repeated and 0 or 1, kept, first and subscriber or '',
  notified or '', notified and service or '', notified and notifierSubscriber or '',
}
