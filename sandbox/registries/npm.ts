import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { fileOf, hexDigest, sourceFiles } from "./archives.ts";
import { type Ecosystem, templateUrl } from "./ecosystem.ts";

const FOLDER = "npm";
const packageJson = z.looseObject({ name: z.string(), version: z.string() });

/**
 * The npm registry with the package `ms`, as npmjs.org has it. The protocol is the npm registry's HTTP API
 * (github.com/npm/registry, docs/responses/package-metadata.md).
 */
export const npm: Ecosystem<"ms"> = {
  folder: FOLDER,
  sources: { ms: { npm: "ms@2" } },
  async publish({ ms }) {
    const manifest = packageJson.parse(
      JSON.parse(fileOf(sourceFiles(gunzipSync(ms)), "package.json").toString()),
    );
    const { name, version } = manifest;
    const path = `${name}/-/${name}-${version}.tgz`;
    const dist = {
      tarball: templateUrl(FOLDER, path),
      shasum: hexDigest("sha1", ms),
      integrity: `sha512-${createHash("sha512").update(ms).digest("base64")}`,
    };
    const metadata = {
      name,
      "dist-tags": { latest: version },
      versions: { [version]: { ...manifest, dist } },
    };
    return { [`${name}/index.json.template`]: JSON.stringify(metadata), [path]: ms };
  },
  client: (url) => ({ env: { NPM_CONFIG_REGISTRY: `${url}/` } }),
};
