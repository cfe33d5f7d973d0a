/**
 * Secrets that this process has been told, so that no text of its own can show them: none is ever put into a message,
 * and should a server or a program say one back, it is taken out at the door (scripts/system/shown/output.ts) and before
 * anything is written down.
 */

const known = new Set<string>();

/** Shorter ones are no secrets worth the name, and would be found everywhere by chance. */
const SHORTEST = 6;

/** Environment variables whose value is a secret, by what their names end in. */
const SECRET_NAMES = /(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|SECRET_ACCESS_KEY|TOKEN|API_KEY|PRIVATE_KEY)$/;

/** What takes a secret's place. */
const HIDDEN = "***";

/** Keeps a secret from all that is shown from now on, also in the forms that protocols give it. */
export function rememberSecret(secret: string): void {
  if (secret.trim().length < SHORTEST) return;
  known
    .add(secret)
    .add(encodeURIComponent(secret))
    .add(JSON.stringify(secret).slice(1, -1))
    .add(base64(secret));
}

/** The same for a name and its password, which HTTP sends together as base64. */
export function rememberLogin(username: string, password: string): void {
  rememberSecret(password);
  if (password.length >= SHORTEST) known.add(base64(`${username}:${password}`));
}

/** The same for all secrets of an environment, by their names: cosign's password, a CI's tokens, AWS's keys. */
export function rememberEnvironment(env: NodeJS.ProcessEnv): void {
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && SECRET_NAMES.test(name)) rememberSecret(value);
  }
  // wget's and apk's: `basic:REALM:USER:PASSWORD`.
  const [, user, ...password] = (env.HTTP_AUTH ?? "").split(":").slice(1);
  if (user !== undefined && password.length > 0) rememberLogin(user, password.join(":"));
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

/** A text without the secrets that are known, and without passwords in URLs, known or not. */
export function withoutSecrets(text: string): string {
  let shown = text.replace(PASSWORD_IN_URL, `$1${HIDDEN}@`);
  // The longest first: one may be a part of another.
  const secrets = [...known].sort((a, b) => b.length - a.length);
  for (const secret of secrets) shown = shown.replaceAll(secret, HIDDEN);
  return shown;
}

/** `https://NAME:PASSWORD@`; bounded, so that no text takes long. */
const PASSWORD_IN_URL = /(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:@/?#]{0,200}:)[^\s@/?#]{1,500}@/gi;

/** Forgets all: for tests. */
export function forgetSecrets(): void {
  known.clear();
}
