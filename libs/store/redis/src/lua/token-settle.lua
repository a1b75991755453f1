-- What became of the pushes of a job; `verification`, `messages` and `check` are a PushResult, '' for not tried. Answers the
-- token's next job, leased as `name`.
--! frees
--! keys records states subs direct served fresh names open serving counts due notes fences members
--! args tokenId leased device now retryAt verification messages check name till
local s = tokenOf(tokenId)
if not s then return {} end
local outcome = { verification, messages, check }
if s[LEASE] ~= leased then
  for i = 1, 3 do
    if string.sub(outcome[i], 1, 7) == 'INVALID' and string.sub(s[DEVICE], 1, #device) == device then
      invalidate(s, outcome[i])
      save(s)
      break
    end
  end
  return {}
end
local results, retried, invalid = 0, false, nil
for i = 1, 3 do
  local result, job = outcome[i], JV + i - 1
  if result ~= '' and s[job] ~= '' then
    results = results + 1
    if string.sub(result, 1, 7) == 'INVALID' then invalid = invalid or result end
    if result == 'retry' then
      retried = true
    else
      s[job] = ''
      if i == 1 and result == 'delivered' and s[STATUS] ~= 'CONFIRMED' and s[STATUS] ~= 'ACTIVE' then change(s, 'CONFIRMED') end
      if i == 3 then
        if result == 'delivered' then s[SENT] = number(math.floor(now / 1000)) end
        s[C] = nextCheck(s, now)
      end
    end
  end
end
if invalid then
  invalidate(s, invalid)
  save(s)
  return {}
end
local left = s[JV] ~= '' or s[JM] ~= '' or s[JC] ~= ''
s[RETRY] = left and retryAt or ''
if retried then s[ATTEMPTS] = number(s[ATTEMPTS] + 1) elseif results > 0 or not left then s[ATTEMPTS] = '0' end
giveBack(s)
local job = lease(s, now, name, till)
save(s)
return { job }
