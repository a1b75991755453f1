-- A subscription; and whether its token is there, with the fence of a place that it is about to take.
--! reads
--! keys records states subs direct served fresh names open serving counts due notes fences members
--! args subscriptionId tokenId member
local u = subscriptionId ~= '' and subscriptionOf(subscriptionId)
return { u and toldOf(u) or '', call('HEXISTS', states, tokenId), member ~= '' and call('ZSCORE', fences, member) or '' }
