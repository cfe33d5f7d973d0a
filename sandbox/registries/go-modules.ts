import { gunzipSync } from "node:zlib";
import { fileOf, moved, sourceFiles, zipOf } from "./archives.ts";
import type { Ecosystem } from "./ecosystem.ts";

const MODULE = "github.com/google/uuid";
const VERSION = "v1.6.0";

/**
 * A Go module proxy with `github.com/google/uuid`, whose files are upstream's own from Debian's source package:
 * they have the checksum that everybody's go.sum has. The protocol is GOPROXY's (go.dev/ref/mod#goproxy-protocol).
 */
export const goModules: Ecosystem<"uuid"> = {
  folder: "go",
  sources: {
    uuid: {
      debian: "pool/main/g/golang-github-google-uuid/golang-github-google-uuid_1.6.0.orig.tar.gz",
      sha256: "ee63376b5675376c60e055ed66e5f3651ccc703bd580c022b8ad00cea309252d",
    },
  },
  async publish({ uuid }) {
    const files = sourceFiles(gunzipSync(uuid));
    const info = JSON.stringify({ Version: VERSION, Time: "2024-01-23T18:54:04Z" });
    const versions = `${MODULE}/@v`;
    return {
      [`${MODULE}/@latest`]: info,
      [`${versions}/list`]: `${VERSION}\n`,
      [`${versions}/${VERSION}.info`]: info,
      [`${versions}/${VERSION}.mod`]: fileOf(files, "go.mod"),
      [`${versions}/${VERSION}.zip`]: zipOf(moved(files, "", `${MODULE}@${VERSION}/`)),
    };
  },
  // The public checksum database cannot be reached from a sandbox; go.sum is checked all the same.
  client: (url) => ({ env: { GOPROXY: url, GOSUMDB: "off" } }),
};
