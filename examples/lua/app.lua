-- Where `luarocks --tree lua_modules` puts modules.
local version = _VERSION:match("%d+%.%d+")
package.path = "lua_modules/share/lua/" .. version .. "/?.lua;" .. package.path

local inspect = require("inspect")
local settings = require("settings")

local defaults = { port = 8080, log = { level = "info", colour = false } }

print(inspect(settings.merge(defaults, { host = "localhost", log = { level = "debug" } })))
