import { messageOf, UserError } from "../system/errors.ts";
import { reasonOf } from "../system/http/error.ts";
import { HTTP_AUTH_FORM } from "./http-auth.ts";

/** What to do about a server's answer, or about none, for whoever reads it in the morning. */
const LATER = "try again later, or name another mirror in the catalog's sources";
const ADDRESS = "see whether the address in the catalog's sources is right";

const WHO = `it wants to know who asks: set ${HTTP_AUTH_FORM} in the environment, as for apk, and \`auth: true\` in the catalog's sources`;

/**
 * Codes of Node and of OpenSSL that say what must be mended here.
 * Source: https://nodejs.org/api/tls.html, "X509 certificate error codes", and Node's "Common system errors".
 */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME/,
    "give the certificate of its authority in NODE_EXTRA_CA_CERTS, if it is yours; otherwise do not trust what answers there",
  ],
  [/EPROTO|ERR_SSL/, `${ADDRESS}: perhaps it speaks http, and not https`],
  [/ERR_INVALID/, ADDRESS],
  [/ENOTFOUND/, `${ADDRESS}, and whether this machine has a network`],
];

/** That a server gave no answer, why, and what to do. @param origin of the address that the reader knows */
export function noAnswer(error: unknown, origin = ""): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const [, advice = LATER] = ADVICE.find(([codes]) => codes.test(code)) ?? [];
  return `no answer: ${reasonOf(error, origin)} (${advice})`;
}

/** That a server gave an answer that is none, and what to do. */
export function badAnswer(status: number): string {
  if (status === 401) return `the server answers 401 (${WHO})`;
  const isOurs = status >= 300 && status < 500 && status !== 408 && status !== 429;
  return `the server answers ${status} (${isOurs ? ADDRESS : LATER})`;
}

/** The text of whatever was thrown, and what to do about it, in one line: a plan has one for each problem. */
export function problemOf(error: unknown): string {
  const hint = error instanceof UserError ? error.hint : undefined;
  return oneLine(hint === undefined ? messageOf(error) : `${messageOf(error)} (${hint})`);
}

function oneLine(text: string): string {
  return text.trim().replace(/(?<!\s)\s*\n\s*/g, "; ");
}
