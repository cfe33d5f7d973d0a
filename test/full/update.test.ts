import { resolve } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { targetsOf } from "../../scripts/catalog/targets/targets.ts";
import { askOffers, carriersOf, type Offers } from "../../scripts/update/carriers.ts";
import { editCatalog } from "../../scripts/update/edit.ts";
import { proposalsOf } from "../../scripts/update/find.ts";
import type { AlpineBranch } from "../../scripts/update/releases.ts";
import { branchesOf, type Change, isEdit } from "../../scripts/update/situation.ts";
import { readWritten, type WrittenCatalog, writtenCatalog } from "../../scripts/update/written.ts";
import { noFixtures, noPackageTable } from "../support/alpine-fixtures.ts";
import { knownPackages, whyNotToBeHad } from "../support/known-packages.ts";
import { knownUpstream } from "../unit/update/known-upstream.ts";
import { inShort } from "../unit/update/situations.ts";

const CATALOG = resolve(import.meta.dirname, "../../catalog.yaml");
/** Whatever the real day: the table ends with 3.24. */
const TODAY = new Date("2026-06-15T12:00:00Z");
const skipped = noFixtures ?? noPackageTable;

describe.skipIf(skipped)(
  `update of the catalog by Alpine's packages${skipped ? ` (skipped: ${skipped})` : ""}`,
  () => {
    let real: WrittenCatalog;
    let released: readonly AlpineBranch[];
    let offers: Offers;
    /** The catalog once it has been updated. */
    let updated: WrittenCatalog;

    const changesOf = (written: WrittenCatalog): Change[] => {
      const branches = branchesOf(written, released, TODAY);
      return proposalsOf({ written, branches, offers, today: TODAY, isChosen: () => true });
    };
    const update = (written: WrittenCatalog) =>
      writtenCatalog(
        CATALOG,
        editCatalog(
          written.text,
          changesOf(written).filter((one) => isEdit(one)),
        ),
      );
    const news = (written: WrittenCatalog) =>
      inShort(changesOf(written).filter(({ kind }) => kind !== "ended"));

    beforeAll(async () => {
      real = await readWritten(CATALOG);
      released = Object.entries(real.entry.branches).map(([name, { eol }]) => ({ name, eol }));
      const { supported } = branchesOf(real, released, TODAY);
      ({ offers } = await askOffers(knownUpstream(), supported, real.entry.platforms.slice(0, 1)));
      updated = await update(real);
    });

    it("is done once it is done", () => {
      expect(news(updated)).toEqual([]);
    });

    it("leaves no target without its packages", () => {
      const moved = targetsOf(updated.entry, CATALOG, () => "").filter(({ branch }) => offers.has(branch));
      expect(moved.length).toBeGreaterThan(100);
      const known = new Map([...offers.keys()].map((branch) => [branch, knownPackages(branch)]));
      const wrong = moved.flatMap(({ name, branch, world }) => {
        const ofBranch = known.get(branch);
        return world.flatMap((word) => {
          const why = ofBranch && whyNotToBeHad(word, ofBranch);
          return why === undefined ? [] : [`${name} on ${branch}: ${word}: ${why}`];
        });
      });
      expect(wrong).toEqual([]);
    });

    it("brings back every version that was put on an older branch", async () => {
      const there = Object.entries(updated.entry.images).flatMap(([image, { versions }]) =>
        Object.entries(versions)
          .filter(([version, { branch }]) => isSaidHere(updated, image, version) && offers.has(branch))
          // Nothing is moved to where its repository has ended.
          .filter(([version, { branch }]) => !hasEnded(updated, image, version, branch))
          .map(([version, { branch }]) => ({ image, version, from: branch, to: "3.18" })),
      );
      const back = there.map((one) => ({ ...one, kind: "move", along: [], why: "" }) as const);
      const older = await writtenCatalog(CATALOG, editCatalog(updated.text, back));
      const moves = changesOf(older).filter(({ kind }) => kind === "move");
      const expected = there.map(({ image, version, from }) => `move ${image}:${version} 3.18 → ${from}`);
      expect(inShort(moves).sort()).toEqual(expected.sort());
      expect((await update(older)).text).toBe(updated.text);
    });

    it("makes today's catalog of that of the time of Alpine 3.22", async () => {
      const past = await writtenCatalog(CATALOG, textAt("3.22", real, offers));
      expect(Object.keys(past.entry.branches)[0]).toBe("3.22");
      // Nobody can know Tcl 9's package by the name of Tcl 8's; these are told of, as their siblings have
      // packages to themselves, or a Composer that is made for another PHP.
      const byHand = ["php:8.5", "elixir:1.19", "gleam:1.17", "gleam:1.13", "tcl:9.0"];
      expect(
        news(past)
          .filter((line) => line.startsWith("hint"))
          .map((line) => line.split(" ")[1]),
      ).toEqual(byHand.slice(0, 4).map((name) => `${name}:`));
      const versionsOf = ({ entry }: WrittenCatalog) =>
        Object.entries(entry.images).flatMap(([image, { versions }]) =>
          Object.entries(versions).map(([version, { branch, package: own = "" }]) =>
            [`${image}:${version}`, branch, own].join(" "),
          ),
        );
      // PHP-FPM has the versions that PHP has. 3.23 has SBCL 2.5 too, but its community had ended when today's catalog was written.
      const told = [...byHand, "php-fpm:8.5", "sbcl:2.5"];
      const others = (lines: readonly string[]) =>
        lines.filter((line) => !told.some((name) => line.startsWith(`${name} `))).toSorted();
      expect(others(versionsOf(await update(past)))).toEqual(others(versionsOf(updated)));
    });
  },
);

function hasEnded({ entry }: WrittenCatalog, image: string, version: string, branch: string): boolean {
  const repository = entry.images[image]?.versions[version]?.repository ?? entry.images[image]?.repository;
  const end = entry.branches[branch]?.community;
  return repository === "community" && end !== undefined && new Date(end) <= TODAY;
}

function isSaidHere({ source }: WrittenCatalog, image: string, version: string): boolean {
  return source.has(["images", image, "versions", version, "branch"]);
}

/**
 * The catalog as it may have been when a branch was the newest: without those after it, and with what stands on
 * these today on that branch, or not at all where it has not got it.
 */
function textAt(newest: string, { text, entry }: WrittenCatalog, offers: Offers): string {
  let image = "";
  const isThere = (version: string) => {
    const versionEntry = entry.images[image]?.versions[version];
    if (!versionEntry) return true;
    return carriersOf(entry, { image, version, entry: versionEntry }, [newest], offers).length > 0;
  };
  const isLater = (branch: string) => Number(branch.slice(2)) > Number(newest.slice(2));
  const lines = text.split("\n").flatMap((line) => {
    image = /^ {2}(\w[\w-]*):$/.exec(line)?.[1] ?? image;
    const branch = /^ {2}"(3\.\d+)": \{ eol/.exec(line)?.[1];
    if (branch !== undefined && isLater(branch)) return [];
    const version = /^ {6}"([\d.]+)":/.exec(line)?.[1];
    const older = line.replace(/(?<=branch: ")3\.\d+/, (on) => (isLater(on) ? newest : on));
    const isCarried = version === undefined || (older === line && !line.endsWith("{}")) || isThere(version);
    return isCarried ? [older] : [];
  });
  return lines.join("\n");
}
