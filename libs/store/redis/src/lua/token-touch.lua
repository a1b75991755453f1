-- Records the day of last use; ignores missing tokens.
--! frees
--! keys records states subs direct served fresh names open serving counts due notes fences members
--! args tokenId day
local s = tokenOf(tokenId)
if s and s[DAY] ~= day then
  s[DAY] = day
  save(s)
end
return 0
