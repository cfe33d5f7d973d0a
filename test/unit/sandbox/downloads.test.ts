import pLimit from "p-limit";
import { describe, expect, it } from "vitest";
import { downloadInParts, downloadParts } from "../../../sandbox/mirror/downloads.ts";

const sized = (sizes: Readonly<Record<string, number>>) =>
  Object.entries(sizes).map(([name, size]) => ({ name, size }));

describe("downloadParts", () => {
  it("begins with the largest, and parts by bytes", () => {
    const wanted = sized({ awk: 1, gcc: 60, go: 50, make: 4, perl: 20, sed: 2, tcl: 3 });
    expect(downloadParts(wanted)).toEqual([["gcc"], ["go"], ["perl"], ["make", "tcl", "sed", "awk"]]);
  });

  it("knows no size: all in one part", () => {
    expect(downloadParts(sized({ a: 0, b: 0 }))).toEqual([["a", "b"]]);
  });

  it("has no part of nothing", () => {
    expect(downloadParts([])).toEqual([]);
  });

  it("leaves none out, whatever their sizes", () => {
    const wanted = Array.from({ length: 100 }, (_, index) => ({ name: `p${index}`, size: index * index }));
    const parts = downloadParts(wanted);
    expect(parts.flat().sort()).toEqual(wanted.map(({ name }) => name).sort());
    expect(parts.length).toBeLessThanOrEqual(6);
  });
});

describe("downloadInParts", () => {
  const wanted = sized({ gcc: 60, awk: 1 });
  const pathsOf = (names: readonly string[]) => new Map(names.map((name) => [name, `/debs/${name}.deb`]));

  it("gives a package as soon as its part is there", async () => {
    let finish = () => {};
    const asked: string[][] = [];
    const archive = {
      async download(names: readonly string[]) {
        asked.push([...names]);
        if (names.includes("awk")) await new Promise<void>((resolve) => (finish = resolve));
        return pathsOf(names);
      },
    };
    const paths = downloadInParts(archive, wanted, "/debs", pLimit(1));
    expect(await paths.get("gcc")).toBe("/debs/gcc.deb");
    await expect.poll(() => asked).toEqual([["gcc"], ["awk"]]);
    finish();
    expect(await paths.get("awk")).toBe("/debs/awk.deb");
  });

  it("fails what comes after a part that fails, and asks for no more", async () => {
    const asked: string[][] = [];
    const archive = {
      async download(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
        asked.push([...names]);
        throw new Error("the mirror is gone");
      },
    };
    const paths = downloadInParts(archive, wanted, "/debs", pLimit(1));
    await expect(paths.get("awk")).rejects.toThrow("the mirror is gone");
    await expect(paths.get("gcc")).rejects.toThrow("the mirror is gone");
    expect(asked).toEqual([["gcc"]]);
  });

  it("names a package that did not come", async () => {
    const archive = { download: async () => pathsOf(["gcc"]) };
    const paths = downloadInParts(archive, wanted, "/debs", pLimit(1));
    await expect(paths.get("awk")).rejects.toThrow("awk was not downloaded");
  });
});
