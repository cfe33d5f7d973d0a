import type { Stage } from "../model/run.ts";
import { signingFrom } from "../model/signing.ts";
import { provenanceOf, sbomOf } from "../publish/attachments.ts";
import type { PublishContext, PublishedImage } from "../publish/publish.ts";
import type { SmokeContext } from "../smoke/smoke.ts";
import { openGate } from "../trust/gate.ts";
import { type Making, provenancePredicate } from "../trust/provenance.ts";
import { hasCosign, openSigner, type Signer } from "../trust/sign.ts";
import { testResultPredicate } from "../trust/test-result.ts";
import { vexDocument } from "../trust/vex.ts";
import { valueIn } from "./ask-alpine.ts";
import type { Session } from "./session.ts";

export type TrustSession = Pick<
  Session,
  "catalog" | "profile" | "registry" | "today" | "scratch" | "signal" | "listener" | "openUpstream"
>;

/**
 * Opens the gate and gets ready to sign, as the catalog and the option want it.
 * @param option the option `--sign`, where it was given
 * @param last the last stage of the run: what is not published is not signed
 * @param making who builds, and from what: provenances say it
 * @returns each part is missing where it is not wanted
 * @throws UserError when something is wanted that this machine lacks
 */
export async function openTrust(
  session: TrustSession,
  option: string | undefined,
  last: Stage,
  making: Making,
): Promise<Pick<SmokeContext, "gate"> & Pick<PublishContext, "sign">> {
  const gate = last === "build" ? undefined : await gateOf(session);
  const signer = last === "publish" ? await signerOf(session, option) : undefined;
  return {
    ...(gate && { gate }),
    ...(signer && { sign: (image) => signImage(image, signer, session, making) }),
  };
}

async function gateOf(session: TrustSession) {
  const { catalog, profile, today, scratch, signal, listener } = session;
  if (!catalog.gate) return undefined;
  // The sandbox is for trying out: there a scanner is never required.
  const gate = { ...catalog.gate, required: catalog.gate.required && profile !== "sandbox" };
  return openGate(gate, {
    today,
    scratch,
    signal,
    note: (text) => listener({ type: "note", text }),
    async fixes(branch) {
      const upstream = await session.openUpstream();
      return valueIn(await upstream.fixes(branch)) ?? new Map();
    },
  });
}

/**
 * Gets ready to sign, as the catalog and the option want it; undefined where it is not wanted.
 * @throws UserError where it is wanted, and this machine cannot
 */
export async function signerOf(
  { catalog, profile, signal, listener }: Pick<TrustSession, "catalog" | "profile" | "signal" | "listener">,
  option: string | undefined,
): Promise<Signer | undefined> {
  const signing = option === undefined ? catalog.sign : signingFrom(option, catalog.sign);
  if (!signing) return undefined;
  if (option === undefined && profile === "sandbox" && !(await hasCosign())) {
    const text = "there is no cosign on this machine: the sandbox's images are not signed";
    listener({ type: "note", text });
    return undefined;
  }
  const signer = await openSigner(signing, { signal });
  listener({ type: "note", text: `signing with ${signer.title}` });
  return signer;
}

/** Signs an image, and attests its provenance, what is in it, what was let through, and that it has passed its tests. */
async function signImage(
  { built, repository, digest, letThrough }: PublishedImage,
  signer: Signer,
  { registry, catalog, today, signal }: TrustSession,
  making: Making,
): Promise<unknown> {
  const predicate = provenancePredicate(await provenanceOf(built, catalog, making));
  const document = JSON.stringify(predicate);
  const sboms = built.platforms.map(async (platform) => ({
    type: "cyclonedx" as const,
    document: await sbomOf(built, platform, catalog),
  }));
  const vex = built.platforms.flatMap((platform) => {
    const text = vexDocument(built, platform, letThrough, { registry: catalog.registry, at: today });
    return text === undefined ? [] : [{ type: "openvex" as const, document: text }];
  });
  return signer.sign({
    place: { registry, repository, signal },
    digest,
    manifests: built.platforms.map(({ manifest }) => manifest.digest),
    attestations: [
      { type: "slsaprovenance1", document },
      { type: "testresult", document: JSON.stringify(testResultPredicate(built.target)) },
      ...(await Promise.all(sboms)),
      ...vex,
    ],
  });
}
