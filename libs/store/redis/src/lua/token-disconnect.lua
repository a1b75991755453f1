-- ACTIVE ones of a relay, out of its service, become INACTIVE, in the next `limit` after an id ('' for the first); answers the last
-- id of these, '' at the end.
--! frees
--! keys records states subs direct served fresh names open serving counts due notes fences members
--! args relay after limit
local found = membersOf(direct, relay, after, limit)
for _, member in ipairs(found) do
  local u = subscriptionOf(idIn(member))
  if u.status == 'ACTIVE' then changeSubscription(u, 'INACTIVE', u.served) end
end
return #found < tonumber(limit) and '' or idIn(found[#found])
