-- Where `luarocks-5.1 --tree lua_modules` puts modules.
package.path = "lua_modules/share/lua/5.1/?.lua;" .. package.path

local inspect = require("inspect")
local packet = require("packet")

local query = "\69\0\0\56\18\52\0\0\64\17\0\0\10\0\0\7\9\9\9\9"

print(inspect(packet.read(query)))
