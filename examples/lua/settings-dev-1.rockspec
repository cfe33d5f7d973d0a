rockspec_format = "3.0"
package = "settings"
version = "dev-1"
source = { url = "." }
description = { summary = "Settings that fall back to defaults" }
dependencies = { "lua >= 5.1", "inspect >= 3.1.1, < 4" }
build = { type = "builtin", modules = { settings = "settings.lua" } }
