-- A token, and the fence of a place that it is about to take ('' for none).
--! reads
--! keys records states subs direct served fresh names open serving counts due notes fences members
--! args tokenId member
local text = call('HGET', states, tokenId)
return { call('HGET', records, tokenId), text or '', call('ZSCORE', fences, member) or '' }
