import { parseChallenges } from "../registry/auth.ts";
import { UserError } from "../system/errors.ts";
import type { HttpRequest, Transport } from "../system/http/message.ts";

/** The variable that apk itself reads, and we with it. Source: fetch(3), "ENVIRONMENT"; apk-tools has libfetch inside */
export const HTTP_AUTH = "HTTP_AUTH";

/** Basic authentication, as `HTTP_AUTH` has it. */
export interface HttpAuth {
  /** Only a server that asks for this realm gets the password; `*` is any. */
  readonly realm: string;
  readonly user: string;
  readonly password: string;
}

/** What to set, for messages. */
export const HTTP_AUTH_FORM = `${HTTP_AUTH}=basic:*:USER:PASSWORD`;

/**
 * Reads `basic:REALM:USER:PASSWORD`; a password may hold colons. Undefined where nothing is set.
 * @throws UserError where it has another form; the message never shows it
 */
export function parseHttpAuth(text: string | undefined): HttpAuth | undefined {
  if (text === undefined || text === "") return undefined;
  const [scheme = "", realm = "", user = "", ...password] = text.split(":");
  if (scheme.toLowerCase() !== "basic" || realm === "" || user === "" || password.length === 0) {
    throw new UserError(
      `${HTTP_AUTH} in the environment is not in apk's form`,
      `set ${HTTP_AUTH_FORM}; * stands for any realm`,
    );
  }
  return { realm, user, password: password.join(":") };
}

/**
 * Logs in where the mirror asks for it, and from then on at once. The password goes to that origin only: not where it
 * redirects to, nor to another port. Like apk, it is never sent unasked.
 * @param origin of the mirror of packages
 */
export function withHttpAuth(transport: Transport, origin: string, auth: HttpAuth | undefined): Transport {
  if (!auth) return transport;
  const authorization = authorizationOf(auth);
  const authorized = (request: HttpRequest) => ({
    ...request,
    headers: { ...request.headers, authorization },
  });
  let wasAsked = false;
  return async (request) => {
    if (request.url.origin !== origin) return transport(request);
    if (wasAsked) return transport(authorized(request));
    const response = await transport(request);
    if (response.status !== 401 || !asksFor(auth, response.headers["www-authenticate"] ?? ""))
      return response;
    wasAsked = true;
    return transport(authorized(request));
  };
}

/** The header's value. */
export function authorizationOf({ user, password }: HttpAuth): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

function asksFor({ realm }: HttpAuth, header: string): boolean {
  return parseChallenges(header).some(
    ({ scheme, parameters }) => scheme === "basic" && (realm === "*" || parameters.realm === realm),
  );
}
