import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isEdit } from "../../../scripts/update/situation.ts";
import { readWritten } from "../../../scripts/update/written.ts";
import { catalogFolder } from "../catalog/catalog-folder.ts";
import { fakeUpstream } from "./known-upstream.ts";
import { BRANCHES, catalogText, changesOf, inShort, RELEASED, situationOf } from "./situations.ts";

const GO = `package: go\nversions: { "1.26": { branch: "3.24" } }`;
const NEW = [{ name: "3.25", eol: "2028-11-01" }, ...RELEASED];
const upstream = fakeUpstream({
  "3.22": [],
  "3.23": [],
  "3.24": ["go 1.26.1-r0"],
  "3.25": ["go 1.26.4-r0"],
});

describe("branches", () => {
  it("that the catalog does not know are new while they are supported, and used at once", async () => {
    const released = [...NEW, { name: "3.20", eol: "2026-04-01" }];
    expect(inShort(await changesOf(catalogText({ go: GO }, BRANCHES), upstream, { released }))).toEqual([
      "branch 3.25 new → 2028-11-01",
      "move go:1.26 3.24 → 3.25",
    ]);
  });

  it("that end on another day are told, past ones too", async () => {
    const released = [
      { name: "3.24", eol: "2028-06-01" },
      { name: "3.21", eol: "2026-10-01" },
    ];
    expect(inShort(await changesOf(catalogText({ go: GO }, BRANCHES), upstream, { released }))).toEqual([
      "branch 3.24 2028-05-01 → 2028-06-01",
      "branch 3.21 2026-11-01 → 2026-10-01",
    ]);
  });

  it("end their community earlier: that is told of those that are supported, and of new ones", async () => {
    const released = [
      { name: "3.25", eol: "2028-11-01", community: "2027-05-01" },
      { name: "3.24", eol: "2028-05-01", community: "2026-12-03" },
      { name: "3.21", eol: "2026-11-01", community: "2025-05-30" },
    ];
    const changes = await changesOf(catalogText({ go: GO }, BRANCHES), upstream, { released });
    expect(changes[0]).toMatchObject({ branch: "3.25", to: "2028-11-01", community: "2027-05-01" });
    expect(inShort(changes)).toEqual([
      "branch 3.25 new → 2028-11-01",
      "branch 3.24 community new → 2026-12-03",
      "move go:1.26 3.24 → 3.25",
    ]);
  });

  it("are supported until the day of their end, by Alpine's word before the catalog's", async () => {
    const supportedOn = async (day: string, released = RELEASED) => {
      const today = new Date(`${day}T23:59:00Z`);
      const situation = await situationOf(catalogText({ go: GO }, BRANCHES), upstream, { today, released });
      return situation.branches.supported;
    };
    expect(await supportedOn("2026-10-31")).toEqual(["3.24", "3.23", "3.22", "3.21"]);
    expect(await supportedOn("2026-11-01")).toEqual(["3.24", "3.23", "3.22"]);
    expect(await supportedOn("2027-05-01", [{ name: "3.22", eol: "2027-06-01" }])).toContain("3.22");
  });

  it("are those of the catalog where Alpine's list is not known", async () => {
    const situation = await situationOf(catalogText({ go: GO }, BRANCHES), upstream, { released: [] });
    expect(situation.branches.supported).toEqual(["3.24", "3.23", "3.22"]);
  });

  it("are no business of a catalog that takes any", async () => {
    expect(inShort(await changesOf(catalogText({ go: GO }), upstream, { released: NEW }))).toEqual([
      "move go:1.26 3.24 → 3.25",
    ]);
  });

  it("of the catalog above belong there, and are not used before they are there", async () => {
    const own = `extends: above.yaml\n${catalogText({ go: GO })}`;
    const folder = await catalogFolder({ "own.yaml": own, "above.yaml": catalogText({ go: GO }, BRANCHES) });
    const changes = await changesOf(await readWritten(join(folder, "own.yaml")), upstream, { released: NEW });
    expect(changes).toMatchObject([{ kind: "branch", branch: "3.25", above: join(folder, "above.yaml") }]);
    expect(changes.some((one) => isEdit(one))).toBe(false);
  });

  it("are told with named images only where a change needs them", async () => {
    const released = [
      { name: "3.25", eol: "2028-11-01" },
      { name: "3.24", eol: "2028-06-01" },
      ...RELEASED.slice(1),
    ];
    const text = catalogText({ go: GO, other: GO }, BRANCHES);
    const only = (image: string) => ({
      released,
      isChosen: (name: { image: string }) => name.image === image,
    });
    expect(inShort(await changesOf(text, upstream, only("go")))).toEqual([
      "branch 3.25 new → 2028-11-01",
      "move go:1.26 3.24 → 3.25",
    ]);
    expect(inShort(await changesOf(text, upstream, only("none")))).toEqual([]);
  });
});
