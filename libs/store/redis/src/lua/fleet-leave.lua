-- Takes off the board what a node told of itself.
--! frees
--! keys untilKey toldKey
--! args node
call('ZREM', untilKey, node)
return call('HDEL', toldKey, node)
