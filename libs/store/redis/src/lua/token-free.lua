-- Removes a field if it names this.
--! frees
--! keys bucket
--! args field value
if call('HGET', bucket, field) == value then call('HDEL', bucket, field) end
return 0
