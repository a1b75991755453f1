-- Adds to the counts of a window (tags and differences, in turns) and answers their totals.
--! grows
--! keys counts
--! args keepMs
local totals = {}
for i = 2, #ARGV, 2 do totals[#totals + 1] = call('HINCRBY', counts, ARGV[i], ARGV[i + 1]) end
call('PEXPIRE', counts, keepMs)
return totals
