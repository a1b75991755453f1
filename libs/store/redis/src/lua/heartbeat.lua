-- Tells that a node lives; answers the milliseconds since it told so last (-1: never), and all that live.
--! frees
--! keys nodes
--! args node liveMs forgetMs
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local last = call('ZSCORE', nodes, node)
call('ZADD', nodes, now, node)
call('ZREMRANGEBYSCORE', nodes, '-inf', now - tonumber(forgetMs))
return { last and now - tonumber(last) or -1, call('ZRANGEBYSCORE', nodes, now - tonumber(liveMs), '+inf') }
