-- What every operation shares: the credentials, the count of wrong answers, the summary line.
--
-- wrk gives each thread a Lua state of its own. An operation with state per connection
-- (refresh, code flow) therefore runs with as many threads as connections.
local common = {}

common.data = dofile(os.getenv("BENCH_DATA"))

local threads = {}

function setup(thread)
  table.insert(threads, thread)
  thread:set("number", #threads)
end

-- Counted in globals: `done` runs in another Lua state and asks each thread for them.
mistakes = 0
complaint = ""

function common.mistake(what, status, body)
  mistakes = mistakes + 1
  if complaint == "" then
    complaint = what .. ", status " .. status .. ": " .. string.sub(body or "", 1, 300)
  end
end

function common.escape(value)
  return (string.gsub(value, "[^%w%-._~]", function(char)
    return string.format("%%%02X", string.byte(char))
  end))
end

local function quoted(text)
  return '"' .. string.gsub(text, '[^%w %-._~:,/=?&%%+]', function(char)
    return string.format("\\u%04x", string.byte(char))
  end) .. '"'
end

function done(summary, latency, requests)
  local wrong, first = 0, ""
  for _, thread in ipairs(threads) do
    wrong = wrong + thread:get("mistakes")
    if first == "" then
      first = thread:get("complaint")
    end
  end
  local errors = summary.errors
  io.write(string.format(
    'BENCH {"requests": %d, "microseconds": %d, "p50": %d, "p99": %d, "mistakes": %d, '
      .. '"socket_errors": %d, "complaint": %s}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), wrong,
    errors.connect + errors.read + errors.write + errors.timeout, quoted(first)))
end

return common
