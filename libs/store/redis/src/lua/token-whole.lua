-- A token with all it has, for a walk.
--! reads
--! keys records states subs direct served fresh names open serving counts due notes fences members
--! args tokenId
local text = call('HGET', states, tokenId)
if not text then return {} end
local told, list = {}, {}
for _, id in ipairs(call('HKEYS', members)) do told[#told + 1] = toldOf(subscriptionOf(id)) end
for _, note in ipairs(notesOf(tokenId)) do
  local u = subscriptionOf(note.id)
  list[#list + 1] = { note.text, u.notifier, call('HGET', names, u.relay) }
end
return { call('HGET', records, tokenId), text, told, list }
