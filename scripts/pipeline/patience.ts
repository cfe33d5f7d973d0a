import { setTimeout as sleep } from "node:timers/promises";
import { CommandError } from "../system/process.ts";

/**
 * What programs print when a server was away or failed for a moment. Sources: apk-tools' src/print.c ("temporary
 * error (try again later)"), containers/image and BuildKit ("received unexpected HTTP status: 503"), Go's net, gRPC ("code = Unavailable").
 */
const PASSING = [
  /temporary error/i,
  /network error \(check Internet connection/i,
  /(?:HTTP status|status code)[^\n]{0,200}\b(?:429|5\d\d)\b/i,
  /remote server returned error/i,
  /\bI\/O timeout\b|\btimed out\b|TLS handshake timeout|context deadline exceeded/i,
  /connection (?:reset|refused)|unexpected EOF|broken pipe/i,
  // A daemon that is started anew, as an upgrade does, is there again in a moment.
  /cannot connect to the docker daemon|rpc error: code = Unavailable/i,
  /no such host|could not resolve|temporary failure in name resolution|network is unreachable/i,
];

/** Whether a failure of a program looks as if a moment later it might not happen; a wrong recipe does not. */
export function looksPassing(error: unknown): boolean {
  return error instanceof CommandError && PASSING.some((words) => words.test(error.result.output));
}

/** How often something is tried, and how long it waits in between. */
export interface Patience {
  /** Milliseconds before each further attempt. */
  readonly delays: readonly number[];
}

export const DEFAULT_PATIENCE: Patience = { delays: [2_000, 15_000] };

/**
 * Does something again as long as its failure looks passing.
 * @param onRetry told of each failure after which it is tried again
 * @throws what the last attempt threw
 */
export async function withPatience<T>(
  { delays }: Patience,
  work: () => Promise<T>,
  onRetry: (error: unknown, delay: number) => void,
  signal?: AbortSignal,
): Promise<T> {
  for (const delay of delays) {
    try {
      return await work();
    } catch (error) {
      if (signal?.aborted || !looksPassing(error)) throw error;
      onRetry(error, delay);
      await sleep(delay, undefined, { ...(signal && { signal }) });
    }
  }
  return work();
}
