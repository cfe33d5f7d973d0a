import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { digestOf } from "../../../scripts/formats/oci/digest.ts";
import { MEDIA_TYPE } from "../../../scripts/formats/oci/types.ts";
import { recover } from "../../../scripts/publish/move-release.ts";
import type { Registry } from "../../../scripts/registry/client.ts";
import { startPair } from "../../support/fake-registry.ts";
import { entriesOf, leaveJournal } from "../../support/histories.ts";
import { issuePermit } from "../../support/tag-mover.ts";
import { temporaryDirectory } from "../../unit/formats/oci/sample-image.ts";

const REPOSITORY = "base/node";

function index(title: string) {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [], annotations: { title } }));
  return { bytes, mediaType: MEDIA_TYPE.index, digest: digestOf(bytes) };
}
const [OLD, NEW, OTHER] = [index("old"), index("new"), index("other")];

/** What recovering needs, in a catalog's namespace. */
function recovering(registry: Registry, journals: string, path = "base") {
  const namespace = { registry: registry.host, path };
  return { registry, namespace, journals, permit: issuePermit(), note: () => {} };
}

/** A run was killed after it had moved `22` and before it moved `22-dev`, which is new, and `latest`. */
async function crashed() {
  const { registry, server } = await startPair();
  const directory = join(await temporaryDirectory(), "journals");
  for (const [tag, content] of [
    [OLD.digest, OLD],
    [NEW.digest, NEW],
    ["22", NEW],
    ["latest", OLD],
  ] as const) {
    await registry.putManifest(REPOSITORY, tag, content);
  }
  await leaveJournal(
    directory,
    { registry: registry.host, path: "base" },
    {
      moves: [
        { repository: REPOSITORY, tag: "22", from: OLD.digest, to: NEW.digest },
        { repository: REPOSITORY, tag: "latest", from: OLD.digest, to: NEW.digest },
        { repository: REPOSITORY, tag: "22-dev", to: NEW.digest },
      ],
      images: [
        {
          ...{ repository: REPOSITORY, tag: "22", keep: 10 },
          image: { mediaType: NEW.mediaType, digest: NEW.digest, size: NEW.bytes.length },
        },
      ],
    },
  );
  const digestOfTag = async (tag: string) => (await registry.headManifest(REPOSITORY, tag))?.digest;
  return { registry, server, directory, digestOfTag };
}

