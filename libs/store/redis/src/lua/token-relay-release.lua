-- A node gives back the relays named; `leaves` 1: and is no more itself.
--! frees
--! keys texts services claims nodes news
--! args node leaves
for i = 3, #ARGV do
  if string.match(call('HGET', claims, ARGV[i]) or '', '^(.*):%d+$') == node then call('HDEL', claims, ARGV[i]) end
end
if leaves == '1' then call('ZREM', nodes, node) end
return 0
