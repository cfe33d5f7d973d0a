import { UserError } from "../system/errors.ts";
import { tryRun } from "../system/process/process.ts";

/** User ids that images need: those of Alpine's packages, and 65532, which runtime images run as. */
const NEEDED_IDS = 65_536;

/** Programs that a plain user can build with, where the system lets them. */
export type RootlessEngine = "buildah" | "podman";

/**
 * Sees to it that a plain user may build: in a namespace of user ids of which the system has given them enough. Root
 * may in any case.
 * Source: subuid(5), user_namespaces(7), buildah-unshare(1)
 * @param uid the user's number; undefined where the system has none
 * @throws UserError in one line, with what to do
 */
export async function requireUserIds(
  engine: RootlessEngine,
  uid = process.getuid?.(),
  run: typeof tryRun = tryRun,
): Promise<void> {
  if (uid === undefined || uid === 0) return;
  const { exitCode, stdout, stderr } = await run([engine, "unshare", "cat", "/proc/self/uid_map"]);
  const count = exitCode === 0 ? idsIn(stdout) : 0;
  if (count >= NEEDED_IDS) return;
  const last = stderr.trim().split("\n").at(-1) ?? "";
  const why = exitCode === 0 ? `it has ${count} of the ${NEEDED_IDS} user ids that images need` : last;
  throw new UserError(
    `user ${uid} cannot build with ${engine}: ${why}`,
    `run this as root, or use docker; or have root give user ids to this user, in a free range, such as: ` +
      "usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER",
  );
}

/** How many user ids a map has. Source of the format: user_namespaces(7). Pure. */
export function idsIn(map: string): number {
  return map
    .split("\n")
    .map((line) => Number(line.trim().split(/\s+/)[2] ?? 0))
    .reduce((sum, count) => sum + (Number.isFinite(count) ? count : 0), 0);
}
