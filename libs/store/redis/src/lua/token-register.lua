-- TNEW repeated (NTF §2.3).
--! frees
--! keys records states subs direct served fresh names open serving counts due notes fences members
--! args tokenId now
local s = tokenOf(tokenId)
if not s then return {} end
if s[V] == '' then s[V] = now end
if s[STATUS] ~= 'REGISTERED' and s[STATUS] ~= 'CONFIRMED' and s[STATUS] ~= 'ACTIVE' then change(s, 'REGISTERED') end
save(s)
return { call('HGET', records, tokenId), textOf(s) }
