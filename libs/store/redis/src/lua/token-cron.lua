-- TCRN. 0: no such token.
--! frees
--! keys records states subs direct served fresh names open serving counts due notes fences members
--! args tokenId minutes now
local s = tokenOf(tokenId)
if not s then return 0 end
if s[CRON] ~= minutes then
  s[CRON] = minutes
  change(s, s[STATUS])
  s[JC] = ''
  s[C] = nextCheck(s, now)
end
save(s)
return 1
