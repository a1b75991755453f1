-- TRPL: another device and code. Answers the place that it had before.
--! grows
--! keys records states subs direct served fresh names open serving counts due notes fences members
--! args tokenId record device now member fence
local s = tokenOf(tokenId)
if not s then return { 'gone' } end
if member ~= '' and isFenced(member, fence) then return { 'fenced' } end
local before = s[DEVICE]
becomeInactive(s, 'REGISTERED')
s[DEVICE] = device
if s[JM] ~= '' then s[M] = s[JM] end
endJob(s)
s[V], s[RETRY], s[ATTEMPTS] = now, '', '0'
call('HSET', records, tokenId, record)
save(s)
return { 'replaced', before, textOf(s) }
