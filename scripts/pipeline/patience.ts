import { type Clock, systemClock } from "../system/environment.ts";
import { CommandError } from "../system/process/process.ts";

/** What programs print when a server was away, failed or was changing for a moment. */
const PASSING: readonly RegExp[] = [
  // Source: apk-tools, src/print.c; 2.14 and 3: apk_error_str.
  /temporary error|DNS error \(try again later\)|DNS lookup error/i,
  // What a mirror has half copied reads as a stale index, or as a file that ends early.
  /package mentioned in index not found|remote server returned error/i,
  // A shell says nearly the same of a script that ends too early, and will say it each time.
  /(?<!syntax error: )unexpected end of file/i,
  /network error \(check Internet connection|network connection aborted|could not connect to server \(check/i,
  /\bIO ERROR\b|\bBAD archive\b|(?:package|file) integrity error/,
  // Source: apk-tools 3, libfetch/common.c and http.c.
  /\bHTTP (?:408|425|429|5\d\d): /,
  /DNS: (?:transient|temporary)/i,
  // Sources: containers/image, docker/docker_client.go and registry's errcode; containerd, core/remotes/docker.
  /toomanyrequests|\btoo many requests\b/i,
  /(?:HTTP status|status code|status from (?:GET|HEAD|POST) request)[^\n]{0,160}?\b(?:408|429|5\d\d)\b/i,
  /\b(?:500 Internal Server Error|502 Bad Gateway|503 Service Unavailable|504 Gateway Time-?out)\b/i,
  /short read: expected \d+ bytes/i,
  // Source: Go, net, net/http and x/net/http2.
  /\bI\/O timeout\b|TLS handshake timeout|context deadline exceeded|Client\.Timeout exceeded/i,
  /\bunexpected EOF\b|": EOF$|use of closed network connection|server closed idle connection/im,
  /http2: (?:server sent GOAWAY|client connection lost)|stream error: stream ID \d+; (?:INTERNAL_ERROR|REFUSED_STREAM)/,
  /\bno such host\b|server misbehaving/i,
  // Sources: the C library, strerror and gai_strerror; curl; BusyBox, libbb/xconnect.c.
  /connection (?:reset|refused|aborted)|broken pipe|\btimed out\b|network is unreachable|no route to host/i,
  /could not resolve|temporary failure (?:in name resolution|resolving)|\bbad address '/i,
  // A daemon that is started anew, as an upgrade does, is there again in a moment.
  // Sources: docker/cli, client/errors.go; gRPC, codes; BuildKit.
  /cannot connect to the docker daemon|rpc error: code = (?:Unavailable|ResourceExhausted)/i,
  // buildah starts itself from a copy in memory, which another thread may just be reading; and two builds that come to
  // the same image at one moment take it from each other. Source: containers/storage, pkg/unshare and images.go.
  /sealing memfd copy: Device or resource busy/i,
  /saving metadata for image "[0-9a-f]{1,64}": identifier is not\b/,
  /creating build container: short-name "[a-z]{1,20}" did not resolve/,
];

/** Failures that trying again does not end, whatever else was printed beside them. */
const LASTING: readonly RegExp[] = [
  // Source: the C library, strerror.
  /no space left on device|disk quota exceeded|read-only file system/i,
  // Source: apk-tools, src/print.c.
  /\bUNTRUSTED signature\b|\bBAD signature\b/,
  // Sources: Go, crypto/x509; libtls.
  /\bx509: |server certificate not trusted/,
];

/** Whether a failure of a program may be gone a moment later; one of a wrong Dockerfile will not be. */
export function looksPassing(error: unknown): boolean {
  if (!(error instanceof CommandError)) return false;
  const { output } = error.result;
  const isAmong = (words: readonly RegExp[]) => words.some((one) => one.test(output));
  return isAmong(PASSING) && !isAmong(LASTING);
}

/** Milliseconds before each further attempt. */
const DELAYS = [2_000, 15_000];

/**
 * Does something again as long as its failure looks passing, three times at most.
 * @param onRetry told of each failure after which it is tried again, and of the milliseconds until then
 * @throws what the last attempt threw, or the signal's reason
 */
export async function withPatience<T>(
  work: () => Promise<T>,
  onRetry: (error: unknown, delay: number) => void,
  signal?: AbortSignal,
  clock: Pick<Clock, "sleep"> = systemClock,
): Promise<T> {
  for (const delay of DELAYS) {
    try {
      return await work();
    } catch (error) {
      if (signal?.aborted || !looksPassing(error)) throw error;
      onRetry(error, delay);
      await clock.sleep(delay, signal);
    }
  }
  return work();
}
