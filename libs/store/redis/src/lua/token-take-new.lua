-- Makes NEW subscriptions of a relay PENDING; answers them.
--! frees
--! keys records states subs direct served fresh names open serving counts due notes fences members
--! args relay limit
local told = {}
for _, member in ipairs(membersOf(fresh, relay, '', limit)) do
  local u = subscriptionOf(idIn(member))
  if u then
    changeSubscription(u, 'PENDING', u.served)
    told[#told + 1] = toldOf(u)
  else
    call('ZREM', fresh, member)
  end
end
return told
