import { join, resolve } from "node:path";
import { isDockerUsable, openEngine, requireRights } from "../engine/choose.ts";
import type { Engine, EngineName } from "../engine/engine.ts";
import type { Cleanup } from "../system/ending.ts";
import { messageOf } from "../system/errors.ts";
import { ensureTools } from "../system/process/tools.ts";
import { abandonedIn, makeRunFolder, removeRunFolder } from "../system/state/run-folder.ts";

interface EngineOpening {
  readonly choice: EngineName | "auto";
  readonly builder: string | undefined;
  /** Birdhouse's state directory. */
  readonly state: string;
  readonly cleanup: Cleanup;
  readonly note: (text: string) => void;
}

/**
 * Sees to it that this user can build here, without opening an engine: told before minutes of work, not after. In the
 * sandbox what is missing is installed.
 * @throws UserError that says what to do
 */
export async function prepareEngine(
  { choice, builder, note }: Pick<EngineOpening, "choice" | "builder" | "note">,
  isSandbox: boolean,
  signal: AbortSignal,
): Promise<void> {
  const wantsBuildah = choice === "buildah" || (choice === "auto" && !(await isDockerUsable()));
  const tools = wantsBuildah ? ["buildah"] : choice === "podman" ? ["podman", "runc"] : [];
  if (isSandbox && tools.length > 0) await ensureTools(tools, { onProgress: note, signal });
  await requireRights(choice, builder);
}

/** Opens the engine, which is closed when the command ends; first removes what killed runs left of theirs. */
export async function openEngineOf({
  choice,
  builder,
  state,
  cleanup,
  note,
}: EngineOpening): Promise<Engine> {
  const stores = join(resolve(state), "engine");
  for (const abandoned of await abandonedIn(stores)) {
    await removeRunFolder(abandoned).catch((error: unknown) => {
      note(`cannot remove ${abandoned}, left behind by a run that was killed: ${messageOf(error)}`);
    });
  }
  // Marks that a run is in progress, whatever its engine: cleaning looks for it.
  const mark = await makeRunFolder(stores);
  cleanup.add(() => removeRunFolder(mark));
  const engine = await openEngine(choice, stores, builder);
  cleanup.add(() => engine.close());
  return engine;
}
