import { observeRequests, type SentRequest } from "./http/message.ts";
import { commandLine } from "./process/process.ts";
import { observeCommands, type RanCommand } from "./process/spawn.ts";
import { formatSeconds } from "./shown/format.ts";
import { printError } from "./shown/output.ts";
import { withoutSecrets } from "./shown/secrets.ts";

/**
 * What `--debug` tells besides, each with a mark before it, on standard error: commands, HTTP requests, and where an
 * error comes from. Without secrets: no headers and no bodies, of URLs no query, and of commands no environment.
 */

let isOn = false;

/** Turns `--debug` on, for the rest of the process. */
export function startDebug(): void {
  if (isOn) return;
  isOn = true;
  observeCommands((ran) => debug(commandText(ran)));
  observeRequests((sent) => debug(requestText(sent)));
}

/** `ran buildah push … (exit code 0, 1.2s)` */
export function commandText({ argv, exitCode, milliseconds }: RanCommand): string {
  return `ran ${commandLine(argv)} (exit code ${exitCode}, ${formatSeconds(milliseconds / 1000)})`;
}

/** `GET https://registry.example/v2/ → 401 (0.1s)` */
export function requestText({ method, url, status, milliseconds }: SentRequest): string {
  return `${method} ${bareUrl(url)} → ${status ?? "no answer"} (${formatSeconds(milliseconds / 1000)})`;
}

/** Whether `--debug` is on. */
export function isDebugging(): boolean {
  return isOn;
}

/** Tells something where `--debug` is on. */
export function debug(text: string): void {
  if (isOn) printError(`debug: ${withoutSecrets(text)}`);
}

/** An address without what may be a secret in it: name, password, query. */
export function bareUrl(address: string | URL): string {
  if (!URL.canParse(String(address))) return String(address);
  const { protocol, host, pathname, search } = new URL(address);
  return `${protocol}//${host}${pathname}${search === "" ? "" : "?…"}`;
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
