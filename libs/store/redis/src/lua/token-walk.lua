-- Subscriptions of a relay that are to be made one by one, after an id ('' for the first).
--! reads
--! keys records states subs direct served fresh names open serving counts due notes fences members
--! args relay after limit
local told = {}
for _, member in ipairs(membersOf(direct, relay, after, limit)) do told[#told + 1] = toldOf(subscriptionOf(idIn(member))) end
return told
