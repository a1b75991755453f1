-- Makes a blocked file active; another keeps its status: 1; 0 for no file.
--! frees
--! keys file
--! args active
local before = call('HGET', file, 's')
if not before then return 0 end
call('HSET', file, 's', string.sub(before, 2, 2) == 'B' and active or before)
return 1
