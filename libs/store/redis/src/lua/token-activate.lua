-- TVFY accepted; the place of its device, whose other tokens are to go. Nothing where the revision is another.
--! frees
--! keys records states subs direct served fresh names open serving counts due notes fences members
--! args tokenId revision now turn
local s = tokenOf(tokenId)
if not s or s[REVISION] ~= revision then return '' end
s[V], s[JV] = '', ''
s[ACTIVATED] = turn
if s[STATUS] ~= 'ACTIVE' then
  change(s, 'ACTIVE')
  s[C] = nextCheck(s, now)
end
save(s)
return s[DEVICE]
