-- Operations without state: the same prepared requests, in turn.
local common = require "common"

local prepared = {}
local turn = 0

function init(args)
  for i, r in ipairs(common.data.requests) do
    prepared[i] = wrk.format(r.method, r.path, r.headers, r.body)
  end
end

function request()
  turn = turn % #prepared + 1
  return prepared[turn]
end

function response(status, headers, body)
  if status ~= 200 or not string.find(body, common.data.needed) then
    common.mistake("not " .. common.data.needed, status, body)
  end
end
