import type { TestProject } from "vitest/node";
import { openMirror } from "../../sandbox/index.ts";
import { openLocalRegistry } from "../../scripts/registry/local.ts";
import { ensureTools } from "../../scripts/system/process/tools.ts";
import { openMemoryOfBuilds } from "./remembered-builds.ts";
import { SOAK } from "./soak.ts";
import { freePort, PROJECT_STATE } from "./world.ts";

/** What the tests of a project drive. Test files that run beside each other must not install packages at once. */
const TOOLS: Readonly<Record<string, readonly string[]>> = {
  e2e: ["buildah", "docker-registry", "skopeo", "systemd-analyze"],
  full: ["buildah", "docker-registry", "skopeo", "systemd-analyze", "podman", "chromium"],
  peers: ["buildah", "docker-registry", "skopeo", "podman", "runc"],
};

const RARE = SOAK ? "ada fortran gcc go guile perl python ruby sbcl tcl" : "";

/**
 * What the tests of a project build beside what every sandbox has. A mirror keeps what it has, and what it gets is made
 * alone. The rest of the catalog's languages are built by `make soak`.
 */
const LANGUAGES: Readonly<Record<string, string>> = {
  e2e: "lua node",
  full: `elixir erlang lua node php-fpm ruby@3.21 ${RARE}`,
  peers: "lua node",
};

/** Before all end-to-end tests: installs what they drive and makes the sandbox, unless it stands already. */
export default async function prepare({ name }: TestProject): Promise<() => Promise<void>> {
  const forget = await openMemoryOfBuilds();
  const note = (text: string) => console.error(text);
  await ensureTools(TOOLS[name] ?? [], { onProgress: note });
  const host = `127.0.0.1:${await freePort()}`;
  const closeRegistry = await openLocalRegistry({ host, directory: `${PROJECT_STATE}/test/registry`, note });
  try {
    const mirrorPort = await freePort();
    const options = {
      state: PROJECT_STATE,
      registry: host,
      mirrorPort,
      languages: LANGUAGES[name] ?? "",
      note,
    };
    const closeMirror = await openMirror(options);
    await closeMirror();
  } finally {
    await closeRegistry();
  }
  return forget;
}
