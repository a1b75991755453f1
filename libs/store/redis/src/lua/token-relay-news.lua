-- Parts that may have NEW subscriptions of a relay; they are forgotten here.
--! frees
--! keys texts services claims nodes news
--! args relay
local found = call('ZRANGEBYLEX', news, '[' .. relay, '(' .. relay .. '\255\255\255')
local parts = {}
for i, member in ipairs(found) do
  parts[i] = string.sub(member, 13)
  call('ZREM', news, member)
end
return parts
