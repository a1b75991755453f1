-- Gives relays to a node: up to `limit` of those named, with text, in turns, that nobody has. Answers the ids.
--! frees
--! keys texts services claims nodes news
--! args node limit leaseMs
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local till = now + tonumber(leaseMs)
call('ZADD', nodes, till, node)
local got = {}
for i = 4, #ARGV do
  if #got >= tonumber(limit) then break end
  local holder, at = string.match(call('HGET', claims, ARGV[i]) or '', '^(.*):(%d+)$')
  if not holder or (holder ~= node and tonumber(at) <= now) then
    call('HSET', claims, ARGV[i], node .. ':' .. number(till))
    got[#got + 1] = ARGV[i]
  end
end
return got
