-- When the first tokens of this part became due, up to `limit`.
--! reads
--! keys records states subs direct served fresh names open serving counts due notes fences members
--! args now limit
local told = call('ZRANGEBYSCORE', due, '-inf', now, 'WITHSCORES', 'LIMIT', 0, limit)
local times = {}
for i = 2, #told, 2 do times[#times + 1] = told[i] end
return times
