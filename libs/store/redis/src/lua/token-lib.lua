-- What the scripts of tokens share. Each begins with the locals that its header names: keys, then arguments. A token's
-- state is text: the fields below, each ended by `;`, '' for none; times are Unix milliseconds, DAY and SENT seconds.
-- V, M and C are since when a verification, messages and a check are due, JV, JM and JC those that the job under way has; ACTIVATED
-- is the turn of the last activation.
local call = redis.call
local STATUS, REVISION, DAY, CRON, SENT, DEVICE, V, M, C, JV, JM, JC, LEASE, UNTIL, RETRY, ATTEMPTS, ACTIVATED =
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17
local KEPT = 6

local function number(text)
  return string.format('%.0f', tonumber(text))
end

local function add(key, name, by)
  if by ~= 0 and call('HINCRBY', key, name, by) == 0 then call('HDEL', key, name) end
end

local function count(name, by) add(counts, name, by) end

-- Tokens

local function fieldsOf(text)
  local s = {}
  for part in string.gmatch(text, '([^;]*);') do s[#s + 1] = part end
  return s
end

local function hasJob(s) return s[LEASE] ~= '' end

local function hasWork(s)
  return hasJob(s) or s[V] ~= '' or (s[M] ~= '' and s[STATUS] == 'ACTIVE')
end

-- From when on somebody may take it; nil: never.
local function dueAt(s)
  if hasJob(s) then return tonumber(s[UNTIL]) end
  local at = tonumber(s[V]) or math.huge
  if s[STATUS] == 'ACTIVE' then at = math.min(at, tonumber(s[M]) or math.huge, tonumber(s[C]) or math.huge) end
  if at == math.huge then return nil end
  return math.max(at, tonumber(s[RETRY]) or 0)
end

-- The state of a token, and what it was when it was read; nil where there is none.
local function tokenOf(tokenId)
  local text = call('HGET', states, tokenId)
  if not text then return nil end
  local s = fieldsOf(text)
  s.id, s.text, s.was, s.hadWork, s.dueAt = tokenId, text, s[STATUS], hasWork(s), dueAt(s)
  return s
end

local function textOf(s)
  return table.concat(s, ';') .. ';'
end

-- Written even where nothing changed: the answer waits for what makes an earlier one durable.
local function save(s)
  call('HSET', states, s.id, textOf(s))
  local at = dueAt(s)
  if at ~= s.dueAt then
    if at then call('ZADD', due, number(at), s.id) else call('ZREM', due, s.id) end
  end
  if s[STATUS] ~= s.was then
    if s.was then count('t:' .. s.was, -1) end
    count('t:' .. s[STATUS], 1)
  end
  local work = hasWork(s)
  if work ~= (s.hadWork or false) then count('due', work and 1 or -1) end
end

local function change(s, status)
  s[STATUS] = status
  s[REVISION] = number(s[REVISION] + 1)
end

local function nextCheck(s, now)
  if s[STATUS] ~= 'ACTIVE' or s[CRON] == '0' then return '' end
  return number(now + s[CRON] * 60000)
end

local function becomeInactive(s, status)
  change(s, status)
  s[C], s[JC] = '', ''
end

local function endJob(s)
  s[JV], s[JM], s[JC], s[LEASE], s[UNTIL] = '', '', '', '', ''
end

local function invalidate(s, status)
  if s[STATUS] ~= status then becomeInactive(s, status) end
  s[V], s[M], s[C], s[RETRY], s[ATTEMPTS] = '', '', '', '', '0'
  endJob(s)
end

-- What a job has is due again.
local function giveBack(s)
  if s[JV] ~= '' then s[V] = s[JV] end
  if s[JM] ~= '' then s[M] = s[JM] end
  if s[JC] ~= '' then s[C] = s[JC] end
  endJob(s)
end

-- Last notifications of a token: id of the subscription, nonce, sealed metadata, time, one after another; the newest last.

local function noteOf(subscriptionId, nonce, meta, receivedAt)
  return struct.pack('>Bc0Bc0Hc0d', #subscriptionId, subscriptionId, #nonce, nonce, #meta, meta, receivedAt)
end

local function notesOf(tokenId)
  local text, list, at = call('HGET', notes, tokenId) or '', {}, 1
  while at <= #text do
    local subscriptionId, nonce, _, _, after = struct.unpack('>Bc0Bc0Hc0d', text, at)
    list[#list + 1] = { id = subscriptionId, nonce = nonce, text = string.sub(text, at, after - 1) }
    at = after
  end
  return list
end

local function saveNotes(tokenId, list, before)
  local texts = {}
  for i = math.max(1, #list - KEPT + 1), #list do texts[#texts + 1] = list[i].text end
  if #texts > 0 then call('HSET', notes, tokenId, table.concat(texts)) else call('HDEL', notes, tokenId) end
  count('notifications', #texts - before)
end

-- Subscriptions: in the service (0, 1), status, token, relay, notifier, key.

local function subscriptionOf(subscriptionId)
  local text = call('HGET', subs, subscriptionId)
  if not text then return nil end
  local u = { id = subscriptionId, text = text }
  local at
  u.served, u.status, u.token, u.relay, at = struct.unpack('>c1Bc0Bc0c12', text)
  u.rest = string.sub(text, at)
  u.notifier = struct.unpack('>Bc0', text, at)
  return u
end

local function subscriptionText(u)
  return struct.pack('>c1Bc0Bc0c12', u.served, #u.status, u.status, #u.token, u.token, u.relay) .. u.rest
end

-- A subscription as it is answered: with the text of its relay.
local function toldOf(u)
  return { u.id, u.text, call('HGET', names, u.relay) }
end

local TO_MAKE = { NEW = true, PENDING = true, ACTIVE = true, INACTIVE = true }

-- Counts and indexes of a subscription, `by` 1 to add it and -1 to take it out.
local function index(u, by)
  local name = string.sub(u.status, 1, 3) == 'ERR' and 'ERR' or u.status
  count('s:' .. name, by)
  local member = u.relay .. u.id
  local toMake = TO_MAKE[u.status]
  local function into(key)
    if by > 0 then call('ZADD', key, 0, member) else call('ZREM', key, member) end
  end
  if u.served == '1' then into(served) elseif toMake then into(direct) end
  if u.status == 'NEW' then into(fresh) end
  if not toMake then return end
  add(open, u.relay, by)
  if u.served == '1' then add(serving, u.relay, by) end
end

local function changeSubscription(u, status, isServed)
  if u.status == status and u.served == isServed then return end
  index(u, -1)
  u.status, u.served = status, isServed
  u.text = subscriptionText(u)
  call('HSET', subs, u.id, u.text)
  index(u, 1)
end

-- A subscription that is new; `text` as it is kept.
local function addSubscription(subscriptionId, text, relayText)
  call('HSET', subs, subscriptionId, text)
  local u = subscriptionOf(subscriptionId)
  call('HSETNX', names, u.relay, relayText)
  index(u, 1)
  count('subscriptions', 1)
  return u
end

local function dropSubscription(u)
  call('HDEL', subs, u.id)
  index(u, -1)
  count('subscriptions', -1)
end

-- Members of an index that are of a relay, after a subscription id ('' for the first).
local function membersOf(key, relay, after, limit)
  local from = after == '' and '[' .. relay or '(' .. relay .. after
  return call('ZRANGEBYLEX', key, from, '(' .. relay .. string.rep('\255', 256), 'LIMIT', 0, limit)
end

local function idIn(member) return string.sub(member, 13) end

-- Jobs

-- A job as it is answered: the token, which kinds it has, since when, and what it is to announce.
local function jobOf(s)
  local kinds, since = '', math.huge
  for i, kind in ipairs({ 'v', 'm', 'c' }) do
    local at = tonumber(s[JV + i - 1])
    if at then kinds, since = kinds .. kind, math.min(since, at) end
  end
  local told = {}
  if s[JM] ~= '' then
    for _, note in ipairs(notesOf(s.id)) do
      local u = subscriptionOf(note.id)
      told[#told + 1] = { note.text, u.notifier, call('HGET', names, u.relay) }
    end
  end
  return { s.id, call('HGET', records, s.id), textOf(s), kinds, number(since), told }
end

-- Leases a token's job, where there is one that is nobody's; nil otherwise. The caller saves.
local function lease(s, now, name, till)
  if hasJob(s) then
    if tonumber(s[UNTIL]) > tonumber(now) then return nil end
    giveBack(s)
    s[ATTEMPTS] = number(s[ATTEMPTS] + 1)
  end
  local active = s[STATUS] == 'ACTIVE'
  local isCheck = active and s[C] ~= '' and tonumber(s[C]) <= tonumber(now)
  if (s[V] == '' and not (active and s[M] ~= '') and not isCheck) or (tonumber(s[RETRY]) or 0) > tonumber(now) then return nil end
  s[RETRY], s[LEASE], s[UNTIL] = '', name, till
  s[JV], s[V] = s[V], ''
  if active then s[JM], s[M] = s[M], '' end
  if isCheck then s[JC], s[C] = s[C], '' end
  return jobOf(s)
end

-- Whether a place was given up as somebody's who did not get to writing it: see `fence`.
local function isFenced(member, fence)
  return (call('ZSCORE', fences, member) or '') ~= fence
end

-- What goes with a token; answers its subscriptions.
local function removeToken(s)
  local told = {}
  for _, id in ipairs(call('HKEYS', members)) do
    local u = subscriptionOf(id)
    if u then
      told[#told + 1] = toldOf(u)
      dropSubscription(u)
    end
  end
  count('notifications', -#notesOf(s.id))
  call('HDEL', notes, s.id)
  call('HDEL', records, s.id)
  call('HDEL', states, s.id)
  call('DEL', members)
  call('ZREM', due, s.id)
  count('t:' .. s.was, -1)
  count('tokens', -1)
  if s.hadWork then count('due', -1) end
  return told
end
