-- Removes expired notifications (version, six bytes of time, and the rest), oldest first; how many.
--! frees
--! keys queue notifications
--! args before
local removed = 0
local first = call('LINDEX', notifications, 0)
while first and word48(first, 2) < tonumber(before) do
  call('LTRIM', notifications, 1, -1)
  removed = removed + 1
  first = call('LINDEX', notifications, 0)
end
return removed
