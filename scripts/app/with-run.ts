import { hintOf } from "../pipeline/hint.ts";
import { messageOf } from "../system/errors.ts";
import { Account } from "./account.ts";
import { exitCodeOfError } from "./exit-code.ts";
import type { Typed } from "./repeat.ts";
import type { Session } from "./session.ts";

/** What the work of a run has of its account. */
export type Run = Pick<Account, "id" | "planned" | "streaks">;

/**
 * Does the work of a command and writes its journal meanwhile; in the end, however that comes, the reports of it.
 * @param use does it, and gives the exit code
 * @throws what `use` throws
 */
export async function withRun(
  session: Session,
  typed: Typed,
  use: (run: Run) => Promise<number>,
): Promise<void> {
  const account = new Account(session, typed);
  let exitCode: number;
  try {
    exitCode = await use(account);
  } catch (error) {
    const hint = hintOf(error);
    await account.end(exitCodeOfError(error), messageOf(error) + (hint === undefined ? "" : `\n→ ${hint}`));
    throw error;
  }
  process.exitCode = exitCode;
  await account.end(exitCode);
}
