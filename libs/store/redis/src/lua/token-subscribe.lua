-- Stores a subscription, NEW; `fence` as for `token-create`.
--! grows
--! keys records states subs direct served fresh names open serving counts due notes fences members
--! args tokenId subscriptionId text relay relayText notifierId member fence
if isFenced(member, fence) then return { 'fenced' } end
local u = subscriptionOf(subscriptionId)
if u then
  if u.relay ~= relay or u.notifier ~= notifierId then return { 'collision' } end
  call('HSET', subs, u.id, u.text)
  return { 'exists', toldOf(u) }
end
if call('HEXISTS', states, tokenId) == 0 then return { 'gone' } end
u = addSubscription(subscriptionId, text, relayText)
call('HSET', members, subscriptionId, '')
return { 'created', toldOf(u) }
