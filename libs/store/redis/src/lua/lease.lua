-- Gives a task to a node for a while, unless another one has it.
--! frees
--! keys lease
--! args node keepMs
local holder = call('GET', lease)
if holder and holder ~= node then return 0 end
call('SET', lease, node, 'PX', keepMs)
return 1
