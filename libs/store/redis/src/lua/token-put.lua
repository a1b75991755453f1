-- A whole token from elsewhere. `state` as it is kept; then its subscriptions: id, kept text, text of the relay, in turns;
-- `packed`: its notifications as they are kept.
--! grows
--! keys records states subs direct served fresh names open serving counts due notes fences members
--! args tokenId record state device member fence packed
if isFenced(member, fence) then return 'fenced' end
local found = tokenOf(tokenId)
if found then
  save(found)
  return found[DEVICE] == device and 'exists' or 'collision'
end
for i = 8, #ARGV, 3 do
  if call('HEXISTS', subs, ARGV[i]) == 1 then return 'collision' end
end
call('HSET', records, tokenId, record)
count('tokens', 1)
for i = 8, #ARGV, 3 do
  addSubscription(ARGV[i], ARGV[i + 1], ARGV[i + 2])
  call('HSET', members, ARGV[i], '')
end
if packed ~= '' then
  call('HSET', notes, tokenId, packed)
  count('notifications', #notesOf(tokenId))
end
local s = fieldsOf(state)
s.id = tokenId
save(s)
return 'written'
