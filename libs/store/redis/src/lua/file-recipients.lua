-- More recipients of a file: an id as text and a value for each of the keys after the named ones.
--! grows
--! keys file members
--! args
if call('EXISTS', file) == 0 then return 'gone' end
for i = 3, #KEYS do
  if call('EXISTS', KEYS[i]) == 1 then return 'collision' end
end
for i = 3, #KEYS do
  local at = 1 + 2 * (i - 3)
  call('SET', KEYS[i], ARGV[at + 1])
  call('SADD', members, ARGV[at])
end
return 'added'
