-- A whole file from elsewhere; its recipients as in `file-create`. `exists` where all of it is there.
--! grows
--! keys file members created usage bodies
--! args record status size createdAt senderId bodyId
local present, body = unpack(call('HMGET', file, 'r', 'b'))
if present then
  local same = present == record and (body or '') == bodyId and call('SCARD', members) == #KEYS - 5
  for i = 6, #KEYS do same = same and call('GET', KEYS[i]) == ARGV[8 + 2 * (i - 6)] end
  if not same then return 'collision' end
  call('HSET', file, 'r', record) -- the answer waits for what makes the first one durable
  return 'exists'
end
for i = 6, #KEYS do
  if call('EXISTS', KEYS[i]) == 1 then return 'collision' end
end
if bodyId ~= '' and call('HEXISTS', bodies, bodyId) == 1 then return 'collision' end
call('HSET', file, 'r', record, 's', status, 'z', size)
for i = 6, #KEYS do
  local at = 7 + 2 * (i - 6)
  call('SET', KEYS[i], ARGV[at + 1])
  call('SADD', members, ARGV[at])
end
call('ZADD', created, createdAt, senderId)
call('HINCRBY', usage, 'files', 1)
if bodyId ~= '' then
  call('HSET', file, 'b', bodyId)
  call('HSET', bodies, bodyId, 'H:' .. size .. ':' .. senderId)
  call('HINCRBY', usage, 'uploaded', 1)
  call('HINCRBY', usage, 'bytes', size)
end
return 'written'
