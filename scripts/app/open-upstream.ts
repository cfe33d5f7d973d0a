import { join, resolve } from "node:path";
import { repositoriesOf } from "../model/target.ts";
import type { Cleanup } from "../system/ending.ts";
import { openUpstream } from "../upstream/open.ts";
import type { Upstream } from "../upstream/upstream.ts";
import type { OpenedCatalog } from "./open-catalog.ts";
import { KEYS } from "./paths.ts";

interface UpstreamOpening {
  /** Birdhouse's state directory. */
  readonly state: string;
  readonly signal: AbortSignal;
}

/** Opens what tells what Alpine offers now. @throws UserError where the keys or HTTP_AUTH are wrong */
export function openUpstreamOf(
  { catalog, profile }: Pick<OpenedCatalog, "catalog" | "profile">,
  { state, signal }: UpstreamOpening,
): Upstream {
  const directory = resolve(state);
  const keys = profile === "sandbox" ? join(directory, "sandbox/keys") : KEYS;
  return openUpstream({
    sources: { ...catalog.sources, keys: catalog.sources.keys ?? keys },
    cache: join(directory, "upstream"),
    httpAuth: process.env.HTTP_AUTH,
    repositories: (branch) => repositoriesOf(catalog, branch),
    signal,
  });
}

interface MirrorOpening extends UpstreamOpening {
  /** `HOST[:PORT]` of a registry that runs: base images go there. */
  readonly registry: string;
  readonly mirrorPort: number;
  readonly note: (text: string) => void;
  readonly cleanup: Cleanup;
}

/** Serves the sandbox's packages and base images until the command ends. */
export async function openSandboxMirror({ cleanup, ...options }: MirrorOpening): Promise<void> {
  // Loaded only here: most runs never need the sandbox.
  const { openMirror } = await import("../../sandbox/index.ts");
  cleanup.add(await openMirror({ ...options, state: resolve(options.state) }));
}
