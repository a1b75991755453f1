-- Puts words into a node's inbox (the arguments after the second). Where they would be too many, the inbox holds but
-- `!` instead, and the node asks the queues themselves.
--! frees
--! keys inbox
--! args capacity keepMs
if call('LLEN', inbox) + #ARGV - 2 > tonumber(capacity) then
  call('DEL', inbox)
  call('RPUSH', inbox, '!')
else
  for i = 3, #ARGV do call('RPUSH', inbox, ARGV[i]) end
end
call('PEXPIRE', inbox, keepMs)
return 0
