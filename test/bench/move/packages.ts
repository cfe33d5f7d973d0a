import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { type PackageInfo, writeIndex, writePackage } from "../../../sandbox/mirror/apk-file.ts";
import type { SigningKey } from "../../../sandbox/mirror/signing-key.ts";
import { readTar } from "../../../scripts/formats/alpine/tar.ts";

/** The package that moves: no image asks for it, some get it with what they ask for. */
export const SHARED = "lib-shared";
export const TOOLS = "bench-tools";
export const BRANCH = "3.24";
export const BEFORE = "1.0.0-r0";
export const AFTER = "1.0.0-r1";
/** One version in so many holds the package that moves. */
const ONE_IN = 3;

/** The sandbox's mirror, and where what is laid over it goes. */
export interface MovingMirror {
  readonly sandbox: string;
  readonly directory: string;
  readonly architecture: string;
  readonly key: SigningKey;
  /** Versions of the app: 1 and on. */
  readonly versions: number;
}

/** Whether the app of a version depends on the package that moves. */
function holdsShared(version: string): boolean {
  return Number(version) % ONE_IN === 0;
}

/**
 * Writes a branch's main repository: what the sandbox has, and an app in several versions, tiny but real.
 * @param shared the version of the package that moves
 */
export async function writeRepository(mirror: MovingMirror, shared: string): Promise<void> {
  const directory = join(mirror.directory, `v${BRANCH}/main`, mirror.architecture);
  await mkdir(directory, { recursive: true });
  const infos = [
    infoOf(SHARED, shared, [], mirror),
    infoOf(TOOLS, "1.0.0-r0", [], mirror),
    ...Array.from({ length: mirror.versions }, (_, index) => appOf(String(index + 1), mirror)),
  ];
  const entries: string[] = [];
  for (const info of infos) {
    const path = join(directory, `${info.name}-${info.version}.apk`);
    entries.push(await writePackage(path, info, [fileOf(info)], mirror.key));
  }
  const all = [...(await sandboxEntries(mirror)), ...entries];
  await writeIndex(join(directory, "APKINDEX.tar.gz"), `v${BRANCH}.0 benchmark`, all, mirror.key);
}

function appOf(version: string, mirror: MovingMirror): PackageInfo {
  const depends = ["busybox-binsh", ...(holdsShared(version) ? [SHARED] : [])];
  return infoOf(`app-${version}`, `${version}.0.0-r0`, depends, mirror);
}

function infoOf(
  name: string,
  version: string,
  depends: readonly string[],
  { architecture }: MovingMirror,
): PackageInfo {
  return { name, version, description: name, architecture, license: "MIT", depends, provides: [] };
}

/** An app greets, or says its version; another package has a file that says which one it is. */
function fileOf({ name, version }: PackageInfo) {
  const program = `#!/bin/sh\nif [ "$1" = --version ]; then echo ${version}; else echo 'hello, world'; fi\n`;
  return name.startsWith("app-")
    ? ({ type: "file", path: `usr/bin/${name}`, mode: 0o755, content: Buffer.from(program) } as const)
    : ({ type: "file", path: `usr/share/${name}`, mode: 0o644, content: Buffer.from(version) } as const);
}

async function sandboxEntries({ sandbox, architecture }: MovingMirror): Promise<string[]> {
  const index = await readFile(join(sandbox, `v${BRANCH}/main`, architecture, "APKINDEX.tar.gz"));
  for (const { path, content } of readTar(gunzipSync(index))) {
    if (path !== "APKINDEX") continue;
    const texts = content.toString("utf8").trimEnd().split("\n\n");
    return texts.map((text) => `${text}\n`);
  }
  throw new Error("the sandbox's index is empty");
}
