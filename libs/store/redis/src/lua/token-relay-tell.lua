-- Parts of the store have NEW subscriptions of a relay (their names, of two characters). Answers the node that has the
-- relay, '' for none.
--! hints
--! keys texts services claims nodes news
--! args relay text
call('HSETNX', texts, relay, text)
for i = 3, #ARGV do call('ZADD', news, 0, relay .. ARGV[i]) end
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local holder, till = string.match(call('HGET', claims, relay) or '', '^(.*):(%d+)$')
if not holder or tonumber(till) <= now then holder = '' end
return holder
