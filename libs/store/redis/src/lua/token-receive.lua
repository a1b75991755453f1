-- Notifications of one token (NTF §4.5): ids of subscription and notifier, nonce, metadata and time, in turns. Answers for
-- each whether it was kept, and the job that was leased as `name`, if any ('': none is wanted).
--! grows
--! keys records states subs direct served fresh names open serving counts due notes fences members
--! args tokenId relay now name till
local s = tokenOf(tokenId)
local kept = {}
if not s or s[STATUS] ~= 'ACTIVE' then
  for i = 6, #ARGV, 5 do kept[#kept + 1] = 0 end
  return { kept }
end
local list = notesOf(tokenId)
local before, any, changed = #list, false, false
for i = 6, #ARGV, 5 do
  local u = subscriptionOf(ARGV[i])
  local isOurs = u and u.token == tokenId and u.relay == relay and u.notifier == ARGV[i + 1]
  kept[#kept + 1] = isOurs and 1 or 0
  if isOurs then
    any = true
    local at
    for j, note in ipairs(list) do
      if note.id == u.id then at = j end
    end
    if not at or list[at].nonce ~= ARGV[i + 2] then
      if at then table.remove(list, at) end
      list[#list + 1] = { id = u.id, nonce = ARGV[i + 2], text = noteOf(u.id, ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]) }
      if #list > KEPT then table.remove(list, 1) end
      if s[M] == '' then s[M] = ARGV[i + 4] end
      changed = true
    end
  end
end
if not any then return { kept } end
if changed then saveNotes(tokenId, list, before) end
local job = name ~= '' and lease(s, now, name, till) or nil
save(s)
return { kept, job }
