import { fileOf, tarFiles, tarGzOf } from "./archives.ts";
import { type Ecosystem, type Files, templateUrl } from "./ecosystem.ts";

const FOLDER = "luarocks";
const VERSION = "3.1.1";
const ARCHIVE = `inspect.lua-${VERSION}.tar.gz`;
const LUA_VERSIONS = ["5.1", "5.2", "5.3", "5.4"];

/**
 * A rocks server with `inspect`, made of Debian's package. The protocol is a folder of rockspecs with a
 * manifest for each version of Lua (github.com/luarocks/luarocks, docs/manifest_file_format.md).
 */
export const luarocks: Ecosystem<"inspect"> = {
  folder: FOLDER,
  sources: {
    inspect: {
      debian: "pool/main/l/lua-inspect/lua-inspect_3.1.1-2_all.deb",
      sha256: "c3b00362f207af6749fe671489971701bd2e8cc2466332827485e08f1fd09286",
    },
  },
  async publish({ inspect }): Promise<Files> {
    const module = fileOf(tarFiles(inspect), "usr/share/lua/5.1/inspect.lua");
    const manifests = ["manifest", ...LUA_VERSIONS.map((version) => `manifest-${version}`)];
    return {
      [ARCHIVE]: await tarGzOf(new Map([[`inspect.lua-${VERSION}/inspect.lua`, module]])),
      [`inspect-${VERSION}-0.rockspec.template`]: ROCKSPEC,
      ...Object.fromEntries(manifests.map((name) => [name, MANIFEST])),
    };
  },
  client: (url) => ({
    env: { LUAROCKS_CONFIG: "/etc/luarocks.config.lua" },
    files: { "etc/luarocks.config.lua": `rocks_servers = { "${url}" }\n${DOWNLOADER}` },
  }),
};

/** It would take busybox's wget for GNU's, where that says which version it is. */
const DOWNLOADER = 'variables = { WGET = "no-wget" }\n';

const MANIFEST = `commands = {}
modules = {}
repository = { inspect = { ["${VERSION}-0"] = { { arch = "rockspec" } } } }
`;

const ROCKSPEC = `package = "inspect"
version = "${VERSION}-0"
source = { url = "${templateUrl(FOLDER, ARCHIVE)}", dir = "inspect.lua-${VERSION}" }
description = { summary = "Lua table visualizer, ideal for debugging", license = "MIT" }
dependencies = { "lua >= 5.1" }
build = { type = "builtin", modules = { inspect = "inspect.lua" } }
`;
