import { createInterface } from "node:readline/promises";
import { UserError } from "../system/errors.ts";
import type { AskPerson } from "./init-answers.ts";

/** Opens the terminal for questions; what is asked goes to standard error. */
export function openTerminal(
  input: NodeJS.ReadableStream = process.stdin,
  output: NodeJS.WritableStream = process.stderr,
): { readonly ask: AskPerson; close(): void } {
  const lines = createInterface({ input, output });
  // A terminal that is closed, or Ctrl-C, would leave a question open for ever.
  const closed = new Promise<never>((_, reject) => {
    lines.once("close", () => reject(new UserError("nothing was written: the questions were not answered")));
  });
  closed.catch(() => {});
  return {
    ask: async (question, offered) => {
      const answer = await Promise.race([lines.question(`${question} [${offered}] `), closed]);
      return answer.trim() === "" ? offered : answer.trim();
    },
    close: () => lines.close(),
  };
}
