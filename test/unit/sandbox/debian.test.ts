import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { mirrorIn, systemMirror } from "../../../sandbox/debian.ts";

describe("mirrorIn", () => {
  it("reads the one-line format, with and without options", () => {
    expect(mirrorIn("deb https://mirror.example/debian/ bookworm main\n")).toBe(
      "https://mirror.example/debian",
    );
    expect(mirrorIn("deb [arch=amd64] http://m.example/pub/debian trixie main")).toBe(
      "http://m.example/pub/debian",
    );
  });

  it("reads the deb822 format", () => {
    expect(mirrorIn("Types: deb\nURIs: http://m.example/debian\nSuites: bookworm\n")).toBe(
      "http://m.example/debian",
    );
  });

  it("passes over comments, the security archive and other archives", () => {
    expect(mirrorIn("# deb http://old.example/debian bookworm main")).toBeUndefined();
    expect(mirrorIn("URIs: http://m.example/debian-security\nSuites: bookworm-security")).toBeUndefined();
    expect(mirrorIn("deb http://packages.example/tools stable main")).toBeUndefined();
  });
});

describe("systemMirror", () => {
  let etc: string;
  beforeEach(async () => {
    etc = await mkdtemp(join(tmpdir(), "birdhouse-apt-"));
  });
  afterEach(() => rm(etc, { recursive: true }));

  it("is Debian's own where none is set up", async () => {
    expect(await systemMirror(etc)).toBe("http://deb.debian.org/debian");
  });

  it("looks into sources.list.d, past files that name another archive", async () => {
    await mkdir(join(etc, "sources.list.d"));
    await writeFile(join(etc, "sources.list"), "# moved\n");
    await writeFile(join(etc, "sources.list.d/a.list"), "deb http://other.example/tools stable main\n");
    await writeFile(
      join(etc, "sources.list.d/debian.sources"),
      "Types: deb\nURIs: http://m.example/debian\n",
    );
    await writeFile(join(etc, "sources.list.d/old.list.disabled"), "deb http://off.example/debian x main\n");
    expect(await systemMirror(etc)).toBe("http://m.example/debian");
  });
});
