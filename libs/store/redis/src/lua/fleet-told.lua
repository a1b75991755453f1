-- What the other nodes told that still counts, of `most` nodes at most.
--! reads
--! keys untilKey toldKey
--! args node most
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local texts = {}
for _, other in ipairs(call('ZRANGEBYSCORE', untilKey, '(' .. now, '+inf', 'LIMIT', 0, most)) do
  if other ~= node then texts[#texts + 1] = call('HGET', toldKey, other) end
end
return texts
