-- Whether a token has a subscription; `relay` '' for one of whatever relay.
--! reads
--! keys records states subs direct served fresh names open serving counts due notes fences members
--! args tokenId subscriptionId relay notifierId
local u = subscriptionOf(subscriptionId)
return u and u.token == tokenId and (relay == '' or (u.relay == relay and u.notifier == notifierId)) and 1 or 0
