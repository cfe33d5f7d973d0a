import type { PodRequest } from "../../../../scripts/engine/pods/manifest.ts";

/** A Pod of a release with a check that runs as a user of its own. */
export function sampleRequest(): PodRequest {
  return {
    name: "birdhouse-lua-5-4-0a1b2c3d",
    title: "lua:5.4",
    run: { label: "0123456789abcdef", identity: "boot pid:[1] 2 3" },
    platform: "linux/arm64",
    images: {
      dev: `registry.example/birds/lua@sha256:${"d".repeat(64)}`,
      runtime: `registry.example/birds/lua@sha256:${"e".repeat(64)}`,
    },
    shapes: [
      { variant: "dev", user: "10001:10001", isReadOnly: false },
      { variant: "runtime", user: "65532:65532", isReadOnly: false },
      { variant: "runtime", user: "1000:1000", isReadOnly: true },
      { variant: "runtime", user: "4711", isReadOnly: false },
    ],
    folders: ["/smoke", "/usr/src/app"],
    needsNetwork: false,
  };
}

/** What the API tells of a Pod. @param status its `status` */
export function podAnswer(status: unknown, metadata: object = {}): string {
  return JSON.stringify({ kind: "Pod", metadata: { name: "a-pod", ...metadata }, status });
}
