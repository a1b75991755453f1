-- A new file with its first recipients; nothing where an id is taken. `recipients`: an id as text and a value for each of
-- the keys after the named ones.
--! grows
--! keys file members created usage
--! args record status size createdAt senderId
if call('EXISTS', file) == 1 then return 'collision' end
for i = 5, #KEYS do
  if call('EXISTS', KEYS[i]) == 1 then return 'collision' end
end
call('HSET', file, 'r', record, 's', status, 'z', size)
for i = 5, #KEYS do
  local at = 6 + 2 * (i - 5)
  call('SET', KEYS[i], ARGV[at + 1])
  call('SADD', members, ARGV[at])
end
call('ZADD', created, createdAt, senderId)
call('HINCRBY', usage, 'files', 1)
return 'created'
