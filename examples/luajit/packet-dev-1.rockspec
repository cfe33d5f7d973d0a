rockspec_format = "3.0"
package = "packet"
version = "dev-1"
source = { url = "." }
description = { summary = "Reads the header of an IPv4 packet, by LuaJIT's foreign function interface" }
dependencies = { "lua == 5.1", "inspect >= 3.1.1, < 4" }
build = { type = "builtin", modules = { packet = "packet.lua" } }
