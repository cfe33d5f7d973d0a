import { messageOf } from "../errors.ts";
import { cleanLine } from "../shown/clean-text.ts";

/** What the codes of this file say; all others are Node's, OpenSSL's or undici's. */
export const HTTP_CODE = {
  /** Nothing was heard for too long. */
  idle: "HTTP_IDLE",
  /** The whole of it took too long. */
  deadline: "HTTP_DEADLINE",
  tooLong: "HTTP_TOO_LONG",
  /** Where the answer sends us we do not go. */
  refused: "HTTP_REFUSED",
} as const;

/** Failures that stay: certificates, a name that there is not, no HTTP(S), files of our own, what we refuse. */
const LASTING_CODES =
  /CERT|TLS|SELF_SIGNED|UNABLE_TO_|EPROTO|WRONG_VERSION|ENOENT|EACCES|ENOSPC|ENOTFOUND|ERR_INVALID|UND_ERR_INVALID|HTTP_REFUSED|HTTP_DEADLINE/;

/** A request got no answer, or none that we take. Its message is one line that names the address and the cause. */
export class HttpError extends Error {
  override readonly name = "HttpError";

  /**
   * @param url whose server was asked
   * @param reason why, in one line, without the address
   * @param code of Node, OpenSSL or undici, or one of `HTTP_CODE`
   */
  constructor(
    readonly url: URL,
    readonly reason: string,
    readonly code: string,
    options?: ErrorOptions,
  ) {
    super(`${shownUrl(url)}: ${reason}`, options);
  }

  /** Whether another attempt may fare better. */
  get mayPass(): boolean {
    return !LASTING_CODES.test(this.code);
  }
}

/** An address as people may see it: no user, no password, and of a query only that there is one. */
export function shownUrl({ protocol, host, pathname, search }: URL): string {
  const path = pathname === "/" ? "" : pathname;
  return cleanLine(`${protocol}//${host}${path}${search === "" ? "" : "?…"}`);
}

/**
 * Why there was no answer, in one line, for a message that names the address of the request already.
 * @param origin of that address; of any other server the address is told
 */
export function reasonOf(error: unknown, origin: string): string {
  if (error instanceof HttpError) return error.url.origin === origin ? error.reason : error.message;
  // The reason of a signal that is a clock.
  if (error instanceof Error && error.name === "TimeoutError") return "it did not answer in time";
  return cleanLine(messageOf(error));
}

/**
 * What a failure of the network says. Node has the text of one for several addresses in its parts, undici has its own
 * for what it ends itself.
 */
export function explainFailure(error: unknown): { reason: string; code: string } {
  const parts = error instanceof AggregateError ? error.errors : [error];
  const reasons = new Set(parts.map((part) => wordsOf(part)).filter((words) => words !== ""));
  const code = proxyRefused(error) ? HTTP_CODE.refused : codeOf(error) || codeOf(parts[0]);
  return { reason: cleanLine([...reasons].join("; ")) || code || "it failed without a message", code };
}

function wordsOf(error: unknown): string {
  const [code, message] = [codeOf(error), messageOf(error)];
  if (message === "other side closed" || code === "ECONNRESET")
    return `the connection was aborted (${message})`;
  const status = proxyStatus(error);
  if (status === 407)
    return "it requires a login (HTTP 407): put it into the proxy's address, as http://USER:PASSWORD@HOST:PORT";
  if (status !== undefined) return `it refused to connect (HTTP ${status})`;
  return message === "" ? code : message;
}

/** What a proxy said that makes no connection; undici has a sentence for it, and no code of its own. */
function proxyStatus(error: unknown): number | undefined {
  const [, tunnel, plain] =
    /^Proxy response \((\d{3})\)|^Proxy Authentication Required \((407)\)/.exec(messageOf(error)) ?? [];
  const status = tunnel ?? plain;
  return status === undefined ? undefined : Number(status);
}

/** Whether it will say the same the next time. */
function proxyRefused(error: unknown): boolean {
  const status = proxyStatus(error) ?? 0;
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  // undici's word for a connection that the other side has closed; whoever repeats requests knows Node's.
  return code === "UND_ERR_SOCKET" ? "ECONNRESET" : code;
}
