local bit = require("bit")
local ffi = require("ffi")

local packet = {}

-- RFC 791, section 3.1. Numbers of more than one byte have the most significant byte first.
ffi.cdef([[
typedef struct {
  uint8_t version_and_length;
  uint8_t service;
  uint8_t total_length[2];
  uint8_t identification[2];
  uint8_t fragment[2];
  uint8_t ttl;
  uint8_t protocol;
  uint8_t checksum[2];
  uint8_t source[4];
  uint8_t destination[4];
} ipv4_header;
]])

local PROTOCOLS = { [1] = "icmp", [6] = "tcp", [17] = "udp" }

local function number(bytes)
  return bit.bor(bit.lshift(bytes[0], 8), bytes[1])
end

local function address(bytes)
  return ("%d.%d.%d.%d"):format(bytes[0], bytes[1], bytes[2], bytes[3])
end

--- What the header of a packet says. Takes the packet's bytes as a string; raises an error where it is not IPv4.
function packet.read(bytes)
  assert(#bytes >= ffi.sizeof("ipv4_header"), "too short for a header")
  local header = ffi.cast("const ipv4_header *", bytes)
  assert(bit.rshift(header.version_and_length, 4) == 4, "not IPv4")
  return {
    source = address(header.source),
    destination = address(header.destination),
    length = number(header.total_length),
    protocol = PROTOCOLS[header.protocol] or header.protocol,
    ttl = header.ttl,
  }
end

return packet
