-- Renews what a node has of the relays named; answers those that it has no more. One that a failover lost is its again.
--! frees
--! keys texts services claims nodes news
--! args node leaseMs
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local till = number(now + tonumber(leaseMs))
call('ZADD', nodes, till, node)
call('ZREMRANGEBYSCORE', nodes, '-inf', now - 60000)
local lost = {}
for i = 3, #ARGV do
  local holder = string.match(call('HGET', claims, ARGV[i]) or '', '^(.*):%d+$')
  if holder and holder ~= node then lost[#lost + 1] = ARGV[i] else call('HSET', claims, ARGV[i], node .. ':' .. till) end
end
return lost
