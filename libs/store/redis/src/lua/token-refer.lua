-- Makes a field name a value, unless it names another than that or `expected` ('' for none); answers what it names then.
--! grows
--! keys bucket
--! args field value expected
local held = call('HGET', bucket, field)
if held and held ~= value and held ~= expected then return held end
call('HSET', bucket, field, value)
return ''
