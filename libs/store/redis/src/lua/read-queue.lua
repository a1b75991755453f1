-- A queue with everything that belongs to it; nothing for one that is gone.
--! reads
--! keys queue messages link notifications
--! args
local record = call('HGETALL', queue)
if #record == 0 then return {} end
return {
  record, call('HMGET', link, 'f', 'u'), call('LRANGE', messages, 0, -1), call('LRANGE', notifications, 0, -1),
  call('HGET', queue, 'i') or '',
}
