import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  digestsInJournals,
  readJournals,
  removeTorn,
  writeJournal,
} from "../../../scripts/publish/journal.ts";
import { leaveJournal } from "../../support/histories.ts";
import { temporaryDirectory } from "../formats/oci/sample-image.ts";
import { digest } from "../report/sample-outcomes.ts";

const NAMESPACE = { registry: "r.example", path: "base" };
const NOW = new Date("2026-11-23T03:00:00Z");
const MOVE = { repository: "base/node", tag: "22", from: digest("a"), to: digest("b") };
const BUILD = { repository: "base/node", digest: digest("c"), parts: [digest("d")] };

/** The name of the only journal of a folder, once it was written. */
async function nameOf(release: string, path = "base") {
  const journals = await temporaryDirectory();
  const context = { journals, namespace: { ...NAMESPACE, path }, holder: "us" };
  const remove = await writeJournal(context, release, NOW, { kind: "removal", builds: [BUILD] });
  const [name = ""] = await readdir(journals);
  return { name, journals, remove };
}

describe("a journal", () => {
  it("says all that is to happen, whose it is and when it was begun, until it is removed", async () => {
    const { name, journals, remove } = await nameOf("base/node");
    expect(JSON.parse(await readFile(join(journals, name), "utf8"))).toEqual({
      ...{ version: 2, kind: "removal", registry: "r.example", namespace: "base", release: "base/node" },
      ...{ at: "2026-11-23T03:00:00.000Z", holder: "us", builds: [BUILD] },
    });
    await remove();
    expect(await readdir(journals)).toEqual([]);
  });

  it("has a name for people, of characters that any disk takes, with sixteen digits to tell names apart", async () => {
    expect((await nameOf("node:22")).name).toMatch(/^base_node_22-[0-9a-f]{16}\.publish\.json$/);
    expect((await nameOf("node:22", "te/am.x-y")).name).toMatch(/^te_am\.x-y_node_22-[0-9a-f]{16}\./);
    const { name } = await nameOf("x".repeat(300));
    expect(name).toMatch(/^base_x{95}-[0-9a-f]{16}\.publish\.json$/);
  });
});

describe("journals that are found", () => {
  it("are none where there is no folder", async () => {
    const nowhere = join(await temporaryDirectory(), "nowhere");
    expect(await readJournals(nowhere, NAMESPACE)).toEqual([]);
    await removeTorn(nowhere);
  });

  it("are those of this very catalog, by the order of their names, and each can be removed", async () => {
    const journals = await temporaryDirectory();
    await leaveJournal(journals, NAMESPACE, { moves: [MOVE] });
    await leaveJournal(journals, { ...NAMESPACE, registry: "other.example" }, {});
    await leaveJournal(journals, { ...NAMESPACE, path: "other" }, {});
    for (const release of ["c", "a", "b"]) {
      await writeJournal({ journals, namespace: NAMESPACE, holder: "" }, release, NOW, {
        kind: "removal",
        builds: [],
      });
    }
    // None of ours, and one that cannot be read.
    const [name = ""] = (await readdir(journals)).filter((one) => one.startsWith("base_a"));
    await writeFile(join(journals, "copy.json"), await readFile(join(journals, name)));
    await mkdir(join(journals, "folder.publish.json"));
    const found = await readJournals(journals, NAMESPACE);
    expect(found.map(({ journal }) => journal.release)).toEqual(["a", "b", "c", "node:22"]);
    const files = (await readdir(journals)).length;
    await found[0]?.remove();
    expect((await readdir(journals)).length).toBe(files - 1);
  });

  it("name digests that must stay: those of moves and histories, not of builds that go", async () => {
    const journals = await temporaryDirectory();
    const image = { mediaType: "x", digest: digest("e"), size: 1 };
    const { from: _, ...made } = { ...MOVE, tag: "22-dev", to: digest("f") };
    await leaveJournal(journals, NAMESPACE, {
      moves: [MOVE, made],
      images: [{ repository: "base/node", tag: "22", image, keep: 1 }],
    });
    await writeJournal({ journals, namespace: NAMESPACE, holder: "" }, "base/node", NOW, {
      kind: "removal",
      builds: [BUILD],
    });
    const named = await digestsInJournals(journals, NAMESPACE);
    expect([...named].toSorted()).toEqual(["a", "b", "e", "f"].map((letter) => digest(letter)).toSorted());
  });
});

describe("torn journals", () => {
  it("are removed; whole ones, what is no journal and what cannot be read stay", async () => {
    const journals = await temporaryDirectory();
    await leaveJournal(journals, NAMESPACE, {});
    await writeFile(join(journals, "torn.publish.json"), '{"version":2,');
    await writeFile(join(journals, "newer.publish.json"), '{"version":9}');
    await writeFile(join(journals, "notes.txt"), "{");
    await mkdir(join(journals, "folder.publish.json"));
    await removeTorn(journals);
    const names = (await readdir(journals)).map((name) => name.replace(/-[0-9a-f]{16}/, ""));
    expect(names.toSorted()).toEqual([
      "base_node_22.publish.json",
      "folder.publish.json",
      "newer.publish.json",
      "notes.txt",
    ]);
  });
});
