local packet = require("packet")

local read = packet.read("\69\0\1\2\0\0\0\0\63\6\0\0\192\168\0\1\255\254\253\252payload")
assert(read.source == "192.168.0.1")
assert(read.destination == "255.254.253.252")
assert(read.length == 258, "the most significant byte comes first")
assert(read.protocol == "tcp")
assert(read.ttl == 63)

local function refuses(bytes, why)
  local ok, message = pcall(packet.read, bytes)
  assert(not ok and message:find(why, 1, true), "should refuse what is " .. why)
end
refuses("\69\0", "too short for a header")
refuses("\96" .. ("\0"):rep(39), "not IPv4")

print("ok")
