import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { spreader } from "../../../../scripts/system/state/run-folder.ts";
import { temporaryDirectory } from "../../../unit/formats/oci/sample-image.ts";

afterEach(() => void vi.unstubAllEnvs());

describe("a folder whose content begins elsewhere on the disk", () => {
  it("is marked once, when it is there", async () => {
    const directory = await temporaryDirectory();
    const log = join(directory, "log");
    await mkdir(join(directory, "bin"));
    await writeFile(join(directory, "bin/chattr"), `#!/bin/sh\necho "$@" >> '${log}'\nexit 1\n`);
    await chmod(join(directory, "bin/chattr"), 0o755);
    vi.stubEnv("PATH", `${join(directory, "bin")}${delimiter}${process.env.PATH}`);
    const folder = join(directory, "store");
    const spread = spreader(folder);
    await spread();
    await mkdir(folder);
    // A file system that knows of no such thing says so: nobody minds.
    await spread();
    await spread();
    expect(await readFile(log, "utf8")).toBe(`+T ${folder}\n`);
  });

  it("stays as it is where there is no such program", async () => {
    const directory = await temporaryDirectory();
    vi.stubEnv("PATH", join(directory, "none"));
    await spreader(directory)();
  });
});
