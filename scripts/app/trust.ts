import { signingFrom } from "../model/signing.ts";
import type { Stage } from "../model/stage.ts";
import { provenanceOf, sbomOf } from "../publish/attachments.ts";
import type { PublishContext, PublishedImage } from "../publish/publish.ts";
import type { SmokeContext } from "../smoke/smoke.ts";
import { openGate } from "../trust/gate.ts";
import { provenancePredicate } from "../trust/provenance.ts";
import { hasCosign, openSigner, type Signer } from "../trust/sign.ts";
import type { Session } from "./session.ts";

/** What the stages do to be trusted: each part is missing where it is not wanted. */
export interface Trust {
  readonly smoke: Pick<SmokeContext, "gate">;
  readonly publish: Pick<PublishContext, "sign">;
}

/**
 * Opens the gate and gets ready to sign, as the catalog and the option want it.
 * @param option the option `--sign`, where it was given
 * @param last the last stage of the run: what is not published is not signed
 * @throws UserError when something is wanted that this machine lacks
 */
export async function openTrust(session: Session, option: string | undefined, last: Stage): Promise<Trust> {
  const gate = last === "build" ? undefined : await gateOf(session);
  const signer = last === "publish" ? await signerOf(session, option) : undefined;
  return {
    smoke: gate ? { gate } : {},
    publish: signer ? { sign: (image) => signImage(image, signer, session) } : {},
  };
}

async function gateOf(session: Session) {
  const { catalog, profile, today, scratch, signal } = session;
  if (!catalog.gate) return undefined;
  // The sandbox is for trying out: there a scanner is never required.
  const gate = { ...catalog.gate, required: catalog.gate.required && profile !== "sandbox" };
  return openGate(gate, {
    ...{ today, scratch, signal, note: noteOf(session) },
    async fixes(branch) {
      const answer = await (await session.openUpstream()).fixes(branch);
      return "value" in answer ? answer.value : new Map();
    },
  });
}

async function signerOf(session: Session, option: string | undefined): Promise<Signer | undefined> {
  const { catalog, profile, signal } = session;
  const signing = option === undefined ? catalog.sign : signingFrom(option, catalog.sign);
  if (!signing) return undefined;
  const note = noteOf(session);
  if (option === undefined && profile === "sandbox" && !(await hasCosign())) {
    note("there is no cosign on this machine: in the sandbox images go unsigned then");
    return undefined;
  }
  const signer = await openSigner(signing, { signal });
  note(`signing with ${signer.title}`);
  return signer;
}

async function signImage(
  { built, repository, digest }: PublishedImage,
  signer: Signer,
  { registry, catalog }: Session,
) {
  const predicate = provenancePredicate(await provenanceOf(built, catalog));
  const sboms = built.platforms.map(async (platform) => ({
    type: "cyclonedx" as const,
    document: await sbomOf(built, platform),
    subject: digest,
  }));
  const provenance = {
    type: "slsaprovenance1" as const,
    document: JSON.stringify(predicate),
    subject: digest,
  };
  return signer.sign({
    ...{ registry: registry.host, repository, digest },
    manifests: built.platforms.map(({ manifest }) => manifest.digest),
    attestations: [provenance, ...(await Promise.all(sboms))],
  });
}

function noteOf({ listener }: Session): (text: string) => void {
  return (text) => listener({ type: "note", text });
}
