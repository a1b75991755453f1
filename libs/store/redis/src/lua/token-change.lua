-- What a relay said of subscriptions: ids, notifier ids, statuses, and whether in the service (0, 1, '' as it was), in
-- turns. Answers how many are there, and whether any is NEW now.
--! frees
--! keys records states subs direct served fresh names open serving counts due notes fences members
--! args relay
local there, new = 0, 0
for i = 2, #ARGV, 4 do
  local u = subscriptionOf(ARGV[i])
  if u and u.relay == relay and u.notifier == ARGV[i + 1] then
    there = there + 1
    changeSubscription(u, ARGV[i + 2], ARGV[i + 3] == '' and u.served or ARGV[i + 3])
    if u.status == 'NEW' then new = 1 end
  end
end
return { there, new }
