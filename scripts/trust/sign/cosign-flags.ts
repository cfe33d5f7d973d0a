import { UserError } from "../../system/errors.ts";
import type { ProcessResult } from "../../system/process/process.ts";

/** Runs cosign. */
export type Ask = (argv: readonly string[], input?: string) => Promise<ProcessResult>;

/**
 * What cosign 3 must be told to sign as cosign 2 does, so that signatures lie where cosign of either release and
 * `--replace` find them, and no list of services is fetched that would have them logged.
 * Source: sigstore/cosign, CHANGELOG.md of 3.0.0 and 3.1.1; tried with 2.5 and 3.1 as Debian has them.
 */
const AS_BEFORE = ["--new-bundle-format=false", "--use-signing-config=false"];

/**
 * Finds out which flags the cosign that is here needs besides ours. It is asked by its own parser of flags: Debian's
 * calls its version "devel", and flags that are on their way out stand in no help.
 * @returns the flags, for `sign`, `sign-blob` and `attest`
 * @throws UserError where it knows no way to sign as we need it
 */
export async function cosignFlags(ask: Ask): Promise<readonly string[]> {
  let said = "";
  for (const flags of [AS_BEFORE, []]) {
    // With --help nothing is done; a flag that is not known ends it with an error all the same.
    const { exitCode, stderr } = await ask(["cosign", "sign", ...flags, "--tlog-upload=false", "--help"]);
    if (exitCode === 0) return flags;
    said = errorIn(stderr);
  }
  throw new UserError(
    `cosign ${await versionOf(ask)} is not supported: ${said}`,
    "use cosign 2 or 3, or leave signing out with --sign off",
  );
}

/** What cosign says that went wrong, in its own words. */
export function errorIn(stderr: string): string {
  return /^Error: (.*)$/m.exec(stderr)?.[1] ?? stderr.trim();
}

async function versionOf(ask: Ask): Promise<string> {
  const { stdout, stderr } = await ask(["cosign", "version"]);
  return /^GitVersion:\s*(\S+)/m.exec(`${stdout}\n${stderr}`)?.[1] ?? "of this version";
}
