import { messageOf, UserError } from "../system/errors.ts";
import { reasonOf } from "../system/http/error.ts";
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
