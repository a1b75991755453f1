-- The last notifications of a token.
--! reads
--! keys records states subs direct served fresh names open serving counts due notes fences members
--! args tokenId
local told = {}
for _, note in ipairs(notesOf(tokenId)) do
  local u = subscriptionOf(note.id)
  told[#told + 1] = { note.text, u.notifier, call('HGET', names, u.relay) }
end
return told
