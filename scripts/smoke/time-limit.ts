import type { Built } from "../build/built.ts";
import type { Container } from "../engine/engine.ts";
import { RejectedError } from "../model/stage.ts";
import { commandLine } from "../system/process/process.ts";

/** How long each command of a test may take, and what else may end it. */
export interface TimeLimit {
  readonly seconds: number;
  /** Aborted when the whole run ends. */
  readonly signal?: AbortSignal;
}

/** How much of a command a message shows, in UTF-16 units: some are programs of many lines. */
const SHOWN = 200;

/**
 * A container each of whose commands is ended when it takes too long: a program that hangs is a failure that has a
 * name, and not a night without images. Its `run` throws a RejectedError then.
 */
export function withTimeLimit(
  { target }: Built,
  container: Container,
  { seconds, signal }: TimeLimit,
): Container {
  return {
    async run(argv, options = {}) {
      const timeout = AbortSignal.timeout(seconds * 1000);
      try {
        return await container.run(argv, {
          ...options,
          signal: AbortSignal.any([timeout, ...(signal ? [signal] : [])]),
        });
      } catch (error) {
        // Whoever ends the whole run is the reason then, even if the time was up as well.
        if (!timeout.aborted || signal?.aborted) throw error;
        throw new RejectedError(
          target.name,
          `${target.name}: \`${shortened(commandLine(argv))}\` did not end within ${seconds} s`,
        );
      }
    },
    remove: () => container.remove(),
  };
}

/** In one line, and not too long a one. */
function shortened(command: string): string {
  const line = command.replaceAll(/\s+/g, " ");
  return line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line;
}
