-- Whether a token has a place.
--! reads
--! keys records states subs direct served fresh names open serving counts due notes fences members
--! args tokenId device
local text = call('HGET', states, tokenId)
return text and fieldsOf(text)[DEVICE] == device and 1 or 0
