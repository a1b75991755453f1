-- Removes a token with all it has; `device`, `turn`: only if it has this place and was not activated in
-- a later turn, '' for any. Answers its place and subscriptions.
--! frees
--! keys records states subs direct served fresh names open serving counts due notes fences members
--! args tokenId device turn
local s = tokenOf(tokenId)
if not s or (device ~= '' and (s[DEVICE] ~= device or tonumber(s[ACTIVATED]) > tonumber(turn))) then return {} end
return { s[DEVICE], removeToken(s) }
