import { parseChallenges } from "../registry/auth.ts";
import { UserError } from "../system/errors.ts";
import type { HttpRequest, Transport } from "../system/http/message.ts";

/** The variable that apk itself reads, and we with it. Source: fetch(3), "ENVIRONMENT"; apk-tools has libfetch inside */
export const HTTP_AUTH = "HTTP_AUTH";

/** Basic authentication, as `HTTP_AUTH` has it. */
export interface HttpAuth {
  /** Only a server that asks in this name is answered; any is where it is `*`. */
  readonly realm: string;
  readonly user: string;
  readonly password: string;
}

/** What to set, for messages. */
export const HTTP_AUTH_FORM = `${HTTP_AUTH}=basic:*:USER:PASSWORD`;

/**
 * Reads `basic:REALM:USER:PASSWORD`; a password may hold colons. Undefined where nothing is set.
 * @throws UserError where it is something else; the message never shows what it is
 */
export function parseHttpAuth(text: string | undefined): HttpAuth | undefined {
  if (text === undefined || text === "") return undefined;
  const [scheme = "", realm = "", user = "", ...password] = text.split(":");
  if (scheme.toLowerCase() !== "basic" || realm === "" || user === "" || password.length === 0) {
    throw new UserError(
      `${HTTP_AUTH} of the environment is not as apk has it`,
      `set ${HTTP_AUTH_FORM}, with the realm that the mirror names in place of * where it matters`,
    );
  }
  return { realm, user, password: password.join(":") };
}

/**
 * Answers a server that asks who we are, and from then on says so at once. Nobody but that server is told: neither
 * whoever it sends us on to, nor another port of it. Like apk, it says nothing to who does not ask.
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
