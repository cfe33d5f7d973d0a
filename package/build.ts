import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleApk } from "../sandbox/base/apk-program.ts";
import { PREBUILT } from "../sandbox/prebuilt.ts";
import { registriesStamp } from "../sandbox/registries/registries.ts";
import { makeBundle, NOT_PACKED } from "../scripts/bundle.mjs";

/**
 * Makes `dist/`: all code of the package that others install, which npm does before `npm pack` and `npm publish`. What
 * is in it is bundled with the libraries that it uses, so that an installed package needs no other, no compiler and no
 * network: package.json has no `dependencies`.
 */

const PROJECT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const DIST = join(PROJECT, "dist");

rmSync(DIST, { recursive: true, force: true });
const commit = taggedCommit();
const { metafile } = await makeBundle({
  ...{ outdir: DIST, build: buildOf(), isPackage: true },
  ...(commit !== undefined && { commit }),
});
const outside = Object.values(metafile.outputs)
  .flatMap(({ imports }) => imports)
  .filter(
    ({ external, path }) =>
      external && !path.startsWith("node:") && !isBuiltin(path) && !NOT_PACKED.includes(path),
  )
  .map(({ path }) => path);
if (outside.length > 0)
  throw new Error(`the bundle would need packages: ${[...new Set(outside)].join(", ")}`);
mkdirSync(DIST, { recursive: true });
writeFileSync(join(DIST, PREBUILT.apk), await bundleApk());
writeFileSync(join(DIST, PREBUILT.registries), await registriesStamp());
writeFileSync(join(DIST, "THIRD-PARTY-LICENSES.txt"), licencesOf(Object.keys(metafile.inputs)));

/** The commit that is checked out, if it has the tag of this version, `v0.1.0`, and nothing was changed since. */
function taggedCommit(): string | undefined {
  const { version } = JSON.parse(readFileSync(join(PROJECT, "package.json"), "utf8")) as { version: string };
  const git = (...words: string[]) => spawnSync("git", words, { cwd: PROJECT, encoding: "utf8" });
  const head = git("rev-parse", "HEAD").stdout?.trim();
  const tagged = git("rev-parse", `refs/tags/v${version}^{commit}`);
  const isClean = git("status", "--porcelain").stdout === "";
  return tagged.status === 0 && tagged.stdout.trim() === head && isClean ? head : undefined;
}

/** Names a state of what is packed by its content: whoever packs the same gets the same. */
function buildOf(): string {
  const hash = createHash("sha256");
  for (const folder of ["scripts", "sandbox", "templates", "keys"]) {
    for (const name of readdirSync(join(PROJECT, folder), { recursive: true, encoding: "utf8" }).sort()) {
      const path = join(PROJECT, folder, name);
      if (/\.[a-z]+$/.test(name)) hash.update(`${folder}/${name}\0`).update(readFileSync(path));
    }
  }
  for (const name of ["catalog.yaml", "package.json", "package-lock.json"]) {
    hash.update(`${name}\0`).update(readFileSync(join(PROJECT, name)));
  }
  return hash.digest("hex").slice(0, 16);
}

/** The licences of the libraries that are in the bundle: most ask that they go with every copy. */
function licencesOf(inputs: readonly string[]): string {
  const folders = new Set(
    inputs.flatMap((file) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []),
  );
  const parts = [...folders].sort().map((folder) => {
    const path = join(PROJECT, folder);
    const { name, version, license } = JSON.parse(readFileSync(join(path, "package.json"), "utf8")) as Record<
      string,
      string
    >;
    const file = readdirSync(path).find((one) => /^licen[cs]e/i.test(one));
    const text =
      file !== undefined && existsSync(join(path, file)) ? readFileSync(join(path, file), "utf8") : "";
    return `${name} ${version} (${license})\n\n${text.trim()}\n`;
  });
  return parts.join(`\n${"-".repeat(80)}\n\n`);
}
