-- The notifier of a queue, its service, and how many notifications wait for it.
--! reads
--! keys queue notifications
--! args
local notifierId, service = unpack(call('HMGET', queue, 'N', 'v'))
return { notifierId or '', service or '', call('LLEN', notifications) }
