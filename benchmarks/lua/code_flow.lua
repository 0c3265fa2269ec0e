-- Code flow with a live session: GET authorize, take the code from the redirect, POST token.
-- Two requests are one flow. Every connection has its own session and PKCE pair.
local common = require "common"

local mine, code
local authorize

function init(args)
  mine = common.data.connections[number]
  authorize = wrk.format("GET", mine.path, mine.headers)
end

function request()
  if not code then
    return authorize
  end
  return wrk.format("POST", common.data.path, common.data.headers,
    common.data.body .. "&code=" .. code .. "&code_verifier=" .. mine.verifier)
end

local function take_code(status, headers, body)
  local location = headers["Location"] or headers["location"] or ""
  code = string.match(location, "[?&]code=([^&]+)")
  if (status ~= 302 and status ~= 303) or not code then
    common.mistake("no code in " .. location, status, body)
  end
end

function response(status, headers, body)
  if not code then
    take_code(status, headers, body)
    return
  end
  code = nil
  for _, member in ipairs({ "access_token", "id_token", "refresh_token" }) do
    if status ~= 200 or not string.find(body, '"' .. member .. '"', 1, true) then
      common.mistake("no " .. member, status, body)
      return
    end
  end
end
