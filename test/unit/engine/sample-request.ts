import type { BuildRequest } from "../../../scripts/engine/engine.ts";

/** A build of `node:22-dev`, which has a stage to share. */
export function sampleRequest(changes: Partial<BuildRequest> = {}): BuildRequest {
  return {
    name: "node-22-dev",
    dockerfile: "images/node/22/dev/Dockerfile",
    platform: "linux/arm64",
    args: {},
    layout: "layouts/node",
    insecureBase: false,
    hostNetwork: false,
    time: 1_700_000_000,
    shared: { stage: "tools", key: "3.22", time: 1_600_000_000 },
    ...changes,
  };
}
