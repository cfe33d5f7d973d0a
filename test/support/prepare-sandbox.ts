import { openMirror } from "../../sandbox/index.ts";
import { openLocalRegistry } from "../../scripts/registry/local.ts";
import { ensureTools } from "../../scripts/system/process/tools.ts";
import { freePort, PROJECT_STATE } from "./world.ts";

/** Before all end-to-end tests: installs what they drive and makes the sandbox, unless it stands already. */
export default async function prepare(): Promise<void> {
  const note = (text: string) => console.error(text);
  await ensureTools(["buildah", "docker-registry", "skopeo"], { onProgress: note });
  const host = `127.0.0.1:${await freePort()}`;
  const closeRegistry = await openLocalRegistry({ host, directory: `${PROJECT_STATE}/test/registry`, note });
  try {
    const mirrorPort = await freePort();
    const closeMirror = await openMirror({ state: PROJECT_STATE, registry: host, mirrorPort, note });
    await closeMirror();
  } finally {
    await closeRegistry();
  }
}
