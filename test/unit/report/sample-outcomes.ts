import type { Built, BuiltPlatform } from "../../../scripts/build/built.ts";
import { MEDIA_TYPE } from "../../../scripts/formats/oci/types.ts";
import type { Package } from "../../../scripts/model/package.ts";
import { hostPlatform } from "../../../scripts/model/platform.ts";
import type { Target } from "../../../scripts/model/target.ts";
import type { Done } from "../../../scripts/pipeline/events.ts";
import { outcomesBlocks } from "../../../scripts/report/summary.ts";
import { shownBlock } from "../../../scripts/system/shown/output.ts";
import { sampleTarget } from "../../support/sample-target.ts";

/** A digest of one digit, repeated. */
export function digest(digit: string): string {
  return `sha256:${digit.repeat(64)}`;
}

export const samplePackage: Package = {
  name: "nodejs",
  version: "22.16.0-r2",
  architecture: "x86_64",
  checksum: "",
  size: 0,
  installedSize: 0,
  description: "",
  url: "",
  license: "",
  origin: "nodejs",
  maintainer: "",
  buildTime: 0,
  commit: "",
  providerPriority: 0,
  dependencies: "",
  provides: "",
  installIf: "",
  replaces: "",
  replacesPriority: 0,
  other: {},
};

/** A target that was built for this machine's platform. */
export function builtTarget(target: Target = sampleTarget()): Built {
  const platform: BuiltPlatform = {
    platform: hostPlatform(),
    manifest: { mediaType: MEDIA_TYPE.manifest, digest: digest("b"), size: 10 },
    config: { os: "linux", architecture: "amd64", rootfs: { type: "layers", diff_ids: [] } },
    installed: [samplePackage],
    packageManagers: [],
    unneeded: [],
    special: new Map(),
    passwords: [],
    compressedSize: 29_500_000,
    unpackedSize: 80_700_000,
    packageSizes: new Map([["nodejs", { version: "22.16.0-r2", unpacked: 55_000_000 }]]),
  };
  const index = { mediaType: MEDIA_TYPE.index, digest: digest("a"), size: 10 };
  return { target, layout: "layouts/node", index, platforms: [platform] };
}

/** A target that went all the way. */
export function publishedTarget(): Done {
  const built = builtTarget();
  return {
    status: "done",
    target: built.target.name,
    built,
    published: {
      built,
      repository: "base/node",
      digest: built.index.digest,
      tags: ["22", "22.16.0"],
      uploadedBytes: 1_000_000,
      letThrough: [],
    },
    seconds: { build: 75.25, smoke: 3.21, publish: 0.5 },
  };
}

/** What is printed of outcomes where no log can be folded. */
export function outcomesText(...given: Parameters<typeof outcomesBlocks>): string {
  return outcomesBlocks(...given)
    .map((block) => shownBlock(block, false))
    .join("\n\n");
}
