import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseReleases, readReleases } from "../../../scripts/update/releases.ts";
import { catalogFolder } from "../catalog/catalog-folder.ts";

/** Shaped as Alpine's own, with what nothing is built on. */
const TEXT = JSON.stringify({
  latest_stable: "v3.23",
  release_branches: [
    { rel_branch: "edge", arches: ["x86_64"], git_branch: "master", repos: [{ name: "main" }] },
    { rel_branch: "v3.9", branch_date: "2019-01-29", eol_date: "2020-11-01", releases: [] },
    {
      rel_branch: "v3.23",
      branch_date: "2025-12-03",
      eol_date: "2027-11-01",
      repos: [
        { name: "main", eol_date: "2027-11-01" },
        { name: "community", eol_date: "2026-06-09" },
      ],
    },
    { rel_branch: "v3.22", eol_date: "2027-05-01", repos: [{ name: "community", eol_date: null }] },
    { rel_branch: "v3.24", eol_date: null },
    { rel_branch: "v2.7", eol_date: "2015-11-01" },
  ],
});
const NAMES = ["3.23", "3.22", "3.9"];

describe("releases.json", () => {
  it("gives the branches that have a number and an end, the newest first", () => {
    expect(parseReleases("it", TEXT)).toEqual([
      { name: "3.23", eol: "2027-11-01", community: "2026-06-09" },
      { name: "3.22", eol: "2027-05-01" },
      { name: "3.9", eol: "2020-11-01" },
    ]);
  });

  it.each(["<html>", "[]", "{}", '{"release_branches": []}', '{"release_branches": [{"branch": "v3.22"}]}'])(
    "is told from %s",
    (text) => {
      expect(() => parseReleases("releases.json", text)).toThrow(
        /^releases.json is not like Alpine's releases.json: /,
      );
    },
  );

  it("is read from a file, as a copy for closed networks", async () => {
    const folder = await catalogFolder({ "releases.json": TEXT });
    const nothing = async () => undefined;
    const branches = await readReleases(join(folder, "releases.json"), nothing);
    expect(branches.map(({ name }) => name)).toEqual(NAMES);
    await expect(readReleases(join(folder, "none.json"), nothing)).rejects.toThrow(/none\.json: ENOENT/);
  });

  it("is fetched from a URL, and a copy kept only of a good one", async () => {
    const asked: string[] = [];
    const kept: string[] = [];
    const fetching = (text: string) => async (url: string) => {
      asked.push(url);
      return { bytes: Buffer.from(text), keep: async () => void kept.push(text) };
    };
    const url = "https://example.org/releases.json";
    expect((await readReleases(url, fetching(TEXT))).map(({ name }) => name)).toEqual(NAMES);
    await expect(readReleases(url, fetching("log in first"))).rejects.toThrow(
      /is not like Alpine's releases\.json/,
    );
    await expect(readReleases(url, async () => undefined)).rejects.toThrow("there is no such document");
    expect({ asked, kept }).toEqual({ asked: [url, url], kept: [TEXT] });
  });
});
