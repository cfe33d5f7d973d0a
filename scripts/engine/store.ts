import { join } from "node:path";

/** The options by which buildah and podman keep to a store. */
export function storeOptions(store: string): string[] {
  return ["--root", join(store, "root"), "--runroot", join(store, "run")];
}
