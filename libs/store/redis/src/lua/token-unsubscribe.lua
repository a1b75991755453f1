-- Removes a subscription with its last notification; answers it.
--! frees
--! keys records states subs direct served fresh names open serving counts due notes fences members
--! args tokenId subscriptionId
local u = subscriptionOf(subscriptionId)
if not u or u.token ~= tokenId then return '' end
local told = toldOf(u)
dropSubscription(u)
call('HDEL', members, subscriptionId)
local s = tokenOf(tokenId)
local list, kept = notesOf(tokenId), {}
for _, note in ipairs(list) do
  if note.id ~= subscriptionId then kept[#kept + 1] = note end
end
if #kept < #list then saveNotes(tokenId, kept, #list) end
if s and #kept == 0 then
  s[M], s[JM] = '', ''
  save(s)
end
return told
