import { describe, expect, it } from "vitest";
import { digestOf } from "../../../scripts/formats/oci/digest.ts";
import { MEDIA_TYPE } from "../../../scripts/formats/oci/types.ts";
import { planMoves, switchTags } from "../../../scripts/registry/switch-tags.ts";
import { startPair } from "../../support/fake-registry.ts";
import { issuePermit } from "../../support/tag-mover.ts";

/** A manifest that is told from others by its name. */
function manifest(name: string) {
  const index = { schemaVersion: 2, mediaType: MEDIA_TYPE.index, manifests: [], annotations: { name } };
  const bytes = Buffer.from(JSON.stringify(index));
  return { bytes, mediaType: MEDIA_TYPE.index, digest: digestOf(bytes) };
}

const [OLD, NEW] = [manifest("old"), manifest("new")];

async function setUp(tags: readonly string[]) {
  const { server, registry } = await startPair();
  for (const tag of tags) await registry.putManifest("base/node", tag, OLD);
  const moves = ["22", "22-dev", "latest"].map((tag) => ({ repository: "base/node", tag, content: NEW }));
  const pointsAt = async (tag: string) => (await registry.headManifest("base/node", tag))?.digest;
  const state = async () => Promise.all(["22", "22-dev", "latest"].map((one) => pointsAt(one)));
  /** Refuses for good to put a tag. */
  const refuse = (refused: string) => {
    server.fault = ({ method, path }) =>
      method === "PUT" && path.endsWith(`/manifests/${refused}`) ? { status: 403 } : undefined;
  };
  const move = async () => switchTags(registry, await planMoves(registry, moves), issuePermit());
  return { server, move, state, refuse };
}

describe("tags that are switched", () => {
  it("point at the new image, all of them", async () => {
    const { move, state } = await setUp(["22", "22-dev"]);
    await move();
    expect(await state()).toEqual([NEW.digest, NEW.digest, NEW.digest]);
  });

  it("go back, all of them, when one is refused", async () => {
    for (const refused of ["22", "22-dev", "latest"]) {
      const { move, state, refuse } = await setUp(["22", "22-dev", "latest"]);
      refuse(refused);
      await expect(move()).rejects.toThrow(`the manifest ${refused}`);
      expect(await state()).toEqual([OLD.digest, OLD.digest, OLD.digest]);
    }
  });

  it("are made only when those that exist have moved, and taken away again when one is refused", async () => {
    const { move, state, refuse } = await setUp(["latest"]);
    refuse("latest");
    await expect(move()).rejects.toThrow("latest");
    expect(await state()).toEqual([undefined, undefined, OLD.digest]);
    refuse("22-dev");
    await expect(move()).rejects.toThrow("22-dev");
    expect(await state()).toEqual([undefined, undefined, OLD.digest]);
  });

  it("are told of when they cannot go back", async () => {
    const { server, move, state } = await setUp(["22", "22-dev"]);
    let puts = 0;
    server.fault = ({ method, path }) => {
      if (method !== "PUT" || !path.includes("/manifests/")) return undefined;
      return ++puts === 1 ? undefined : { status: 403 };
    };
    await expect(move()).rejects.toThrow(/could not go back: 22 \(/);
    expect(await state()).toEqual([NEW.digest, OLD.digest, undefined]);
  });

  it("are left alone where they point there already", async () => {
    const { server, move } = await setUp([]);
    await move();
    const before = server.requests.length;
    await move();
    expect(server.requests.slice(before).filter(({ method }) => method === "PUT")).toEqual([]);
  });
});
