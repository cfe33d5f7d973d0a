import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exitCodeOfError } from "../../../scripts/app/result.ts";
import { OciLayout } from "../../../scripts/formats/oci/layout.ts";
import {
  type Descriptor,
  type ImageIndex,
  MEDIA_TYPE,
  REF_NAME,
} from "../../../scripts/formats/oci/types.ts";
import { buildTag } from "../../../scripts/model/tags.ts";
import { checkTags, claimOn, releasesToImport } from "../../../scripts/transfer/choose.ts";
import { type ExportedImage, rootsOf } from "../../../scripts/transfer/exported.ts";
import { withExport } from "../../../scripts/transfer/read.ts";
import { putCheapImage } from "../../support/cheap-images.ts";
import { sampleRelease } from "../../support/sample-target.ts";

const REVISION = "5.4.7-r0";
const CHANGES = { image: "lua", package: "lua5.4", platforms: ["linux/amd64"] } as const;
const pairOfVersion = (version: string, tags: string[]) => {
  const { runtime, dev } = sampleRelease({ ...CHANGES, version, package: `lua${version}` });
  return {
    runtime: { ...runtime, tags },
    dev: { ...dev, tags: tags.map((tag) => (tag === "latest" ? "dev" : `${tag}-dev`)) },
  };
};
const PAIR = pairOfVersion("5.4", ["5.4", "5", "latest"]);
const OTHER = pairOfVersion("5.1", ["5.1"]);
const TARGETS = [PAIR.runtime, PAIR.dev, OTHER.runtime, OTHER.dev];

/** An export of lua:5.4. Tests add to its content and write another index: what it says is what its index says. */
let directory: string;
let layout: OciLayout;
const images: ExportedImage[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "birdhouse-verify-"));
  layout = await OciLayout.create(directory);
  for (const target of [PAIR.runtime, PAIR.dev]) {
    const image = await putCheapImage(layout, target, 1, REVISION);
    const attached = await attach(layout, image);
    images.push({
      ...{ target: target.name, image, attached: [attached], beside: [] },
      tags: [...target.tags, buildTag(target.variant, REVISION, image.digest)],
    });
  }
});
afterAll(() => rm(directory, { recursive: true }));

/** The export as it should be, and what makes another one of it. */
async function setUp() {
  const write = async (roots: readonly Descriptor[]) => layout.writeIndex(roots);
  await write(rootsOf(images));
  const read = () =>
    withExport(directory, "/nowhere", new AbortController().signal, async (opened) => {
      const imported = releasesToImport(opened.images, [], TARGETS, "x.tar");
      return checkTags(opened.layout, imported, TARGETS, "x.tar");
    });
  const [runtime, dev] = images as [ExportedImage, ExportedImage];
  return { layout, images, runtime, dev, write, read };
}

async function attach(layout: OciLayout, { mediaType, digest, size }: Descriptor): Promise<Descriptor> {
  const manifest = {
    ...{ schemaVersion: 2, mediaType: MEDIA_TYPE.manifest, artifactType: "text/plain" },
    config: await layout.putBytes(Buffer.from("{}"), "application/vnd.oci.empty.v1+json"),
    layers: [await layout.putBytes(Buffer.from("sbom"), "text/plain")],
    subject: { mediaType, digest, size },
  };
  return layout.putJson(manifest, MEDIA_TYPE.manifest);
}

/** The same image with something else in its index. */
async function changed(layout: OciLayout, image: Descriptor, change: (index: ImageIndex) => unknown) {
  const index = await layout.readImageIndex(image);
  return layout.putJson(change(index), MEDIA_TYPE.index);
}

const bare = ({ mediaType, digest, size }: Descriptor) => ({ mediaType, digest, size });

