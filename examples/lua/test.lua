local settings = require("settings")

local defaults = { port = 8080, log = { level = "info", colour = false } }

local merged = settings.merge(defaults, { log = { level = "debug" } })
assert(merged.log.level == "debug", "what is given wins")
assert(merged.port == 8080, "what is left out has its default")
assert(merged.log.colour == false, "also where it is false, and deep down")

assert(settings.merge(defaults, { log = "none" }).log == "none", "a table may give way to a word")

assert(merged.log ~= defaults.log and defaults.log.level == "info", "the defaults stay as they are")

print("ok")
