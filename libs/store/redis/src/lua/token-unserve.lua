-- Takes up to `limit` subscriptions of a relay out of its service; answers how many.
--! frees
--! keys records states subs direct served fresh names open serving counts due notes fences members
--! args relay limit
local found = membersOf(served, relay, '', limit)
for _, member in ipairs(found) do
  local u = subscriptionOf(idIn(member))
  changeSubscription(u, TO_MAKE[u.status] and 'INACTIVE' or u.status, '0')
end
return #found
