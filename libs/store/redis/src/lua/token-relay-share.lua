-- Live nodes but this one, and relays that live nodes have.
--! reads
--! keys texts services claims nodes news
--! args node
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local own = tonumber(call('ZSCORE', nodes, node) or '0')
local live = call('ZCOUNT', nodes, '(' .. number(now), '+inf') - (own > now and 1 or 0)
local claimed = 0
for _, claim in ipairs(call('HVALS', claims)) do
  if tonumber(string.match(claim, ':(%d+)$')) > now then claimed = claimed + 1 end
end
return { live, claimed }
