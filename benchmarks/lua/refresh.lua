-- Refresh rotation: every connection keeps its own current refresh token.
local common = require "common"

local current

function init(args)
  current = common.data.tokens[number]
end

function request()
  return wrk.format("POST", common.data.path, common.data.headers,
    "grant_type=refresh_token&refresh_token=" .. common.escape(current))
end

function response(status, headers, body)
  local successor = string.match(body, '"refresh_token":%s*"([^"]+)"')
  if status ~= 200 or not successor or successor == current
    or not string.find(body, '"access_token":%s*"') then
    common.mistake("no successor", status, body)
    return
  end
  current = successor
end