describe("after a crash", () => {
  it("the tags that are left are moved too, and the history is written", async () => {
    const { registry, directory, digestOfTag } = await crashed();
    expect(await recover(recovering(registry, directory))).toEqual([
      { release: "node:22", moved: ["latest", "22-dev"], skippedBecause: undefined },
    ]);
    for (const tag of ["22", "latest", "22-dev"]) expect(await digestOfTag(tag)).toBe(NEW.digest);
    const [newest] = await entriesOf(registry, REPOSITORY, "22");
    expect(newest).toMatchObject({
      image: { digest: NEW.digest },
      created: new Date("2026-11-23T03:00:00Z"),
    });
    expect(await readdir(directory)).toEqual([]);
    expect(await recover(recovering(registry, directory))).toEqual([]);
  });

  it("nothing is touched where somebody else has moved a tag since", async () => {
    const { registry, directory, digestOfTag } = await crashed();
    await registry.putManifest(REPOSITORY, "latest", OTHER);
    const [recovery] = await recover(recovering(registry, directory));
    expect(recovery?.skippedBecause).toContain("latest");
    expect(await digestOfTag("22-dev")).toBeUndefined();
    expect(await digestOfTag("latest")).toBe(OTHER.digest);
    expect(await readdir(directory)).toEqual([]);
  });

  it("the journal stays while the registry refuses", async () => {
    const { registry, server, directory, digestOfTag } = await crashed();
    server.fault = ({ method }) => (method === "PUT" ? { status: 403 } : undefined);
    expect(await recover(recovering(registry, directory))).toMatchObject([
      { moved: [], skippedBecause: expect.any(String) },
    ]);
    server.fault = () => undefined;
    await recover(recovering(registry, directory));
    expect(await digestOfTag("latest")).toBe(NEW.digest);
  });

  it("another registry's journal is left alone, and a torn one is removed", async () => {
    const { directory } = await crashed();
    const { registry } = await startPair();
    expect(await recover(recovering(registry, directory))).toEqual([]);
    expect(await readdir(directory)).toHaveLength(1);
    const torn = join(await temporaryDirectory(), "journals");
    await mkdir(torn);
    await writeFile(join(torn, "node_22.publish.json"), '{"version":1,');
    expect(await recover(recovering(registry, torn))).toEqual([]);
    expect(await readdir(torn)).toEqual([]);
  });

  it("two catalogs of different namespaces on one host, in one state directory, keep out of each other's way", async () => {
    const { registry, directory, digestOfTag } = await crashed();
    for (const [reference, content] of [
      [OLD.digest, OLD],
      [NEW.digest, NEW],
      ["22", OLD],
    ] as const) {
      await registry.putManifest("team/node", reference, content);
    }
    // Of the same release, and of names that come to the same where characters are replaced.
    for (const namespace of ["team", "te/am", "te_am"]) {
      await leaveJournal(
        directory,
        { registry: registry.host, path: namespace },
        {
          moves: [{ repository: `${namespace}/node`, tag: "22", from: OLD.digest, to: NEW.digest }],
        },
      );
    }
    expect(await readdir(directory)).toHaveLength(4);
    await recover(recovering(registry, directory));
    expect(await digestOfTag("latest")).toBe(NEW.digest);
    expect((await registry.headManifest("team/node", "22"))?.digest).toBe(OLD.digest);
    expect(await readdir(directory)).toHaveLength(3);
    expect(await recover(recovering(registry, directory, "team"))).toMatchObject([{ moved: ["22"] }]);
    expect((await registry.headManifest("team/node", "22"))?.digest).toBe(NEW.digest);
  });

  it("the journal of a newer Birdhouse is left as it is", async () => {
    const { registry } = await startPair();
    const directory = await temporaryDirectory();
    await writeFile(join(directory, "node.publish.json"), JSON.stringify({ version: 3 }));
    expect(await recover(recovering(registry, directory))).toEqual([]);
    expect(await readdir(directory)).toEqual(["node.publish.json"]);
  });

  it("a registry that takes no history is not asked again by every later run", async () => {
    const { registry, server, directory } = await crashed();
    server.fault = ({ method, path }) =>
      method === "PUT" && path.endsWith(".history") ? { status: 400 } : undefined;
    const notes: string[] = [];
    const context = { ...recovering(registry, directory), note: (text: string) => void notes.push(text) };
    expect(await recover(context)).toMatchObject([{ skippedBecause: undefined }]);
    expect(notes).toEqual([expect.stringContaining("does not take its history")]);
    expect(await readdir(directory)).toEqual([]);
  });

  it("the journal stays where the tags could be moved, but nobody may write the history just now", async () => {
    const { registry, server, directory, digestOfTag } = await crashed();
    server.fault = ({ method, path }) =>
      method === "PUT" && path.endsWith(".history") ? { status: 403 } : undefined;
    const notes: string[] = [];
    const context = { ...recovering(registry, directory), note: (text: string) => void notes.push(text) };
    expect(await recover(context)).toMatchObject([
      { moved: [], skippedBecause: expect.stringContaining("403") },
    ]);
    expect(await digestOfTag("latest")).toBe(NEW.digest);
    expect([notes, (await readdir(directory)).length]).toEqual([[], 1]);
    server.fault = () => undefined;
    await recover(context);
    expect(await entriesOf(registry, REPOSITORY, "22")).toHaveLength(1);
    expect(await readdir(directory)).toEqual([]);
  });

  it("nothing is touched where the image that tags were to go to is gone", async () => {
    const { registry, server, directory, digestOfTag } = await crashed();
    server.manifests.delete(`${REPOSITORY}@${NEW.digest}`);
    expect(await recover(recovering(registry, directory))).toEqual([
      { release: "node:22", moved: [], skippedBecause: `the registry no longer has ${NEW.digest}` },
    ]);
    expect(await digestOfTag("latest")).toBe(OLD.digest);
    expect(await readdir(directory)).toEqual([]);
  });
});
