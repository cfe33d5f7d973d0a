import { formatBytes } from "../../system/shown/format.ts";
import { commandLine } from "../../system/shown/started.ts";
import type { SiteVersion } from "./images.ts";
import type { Site, SiteDocument, SiteTarget } from "./site.ts";

/** Where the public key is, below the site's folder. */
export const KEY_FILE = "cosign.pub";
/** Where it is by which keys the maintainer's own Sigstore is known. */
export const ROOT_FILE = "trusted_root.json";

/** What can be downloaded of a target, for documents.hbs. Pure. */
export function documentRows({ status, manifests, documents }: SiteTarget) {
  const { name } = status.planned.target;
  const row = (platform: string, { title, path, bytes }: SiteDocument) => ({
    name,
    platform,
    title,
    href: `../${path}`,
    size: formatBytes(bytes),
  });
  return [
    ...documents.map((one) => row("all platforms", one)),
    ...manifests.flatMap((manifest) => manifest.documents.map((one) => row(manifest.platform, one))),
  ];
}

/** How a signature of a version is verified, with the key that there is, for verify.hbs. Pure. */
export function verifyView({ catalog, verification }: Site, { runtime }: SiteVersion) {
  if (!verification) {
    return {
      says: "The catalog's images are not signed, so there is nothing to verify.",
      commands: [],
    };
  }
  const { published, target } = runtime.status.planned;
  const reference = `${catalog.registry}/${target.name}${published ? `@${published.digest}` : ""}`;
  const command = (words: readonly string[]) => commandLine(["cosign", ...words, reference]);
  const words = verificationWords(verification);
  const commands = [
    command(["verify", ...words]),
    command(["verify-attestation", ...words, "--type", "slsaprovenance1"]),
    command(["verify-attestation", ...words, "--type", "cyclonedx"]),
  ];
  const root = verification.trustedRoot !== undefined && { rootHref: `../${ROOT_FILE}` };
  if (verification.kind === "keyless") {
    const isKnown = verification.subject !== undefined && verification.issuer !== undefined;
    const says = isKnown
      ? "Signed without a key, with a certificate for who ran the build."
      : "Signed without a key. The catalog does not say who signs: replace the words in capitals.";
    return { says, commands, ...root };
  }
  const { publicKey } = verification;
  const says =
    publicKey === undefined
      ? "Signed with a key, whose public part is not here: ask the maintainer for cosign.pub."
      : "Signed with a key. This is its public part: save it as cosign.pub.";
  return {
    says,
    commands,
    ...root,
    ...(publicKey !== undefined && { key: publicKey.trim(), keyHref: `../${KEY_FILE}` }),
  };
}

function verificationWords(verification: NonNullable<Site["verification"]>): string[] {
  const root = verification.trustedRoot === undefined ? [] : ["--trusted-root", ROOT_FILE];
  if (verification.kind === "key") {
    const log = verification.log ? [] : ["--insecure-ignore-tlog=true"];
    return ["--key", KEY_FILE, ...log, ...root];
  }
  const { subject = "IDENTITY", issuer = "ISSUER" } = verification;
  return ["--certificate-identity", subject, "--certificate-oidc-issuer", issuer, ...root];
}
