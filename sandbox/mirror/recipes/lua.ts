import type { Recipe, Recipes } from "../recipe.ts";

/** The versions of Lua that LuaRocks is set up for. */
const WITH_LUAROCKS = ["5.1", "5.2", "5.3", "5.4"];

const luarocks = (version: string): [string, Recipe] => [
  `luarocks${version}`,
  { version: "1", needs: ["luarocks", `lua${version}`] },
];

/** Lua, each version of it under its own name, and LuaJIT. */
export const LUA_RECIPES: Recipes = {
  "lua5.1-dev": { holds: ["liblua5.1-0-dev"], needs: ["lua5.1"] },
  "lua5.2-dev": { holds: ["liblua5.2-dev"], needs: ["lua5.2"] },
  "lua5.3-dev": { holds: ["liblua5.3-dev"], needs: ["lua5.3"] },
  "lua5.4-dev": { holds: ["liblua5.4-dev"], needs: ["lua5.4"] },
  "lua5.5-dev": { holds: ["liblua5.5-dev"], needs: ["lua5.5"] },
  // It asks wget which version it is, and busybox's own wget, which the shell prefers, gives no answer; nor does
  // busybox's md5sum in the form that it expects.
  luarocks: { holds: ["luarocks"], needs: ["curl", "openssl"] },
  ...Object.fromEntries(WITH_LUAROCKS.map((one) => luarocks(one))),
  // Its version is the date of a commit; like Alpine's, it begins with what the program says.
  luajit: { holds: ["luajit"], version: "2.1" },
  "luajit-dev": { holds: ["libluajit-5.1-dev"], needs: ["luajit"] },
};
