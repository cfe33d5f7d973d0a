import { rememberLogin, rememberSecret } from "../system/secrets.ts";
import type { CredentialLookup, Credentials } from "./credentials.ts";

/** The same lookup; what it finds is kept from all that is shown. */
export function remembering(lookup: CredentialLookup): CredentialLookup {
  return async (registry) => {
    const found = await lookup(registry);
    if (found.credentials) remember(found.credentials);
    return found;
  };
}

function remember(credentials: Credentials): void {
  if ("identityToken" in credentials) rememberSecret(credentials.identityToken);
  else rememberLogin(credentials.username, credentials.password);
}
