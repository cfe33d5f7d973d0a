import { describe, expect, it } from "vitest";
import { MEDIA_TYPE } from "../../../scripts/formats/oci/types.ts";
import { findHistory, withPublished } from "../../../scripts/publish/history.ts";
import { startPair } from "../../support/fake-registry.ts";
import { entriesOf, putHistory } from "../../support/histories.ts";
import { digest } from "../../unit/report/sample-outcomes.ts";

const day = (number: number) => new Date(Date.UTC(2026, 10, number));
const image = (letter: string) => ({ mediaType: MEDIA_TYPE.index, digest: digest(letter), size: 10 });

describe("the history of a tag", () => {
  it("has the newest image first, and remembers when the tag was moved to each", () => {
    const first = withPublished([], image("a"), day(1), 9);
    expect(withPublished(first, image("b"), day(2), 9)).toEqual([
      { image: image("b"), created: day(2), confirmed: day(2) },
      { image: image("a"), created: day(1), confirmed: day(1) },
    ]);
  });

  it("confirms an image that a later build comes to again", () => {
    const first = withPublished([], image("a"), day(1), 9);
    expect(withPublished(first, image("a"), day(5), 9)).toEqual([
      { image: image("a"), created: day(1), confirmed: day(5) },
    ]);
  });

  it("lists an image that comes back once, and forgets the oldest", () => {
    const images = ["a", "b", "a", "c", "d"];
    const history = images.reduce(
      (before, letter, index) => withPublished(before, image(letter), day(index + 1), 3),
      [] as ReturnType<typeof withPublished>,
    );
    expect(history.map((entry) => entry.image.digest)).toEqual([digest("d"), digest("c"), digest("a")]);
    const [a, b] = [image("a"), image("b")];
    const back = withPublished(withPublished(withPublished([], a, day(1), 9), b, day(2), 9), a, day(3), 9);
    expect(back.map((entry) => entry.image)).toEqual([a, b]);
  });

  it("is in the registry beside the tag, and comes back as it was", async () => {
    const { registry } = await startPair();
    expect(await findHistory(registry, "base/node", "22")).toEqual({ kind: "none" });
    expect(await entriesOf(registry, "base/node", "22")).toEqual([]);
    const history = withPublished(withPublished([], image("a"), day(1), 9), image("b"), day(2), 9);
    await putHistory(registry, "base/node", "22", history);
    expect(await entriesOf(registry, "base/node", "22")).toEqual(history);
    expect(await registry.headManifest("base/node", "22.history")).toBeDefined();
  });

  it("is not read from something else under its name", async () => {
    const { registry } = await startPair();
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [] }));
    const { digestOf } = await import("../../../scripts/formats/oci/digest.ts");
    await registry.putManifest("base/node", "22.history", {
      ...{ bytes, mediaType: MEDIA_TYPE.index, digest: digestOf(bytes) },
    });
    await expect(entriesOf(registry, "base/node", "22")).rejects.toThrow("22.history");
  });
});
