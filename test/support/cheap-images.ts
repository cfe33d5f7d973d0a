import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inputsAnnotation, sizesAnnotations } from "../../scripts/formats/annotations.ts";
import { assembleIndex } from "../../scripts/formats/oci/assemble.ts";
import { OciLayout } from "../../scripts/formats/oci/layout.ts";
import { type Descriptor, MEDIA_TYPE } from "../../scripts/formats/oci/types.ts";
import { buildTag, tagsOf } from "../../scripts/model/tags.ts";
import { type Target, tagFor } from "../../scripts/model/target.ts";
import type { TagMover } from "../../scripts/publish/move-release.ts";
import type { Registry } from "../../scripts/registry/client.ts";
import { manifestContent, pushContent } from "../../scripts/registry/push.ts";

const PLATFORM = "linux/amd64";

/** An image of a few bytes that says of itself what one that was built does. Each edition is another one. */
export async function putCheapImage(
  layout: OciLayout,
  target: Target,
  edition: number,
  revision: string,
): Promise<Descriptor> {
  const layer = await layout.putBytes(Buffer.from(`layer of ${target.name}`), MEDIA_TYPE.layerTarGzip);
  const config = {
    ...{ os: "linux", architecture: "amd64", config: { Env: [`EDITION=${edition}`] } },
    rootfs: { type: "layers", diff_ids: [layer.digest] },
  };
  const manifest = await layout.putJson(
    {
      ...{ schemaVersion: 2, mediaType: MEDIA_TYPE.manifest, layers: [layer] },
      config: await layout.putJson(config, MEDIA_TYPE.config),
    },
    MEDIA_TYPE.manifest,
  );
  const packages = new Map([[target.package, { version: revision, unpacked: 1 }]]);
  const annotations = {
    "org.opencontainers.image.title": target.name,
    ...inputsAnnotation({ platforms: [PLATFORM], packages: target.world, branch: target.branch }),
    ...sizesAnnotations(new Map([[PLATFORM, { compressed: 1, unpacked: 1, packages }]])),
  };
  return assembleIndex(layout, [{ platform: PLATFORM, manifest }], annotations, target.name);
}

export interface Edition {
  readonly registry: Registry;
  readonly mover: TagMover;
  /** All of the catalog. */
  readonly targets: readonly Target[];
  /** Both variants of the version that is published. */
  readonly pair: readonly Target[];
  readonly edition: number;
  readonly keep: number;
  /** Of the package, such as `5.4.7-r0`. */
  readonly revision: string;
}

/** Publishes an edition of a version, as a run does but for building it. @returns digests of runtime and dev */
export async function publishEdition(path: string, of: Edition): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), "birdhouse-edition-"));
  try {
    const images = [];
    const moves = [];
    for (const target of of.pair) {
      const layout = await OciLayout.create(join(directory, target.variant));
      const image = await putCheapImage(layout, target, of.edition, of.revision);
      const repository = `${path}/${target.image}`;
      await pushContent(layout, image, of.registry, repository);
      const content = await manifestContent(layout, image);
      const version = of.revision.replace(/-r\d+$/, "");
      const tags = [
        ...tagsOf(target, version, of.targets),
        buildTag(target.variant, of.revision, image.digest),
      ];
      moves.push(...tags.map((tag) => ({ repository, tag, content })));
      const tag = tagFor(target.variant, target.version);
      images.push({ repository, tag, image, keep: of.keep, confirm: false });
    }
    await of.mover.moveRelease({ name: of.pair[0]?.name ?? "", moves, images });
    return images.map(({ image }) => image.digest);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
