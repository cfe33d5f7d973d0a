import { OciLayout } from "../formats/oci/layout.ts";
import type { Gate, LetThrough } from "../model/gate.ts";
import type { Published } from "../model/published.ts";
import type { Target } from "../model/target.ts";
import { attachVexTo, isSaid, newestVex, readVexNames } from "../publish/vex.ts";
import type { RepositoryPlace } from "../registry/client.ts";
import { readAttachment } from "../registry/referrers.ts";
import { makeScratch, removeTree } from "../system/files/files.ts";
import { exceptionFor, judge, letThrough } from "../trust/gate.ts";
import type { Vulnerability } from "../trust/scanners.ts";
import type { Signer } from "../trust/sign.ts";
import { vexDocument } from "../trust/vex.ts";
import type { PackagesByName } from "../upstream/upstream.ts";
import type { PlatformSbom } from "./inspect.ts";
import type { KnownFixes } from "./known-fixes.ts";

/** What a scanner found in one platform of a published image. */
export interface LookedPlatform {
  readonly sbom: PlatformSbom;
  readonly found: readonly Vulnerability[];
}

/** What the statements of one published image are made of. */
export interface VexSubject {
  readonly target: Target;
  readonly published: Pick<Published, "digest">;
  readonly looked: readonly LookedPlatform[];
  readonly gate: Gate;
  readonly alpine: KnownFixes;
  readonly at: Date;
}

/** Where they go, and by whom they are signed. */
export interface VexPlace extends RepositoryPlace {
  /** `HOST/NAMESPACE` */
  readonly namespace: string;
  readonly scratch: string;
  /** Undefined where the catalog does not sign. @throws UserError where it does, and this machine cannot */
  readonly signer: () => Promise<Signer | undefined>;
}

/**
 * Says of a published image what the catalog's exceptions say today: one that was written since, changed, or ended. What
 * is said already is not said again.
 * @returns the platforms of which something new was said
 * @throws RegistryError; UserError or CommandError where it cannot be signed: then nothing is attached
 */
export async function renewVex(subject: VexSubject, place: VexPlace): Promise<string[]> {
  const { target, published, looked, at } = subject;
  const { namespace: registry, scratch } = place;
  const documents: { sbom: PlatformSbom; text: string }[] = [];
  for (const { sbom, found } of looked) {
    const through = await standingOf(subject, { sbom, found }, place);
    // Of whose packages they are, the list of contents tells.
    const url = sbom.text?.includes("pkg:apk/debian/") ? "https://www.debian.org/" : "";
    const built = { platform: sbom.platform, manifest: sbom.manifest, installed: [{ url }] };
    const text = vexDocument({ target, index: published }, built, through, { registry, at });
    if (text !== undefined) documents.push({ sbom, text });
  }
  const fresh = documents.filter(({ sbom, text }) => !isSaid(sbom.listed, text));
  if (fresh.length === 0) return [];
  const signer = await place.signer();
  // What is attached is not said again: it is signed before.
  await signer?.sign({
    place,
    digest: published.digest,
    manifests: looked.map(({ sbom }) => sbom.manifest.digest),
    // A type's statements are replaced together.
    attestations: documents.map(({ text }) => ({ type: "openvex" as const, document: text })),
  });
  const directory = await makeScratch(scratch, "vex-");
  try {
    const layout = await OciLayout.create(directory);
    for (const { sbom, text } of fresh) await attachVexTo(place, sbom.manifest, text, at, layout);
  } finally {
    await removeTree(directory);
  }
  return fresh.map(({ sbom }) => sbom.platform);
}

/** What exceptions cover in one platform today, as the gate judges it; and what one covered when something was said last. */
async function standingOf(
  { target, gate, alpine, at }: VexSubject,
  { sbom: { platform, listed }, found }: LookedPlatform,
  place: RepositoryPlace,
): Promise<LetThrough[]> {
  const today = at.toISOString().slice(0, 10);
  const offered = alpine.offered.get(target.branch)?.packages ?? new Map<string, PackagesByName>();
  const packages = (offered as ReadonlyMap<string, PackagesByName>).get(platform);
  const subject = {
    image: target.image,
    installed: [...(packages ?? [])].flatMap(([name, [first]]) => {
      return first?.origin === undefined ? [] : [{ name, origin: first.origin }];
    }),
    fixes: alpine.fixes.get(target.branch) ?? new Map(),
  };
  const last = newestVex(listed);
  const said = readVexNames((last && (await readAttachment(place, last))) ?? "");
  return found.flatMap((finding): LetThrough[] => {
    const { kind } = judge(finding, gate, subject, today);
    if (kind !== "excepted" && !said.has(finding.id)) return [];
    // One that Alpine has fixed since is covered for as long as the exception stands.
    const exception = exceptionFor(gate, finding, target.image, today);
    return [letThrough(finding, { target: target.name, platform, exception })];
  });
}
