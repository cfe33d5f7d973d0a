import { createSigningKey } from "../../sandbox/mirror/signing-key.ts";
import { once } from "../../scripts/system/once.ts";

/** A key for tests of what is signed, the same for all: to make one takes a good while. */
export const ourKey = once(() => createSigningKey("test.rsa.pub"));

/** Another one, that nobody trusts. */
export const strangersKey = once(() => createSigningKey("other.rsa.pub"));
