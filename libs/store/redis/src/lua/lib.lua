-- What scripts share. Each begins with the locals that its header names: keys, then arguments.
local call = redis.call

-- The record as it is, for whoever came with another revision; empty where there is none.
local function stale()
  return { 'stale', call('HGETALL', queue) }
end

-- A token `node:connection:epoch` as its owner and its epoch; '' and 0 where there is none.
local function parse(token)
  local owner, epoch = string.match(token or '', '^(.*):(%d+)$')
  return owner or '', tonumber(epoch or '0')
end

-- The epoch of a claim that follows: greater than the one before, and than any that a failover threw away, since the
-- time goes on.
local function nextEpoch(token)
  local _, epoch = parse(token)
  local time = call('TIME')
  return math.max(epoch + 1, time[1] * 1000 + math.floor(time[2] / 1000))
end

-- Stored messages: version, kind (M or Q), length and bytes of the id, six bytes of time, and what the scripts need not know.
local function idOf(message)
  return string.sub(message, 4, 3 + string.byte(message, 3))
end

local function isMarker(message)
  return string.byte(message, 2) == 81
end

local function word48(bytes, at)
  local a, b, c, d, e, f = string.byte(bytes, at, at + 5)
  return ((((a * 256 + b) * 256 + c) * 256 + d) * 256 + e) * 256 + f
end

local function timeOf(message)
  return word48(message, 4 + string.byte(message, 3))
end

-- The quota marker in place of a message: its id and time, no body, no notification.
local function markerOf(message)
  return string.sub(message, 1, 1) .. 'Q' .. string.sub(message, 3, 9 + string.byte(message, 3)) .. 'F'
end

-- Removes the first message, which is `head`; the next one, or false. A marker is the last message, and what it stood
-- for was never stored: offered again, that is new.
local function removeHead(head)
  call('LTRIM', messages, 1, -1)
  if isMarker(head) then
    call('HDEL', queue, 'x', 'i', 't')
    return false
  end
  local next = call('LINDEX', messages, 0)
  if next then call('HSET', queue, 't', timeOf(next)) else call('HDEL', queue, 't') end
  return next
end

-- Removes messages older than `before` from the head, up to the first newer one or marker; how many.
local function expireHead(before)
  local removed = 0
  local head = call('LINDEX', messages, 0)
  while head and not isMarker(head) and timeOf(head) < before do
    head = removeHead(head)
    removed = removed + 1
  end
  return removed
end
