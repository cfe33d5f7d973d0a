import { fork } from "node:child_process";
import { once } from "node:events";
import { z } from "zod";
import type { Cleanup } from "../../scripts/system/ending.ts";
import { childFile, PROJECT, TYPESCRIPT } from "./child.ts";

/** Something that serves in a process of its own: what is measured does not share its time with it. */
export interface Service {
  /** Where it serves, as `HOST:PORT`. */
  readonly host: string;
  /** Asks it for a number: what that means is the service's affair. */
  ask(): Promise<number>;
}

const startedSchema = z.object({ host: z.string() });
const answerSchema = z.object({ answer: z.number() });

/**
 * Starts one of the children that serve: its first message says where. It ends when we let go of it, and when
 * we end, however that is.
 * @param file among the children
 */
export async function startService(
  file: string,
  args: readonly string[],
  cleanup: Cleanup,
): Promise<Service> {
  const child = fork(childFile(file), [...args], { cwd: PROJECT, execArgv: [...TYPESCRIPT] });
  const ended = once(child, "exit");
  cleanup.add(async () => {
    if (child.connected) child.disconnect();
    await ended;
  });
  const died = ended.then(() => Promise.reject(new Error(`${file} has ended`)));
  died.catch(() => {});
  const message = async () => (await Promise.race([once(child, "message"), died]))[0] as unknown;
  const { host } = startedSchema.parse(await message());
  return {
    host,
    async ask() {
      child.send("?");
      return answerSchema.parse(await message()).answer;
    },
  };
}
