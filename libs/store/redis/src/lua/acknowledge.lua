-- Removes the head message if it has this id, and answers with the present head: for `owner` only while it is the
-- subscriber; '' stands for whoever asks.
--! frees
--! keys queue messages
--! args revision owner msgId
local found, subscriber = unpack(call('HMGET', queue, 'r', 's'))
if found ~= revision then return stale() end
local head = call('LINDEX', messages, 0)
local kind, notify, next = '', 0, head
if head and idOf(head) == msgId then
  kind = isMarker(head) and 'Q' or 'M'
  notify = string.byte(head, 10 + string.byte(head, 3)) == 84 and 1 or 0
  next = removeHead(head)
end
if owner ~= '' and parse(subscriber) ~= owner then next = false end
return { 'ok', kind, notify, next }
