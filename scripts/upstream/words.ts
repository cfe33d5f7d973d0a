import { messageOf, UserError } from "../system/errors.ts";
import { HttpError, reasonOf } from "../system/http/error.ts";
import { HTTP_AUTH_FORM } from "./http-auth.ts";

/** Advice for each kind of failure. */
const LATER = "try again later, or set another mirror in the catalog's sources";
const ADDRESS = "check the address in the catalog's sources";

const WHO = `it requires a login: set ${HTTP_AUTH_FORM} in the environment, as for apk, and \`auth: true\` in the catalog's sources`;

/**
 * Codes of Node and of OpenSSL that say what must be mended here.
 * Source: https://nodejs.org/api/tls.html, "X509 certificate error codes", and Node's "Common system errors".
 */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME/,
    "if the server is yours, set NODE_EXTRA_CA_CERTS to its authority's certificate; otherwise do not trust it",
  ],
  [/EPROTO|ERR_SSL/, `${ADDRESS}: perhaps the server speaks http, not https`],
  [/ERR_INVALID/, ADDRESS],
  [/ENOTFOUND/, `${ADDRESS}, and this machine's network`],
];

/** Says that a server gave no answer, why, and what to do. @param origin of the address that was asked */
export function noAnswer(error: unknown, origin = ""): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const [, advice = LATER] = ADVICE.find(([codes]) => codes.test(code)) ?? [];
  return `no answer: ${reasonOf(error, origin)} (${advice})`;
}

/**
 * Codes of a failure that came before a server could be asked for anything: whatever is asked of it fails alike.
 * Source: as `ADVICE`
 */
const AWAY =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME|EPROTO|ERR_SSL/;

/** The failure of a request whose server could not be reached at all, if an error is of one. */
function awayIn(error: unknown): HttpError | undefined {
  if (error instanceof HttpError) return AWAY.test(error.code) ? error : undefined;
  return error instanceof Error ? awayIn(error.cause) : undefined;
}

/**
 * The error for a document that could not be had. It names the server alone where that could not be reached: a plan asks
 * for dozens of its documents, and tells each problem once. Where the server led to another, that is in the message.
 */
export function errorOfDocument(url: string, error: unknown): Error {
  const { origin } = new URL(url);
  const where = awayIn(error)?.url.origin === origin ? origin : url;
  return new Error(`${where}: ${messageOf(error)}`, { cause: error });
}

/** The same for a registry's answer. @param image with the registry's name @param origin the registry's */
export function errorOfImage(image: string, origin: string, error: unknown): unknown {
  const away = awayIn(error);
  return away ? new Error(`${image}: ${noAnswer(away, origin)}`, { cause: error }) : error;
}

/** Says that a server's answer is an error, and what to do. */
export function badAnswer(status: number): string {
  if (status === 401) return `the server answers 401 (${WHO})`;
  const isOurs = status >= 300 && status < 500 && status !== 408 && status !== 429;
  return `the server answers ${status} (${isOurs ? ADDRESS : LATER})`;
}

/** An error and its advice in one line, as a plan shows it. */
export function problemOf(error: unknown): string {
  const hint = error instanceof UserError ? error.hint : undefined;
  const text = hint === undefined ? messageOf(error) : `${messageOf(error)} (${hint})`;
  return text.trim().replace(/(?<!\s)\s*\n\s*/g, "; ");
}
