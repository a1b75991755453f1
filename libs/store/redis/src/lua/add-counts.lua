-- Adds to the counts of the whole store: names and differences, in turns.
--! frees
--! keys counts
--! args
for i = 1, #ARGV, 2 do call('HINCRBY', counts, ARGV[i], ARGV[i + 1]) end
return 0
