import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type PackageInfo, writeIndex, writePackage } from "../../../../sandbox/mirror/apk-file.ts";
import type { Entry } from "../../../../sandbox/mirror/data-member.ts";
import type { SigningKey } from "../../../../sandbox/mirror/signing-key.ts";

import { ourKey } from "../../../support/signing-keys.ts";

type Sample = Partial<PackageInfo> & {
  readonly name: string;
  readonly version: string;
  readonly entries?: Entry[];
};

const directory = (path: string, mode = 0o755): Entry => ({ type: "directory", path, mode });
const link = (path: string, target: string): Entry => ({ type: "link", path, target });
const file = (path: string, content: string, mode = 0o644): Entry => ({
  type: "file",
  path,
  mode,
  content: Buffer.from(content),
});

const LIBC = [
  directory("lib"),
  file("lib/libc.so.1", "libc", 0o755),
  link("lib/ld.so", "libc.so.1"),
  directory("etc"),
];
const TOOL = [
  directory("usr"),
  directory("usr/bin"),
  file("usr/bin/tool", "#!/bin/sh\n", 0o755),
  file("usr/bin/su-tool", "setuid", 0o4755),
  directory("var"),
  directory("var/secret", 0o700),
  file("var/secret/key", "key", 0o600),
  link("usr/bin/t", "tool"),
];

/** One package of each kind that the templates' worlds meet. */
const PACKAGES: readonly Sample[] = [
  { name: "libc", version: "1.2.5-r0", provides: ["so:libc.so.1=1"], entries: LIBC },
  { name: "tool", version: "21.0-r0", depends: ["so:libc.so.1"], entries: TOOL.slice(0, 3) },
  { name: "tool", version: "22.4.1-r1", depends: ["so:libc.so.1"], entries: TOOL },
  {
    name: "app",
    version: "1.0-r0",
    depends: ["tool~22", "shell"],
    entries: [directory("usr"), directory("usr/share"), file("usr/share/app", "app")],
  },
  { name: "old-app", version: "1.0-r0", depends: ["app", "tool<22"] },
  { name: "lonely", version: "1.0-r0", depends: ["nowhere"] },
  {
    name: "shell-a",
    version: "1.0-r0",
    provides: ["shell=1"],
    entries: [directory("bin"), file("bin/a", "a", 0o755)],
  },
  {
    name: "shell-b",
    version: "1.0-r0",
    provides: ["shell=2"],
    entries: [directory("bin"), file("bin/b", "b", 0o755)],
  },
  { name: "editor-a", version: "1.0-r0", provides: ["editor"] },
  { name: "editor-b", version: "1.0-r0", provides: ["editor"] },
  {
    name: "thief",
    version: "1.0-r0",
    entries: [directory("usr"), directory("usr/share"), file("usr/share/app", "stolen")],
  },
];

/** Writes a small signed repository for x86_64 into `directory/main`. @returns the key it is signed with */
export async function writeSampleRepository(target: string): Promise<SigningKey> {
  const key = ourKey();
  const folder = join(target, "main/x86_64");
  mkdirSync(folder, { recursive: true });
  const entries: string[] = [];
  for (const { entries: content = [], ...sample } of PACKAGES) {
    const info = {
      description: "a sample",
      architecture: "x86_64",
      license: "MIT",
      depends: [],
      provides: [],
      ...sample,
    };
    entries.push(await writePackage(join(folder, `${info.name}-${info.version}.apk`), info, content, key));
  }
  await writeIndex(join(folder, "APKINDEX.tar.gz"), "samples", entries, key);
  return key;
}
