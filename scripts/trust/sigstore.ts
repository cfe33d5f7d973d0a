import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isPlainObject } from "../formats/oci/digest.ts";
import type { Signing, Sigstore } from "../model/signing.ts";
import { messageOf, UserError } from "../system/errors.ts";
import { writeWhole } from "../system/files/files.ts";
import { tryJson } from "../system/json.ts";
import type { Manner } from "./cosign.ts";

/** Who vouches for signatures and records them, as the files that cosign 3 takes say it. */

/** Whether a bundle is made without asking anybody: then the Sigstore to ask is one of these, which has no service. */
function asksNobody(signing: Signing): boolean {
  return signing.kind === "key" && !signing.log;
}

/** A Sigstore without services, as cosign writes its files. Source: sigstore/protobuf-specs, sigstore_trustroot.proto */
const NOBODY = {
  signingConfig:
    '{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json","rekorTlogConfig":{},"tsaConfig":{}}',
  trustedRoot: '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}',
};

/** Who is asked for a bundle; undefined where it is the public Sigstore. @param folder for the files that say so */
export async function sigstoreFor(
  signing: Signing,
  manner: Manner,
  folder: string,
): Promise<Sigstore | undefined> {
  if (manner.kind === "tags" || !asksNobody(signing)) return signing.sigstore;
  const files = {
    signingConfig: join(folder, "signing-config.json"),
    trustedRoot: join(folder, "trusted-root.json"),
  };
  await writeWhole(files.signingConfig, NOBODY.signingConfig);
  await writeWhole(files.trustedRoot, NOBODY.trustedRoot);
  return files;
}

/** What the files of a Sigstore say that they are. Source: sigstore/protobuf-specs, sigstore_trustroot.proto */
const FILES = {
  signingConfig: [/^application\/vnd\.dev\.sigstore\.signingconfig\b/, "cosign signing-config create"],
  trustedRoot: [/^application\/vnd\.dev\.sigstore\.trustedroot\b/, "cosign trusted-root create"],
} as const;

/**
 * Looks into the files of a Sigstore: cosign would do so once all is built.
 * @throws UserError where one is not there, or is none of its kind
 */
export async function checkSigstore(sigstore: Sigstore | undefined): Promise<void> {
  if (!sigstore) return;
  for (const name of ["signingConfig", "trustedRoot"] as const) {
    const [kind, command] = FILES[name];
    const path = sigstore[name];
    const why = await readFile(path, "utf8").then(
      (text) => (kind.test(mediaTypeIn(text)) ? undefined : "it is not what it should be"),
      (error: unknown) => messageOf(error),
    );
    if (why === undefined) continue;
    throw new UserError(
      `sign.sigstore.${name} of the catalog names ${path}: ${why}`,
      `name a file that ${command} wrote`,
    );
  }
}

function mediaTypeIn(text: string): string {
  const document = tryJson(text);
  return isPlainObject(document) && typeof document.mediaType === "string" ? document.mediaType : "";
}
