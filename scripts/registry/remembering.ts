import { rememberLogin, rememberSecret } from "../system/shown/secrets.ts";
import type { CredentialLookup, Credentials } from "./credentials.ts";

/** The same lookup; what it finds is kept from all that is shown. */
export function remembering(lookup: CredentialLookup): CredentialLookup {
  return async (registry) => {
    const found = await lookup(registry);
    for (const { credentials } of [found, ...(found.paths ?? [])]) if (credentials) remember(credentials);
    return found;
  };
}

function remember(credentials: Credentials): void {
  if ("identityToken" in credentials) rememberSecret(credentials.identityToken);
  else rememberLogin(credentials.username, credentials.password);
}