describe("an export", () => {
  it("that is as it was written is taken, with all its tags", async () => {
    const { read, runtime, dev } = await setUp();
    const { releases, unknown } = await read();
    const tags = releases.flatMap(({ variants }) => variants.map(({ exported }) => exported.tags));
    expect(tags).toEqual([runtime.tags.toSorted(), dev.tags.toSorted()]);
    expect(unknown).toEqual([]);
  });

  type World = Awaited<ReturnType<typeof setUp>>;
  const cases: [what: string, why: RegExp, harm: (world: World) => Promise<unknown>][] = [
    [
      "two images are swapped",
      /lua:5\.4: the image under this name says that it is "lua:5\.4-dev"/,
      async ({ write, runtime, dev }) =>
        write(
          rootsOf([
            { ...runtime, image: dev.image, attached: [] },
            { ...dev, image: runtime.image, attached: [] },
          ]),
        ),
    ],
    [
      "an image is of another version",
      /lua:5\.4: the image under this name says that it is "lua:5\.1"/,
      async ({ layout, write, runtime, dev }) => {
        const image = await putCheapImage(layout, OTHER.runtime, 1, "5.1.5-r0");
        await write(rootsOf([{ ...runtime, image, attached: [] }, dev]));
      },
    ],
    [
      "an image says nothing of itself",
      /does not say what it was built from/,
      async ({ layout, write, runtime, dev }) => {
        const image = await changed(layout, runtime.image, ({ annotations: _, ...index }) => index);
        await write(rootsOf([{ ...runtime, image, attached: [] }, dev]));
      },
    ],
    [
      "an image is listed for another platform than it is of",
      /what is listed for linux\/arm64 is an image for linux\/amd64/,
      async ({ layout, write, runtime, dev }) => {
        const image = await changed(layout, runtime.image, (index) => ({
          ...index,
          manifests: index.manifests.map((one) => ({
            ...one,
            platform: { os: "linux", architecture: "arm64" },
          })),
        }));
        await write(rootsOf([{ ...runtime, image, attached: [] }, dev]));
      },
    ],
    [
      "a platform is left out",
      /it was made for linux\/amd64, but holds $|holds \n/m,
      async ({ layout, write, runtime, dev }) => {
        const image = await changed(layout, runtime.image, (index) => ({ ...index, manifests: [] }));
        await write(rootsOf([{ ...runtime, image, attached: [] }, dev]));
      },
    ],
    [
      "a platform is there twice",
      /linux\/amd64 is listed twice/,
      async ({ layout, write, runtime, dev }) => {
        const image = await changed(layout, runtime.image, (index) => ({
          ...index,
          manifests: [...index.manifests, ...index.manifests],
        }));
        await write(rootsOf([{ ...runtime, image, attached: [] }, dev]));
      },
    ],
    [
      "a statement is about another image",
      /is a statement about sha256:0{64}, which is not part of it/,
      async ({ layout, write, runtime, dev }) => {
        const image = await changed(layout, runtime.image, (index) => ({
          ...index,
          manifests: [
            ...index.manifests,
            ...index.manifests.map((one) => ({
              ...one,
              platform: { os: "unknown", architecture: "unknown" },
              annotations: {
                "vnd.docker.reference.type": "attestation-manifest",
                "vnd.docker.reference.digest": `sha256:${"0".repeat(64)}`,
              },
            })),
          ],
        }));
        await write(rootsOf([{ ...runtime, image, attached: [] }, dev]));
      },
    ],
    [
      "a platform's image is no image",
      /is not an image of a platform/,
      async ({ layout, write, runtime, dev }) => {
        const image = await changed(layout, runtime.image, (index) => ({
          ...index,
          manifests: index.manifests.map((one) => ({ ...one, mediaType: "application/octet-stream" })),
        }));
        await write(rootsOf([{ ...runtime, image, attached: [] }, dev]));
      },
    ],
    [
      "an SBOM is that of the other variant",
      /is attached to sha256:[0-9a-f]{64}, which is not part of it/,
      async ({ write, runtime, dev }) => write(rootsOf([{ ...runtime, attached: dev.attached }, dev])),
    ],
    [
      "what is attached is attached to nothing",
      /is attached to nothing/,
      async ({ write, runtime, dev }) => write(rootsOf([{ ...runtime, attached: [bare(dev.image)] }, dev])),
    ],
    [
      "a signature is named after another image",
      /the tag sha256-[0-9a-f]{64}\.sig is about an image that is not part of it/,
      async ({ write, runtime, dev }) => {
        const [manifest] = runtime.attached as [Descriptor];
        const beside = [{ tag: `${dev.image.digest.replace(":", "-")}.sig`, manifest }];
        await write(rootsOf([{ ...runtime, beside }, dev]));
      },
    ],
    [
      "it brings a list of referrers as a tag",
      /is not a tag of lua:5\.4: signatures/,
      async ({ write, runtime, dev }) => {
        const [manifest] = runtime.attached as [Descriptor];
        const beside = [{ tag: runtime.image.digest.replace(":", "-"), manifest }];
        await write(rootsOf([{ ...runtime, beside }, dev]));
      },
    ],
    [
      "the tag of a build ends in another digest",
      /the tag 5\.4\.7-r0-[0-9a-f]{12} belongs to another build/,
      async ({ write, runtime, dev }) =>
        write(rootsOf([{ ...runtime, tags: ["5.4", buildTag("runtime", REVISION, dev.image.digest)] }, dev])),
    ],
    [
      "the tag of a build is of the other variant",
      /lua:5\.4 must not have the tag 5\.4\.7-r0-[0-9a-f]{12}-dev: it is for the other variant/,
      async ({ write, runtime, dev }) =>
        write(rootsOf([{ ...runtime, tags: ["5.4", buildTag("dev", REVISION, runtime.image.digest)] }, dev])),
    ],
    [
      "a tag is another version's",
      /lua:5\.4 must not have the tag 5\.1: it belongs to lua:5\.1/,
      async ({ write, runtime, dev }) => write(rootsOf([{ ...runtime, tags: ["5.4", "5.1"] }, dev])),
    ],
    [
      "a tag is the other variant's",
      /lua:5\.4 must not have the tag dev: it belongs to lua:5\.4-dev/,
      async ({ write, runtime, dev }) => write(rootsOf([{ ...runtime, tags: ["5.4", "dev"] }, dev])),
    ],
    [
      "a tag does not follow from the version",
      /lua:5\.4 must not have the tag 5\.4\.8: it does not follow from its version 5\.4\.7/,
      async ({ write, runtime, dev }) => write(rootsOf([{ ...runtime, tags: ["5.4", "5.4.8"] }, dev])),
    ],
    [
      "a history is among the tags",
      /lua:5\.1\.history is not a tag of lua:5\.4: the history/,
      async ({ write, runtime, dev }) => write(rootsOf([{ ...runtime, tags: ["5.4", "5.1.history"] }, dev])),
    ],
    [
      "a size lies",
      /lua:latest is not the same image as lua:5\.4/,
      async ({ write, runtime, dev }) => {
        const lying = (root: Descriptor) =>
          root.annotations?.[REF_NAME] === "lua:latest" ? { ...root, size: root.size + 1 } : root;
        await write(rootsOf([runtime, dev]).map((root) => lying(root)));
      },
    ],
    [
      "a size lies in all places",
      /is damaged: expected .* \(1 bytes\)/,
      async ({ write, runtime, dev }) =>
        write(rootsOf([{ ...runtime, image: { ...runtime.image, size: 1 } }, dev])),
    ],
    [
      "a target is named after a path",
      /"\.\.\/lua:5\.4" is not the name of a target/,
      async ({ write, runtime, dev }) => write(rootsOf([{ ...runtime, target: "../lua:5.4" }, dev])),
    ],
    [
      "a runtime image was built on another one",
      /lua:5\.4 must start from nothing/,
      async ({ layout, write, runtime, dev }) => {
        const image = await changed(layout, runtime.image, (index) => ({
          ...index,
          annotations: { ...index.annotations, "org.opencontainers.image.base.digest": dev.image.digest },
        }));
        await write(rootsOf([{ ...runtime, image, tags: ["5.4"], attached: [] }, dev]));
      },
    ],
    [
      "the variants are of two versions",
      /lua:5\.4 has two versions, 5\.4\.7 and 5\.4\.6/,
      async ({ layout, write, runtime, dev }) => {
        const image = await putCheapImage(layout, PAIR.dev, 1, "5.4.6-r0");
        await write(rootsOf([runtime, { ...dev, image, tags: ["5.4-dev"], attached: [] }]));
      },
    ],
  ];

  it.each(cases)("in which %s is refused before anything is sent", async (_, why, harm) => {
    const world = await setUp();
    await harm(world);
    const error = await world.read().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ message: expect.stringMatching(why) });
    expect(exitCodeOfError(error)).toBe(2);
  });

  it("loses tags that are known to nobody here, and says which", async () => {
    const { write, read, runtime, dev } = await setUp();
    await write(rootsOf([{ ...runtime, tags: [...runtime.tags, "stable"] }, dev]));
    const { releases, unknown } = await read();
    expect(unknown).toEqual(["lua:stable"]);
    expect(releases[0]?.variants[0]?.exported.tags).not.toContain("stable");
  });
});

describe("a tag that moved to another version", () => {
  it("is left to that one, as the catalog here says", () => {
    const newer = pairOfVersion("5.5", ["5.5", "latest"]);
    const older = { ...PAIR.runtime, tags: ["5.4"] };
    const targets = [older, PAIR.dev, newer.runtime, newer.dev];
    expect(claimOn("latest", older, "5.4.7", targets)).toBe("unknown");
    expect(claimOn("5.4.7", older, "5.4.7", targets)).toBe("own");
  });
});
