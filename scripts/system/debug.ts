import { printError } from "./shown/output.ts";
import { withoutSecrets } from "./shown/secrets.ts";

/**
 * What `--debug` tells besides, each with a mark before it, on standard error: commands, HTTP requests, and where an
 * error comes from. Without secrets: no headers and no bodies, of URLs no query, and of commands no environment.
 */

let isOn = false;

/** Turns `--debug` on, or off again. */
export function setDebugging(on: boolean): void {
  isOn = on;
}

/** Whether `--debug` is on. */
export function isDebugging(): boolean {
  return isOn;
}

/** Tells something where `--debug` is on. @param text is only made there: it may be of each request of a plan */
export function debug(text: () => string): void {
  if (isOn) printError(`debug: ${withoutSecrets(text())}`);
}

/** Where an error comes from: its stack, and those of its causes. */
export function stackOf(error: unknown): string {
  const stacks: string[] = [];
  for (let one: unknown = error; one instanceof Error && stacks.length < CAUSES; one = one.cause) {
    stacks.push(one.stack ?? one.message);
  }
  return stacks.join("\ncaused by: ");
}

/** Causes may go round in a circle. */
const CAUSES = 10;
