-- Stores a queue; `owner` ('' for none) is its first subscriber. Further arguments are the fields of the record.
--! grows
--! keys queue link
--! args owner linked fixedData userData
if call('EXISTS', queue) == 1 then return { 'taken', call('HGETALL', queue) } end
call('HSET', queue, unpack(ARGV, 5))
if owner ~= '' then call('HSET', queue, 's', owner .. ':1') end
if linked == '1' then call('HSET', link, 'f', fixedData, 'u', userData) end
return { 'ok', call('HGETALL', queue) }
