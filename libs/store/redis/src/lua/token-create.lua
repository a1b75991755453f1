-- Stores a token with its verification due. `fence`: what `token-look` told before the token was referred to.
--! grows
--! keys records states subs direct served fresh names open serving counts due notes fences members
--! args tokenId record device day now member fence
if isFenced(member, fence) then return { 'fenced' } end
local found = tokenOf(tokenId)
if found then
  save(found)
  return { found[DEVICE] == device and 'exists' or 'collision', call('HGET', records, tokenId), textOf(found) }
end
call('HSET', records, tokenId, record)
count('tokens', 1)
local s = { 'REGISTERED', '0', day, '0', '', device, now, '', '', '', '', '', '', '', '', '0', '0' }
s.id = tokenId
save(s)
return { 'created', record, textOf(s) }
