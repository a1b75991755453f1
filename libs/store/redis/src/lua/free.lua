-- Removes a key if it holds this: a reference to a queue, a lease of a node.
--! frees
--! keys key
--! args holder
if call('GET', key) == holder then call('DEL', key) end
return 0
