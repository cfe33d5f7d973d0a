import type { Signing } from "../catalog/signing.ts";
import { type CredentialLookup, dockerCredentials } from "../registry/credentials.ts";
import { remembering } from "../registry/remembering.ts";
import { UserError } from "../system/errors.ts";
import { CommandError, type ProcessResult, tryRun } from "../system/process.ts";
import {
  attestArgv,
  type PredicateType,
  PUBLIC_KEY_VARIABLE,
  publicKeyArgv,
  type Signed,
  signArgv,
  type Verifier,
  verifyArgv,
  verifyAttestationArgv,
} from "./cosign.ts";
import { withDockerConfig } from "./docker-config.ts";
import { predicatesIn, saySame } from "./statements.ts";

/** A statement of an image that is to be signed. */
export interface Attestation {
  readonly type: PredicateType;
  /** The predicate, as JSON. */
  readonly document: string;
  /** The digest that it is about: the image index's, or that of one platform's manifest. */
  readonly subject: string;
}

/** An image that is in the registry, by digest. */
export interface ImageToSign extends Signed {
  /** The digests of the manifests that its index leads to. */
  readonly manifests: readonly string[];
  readonly attestations: readonly Attestation[];
}

/** What was done for one image: an image whose signatures are all there is left alone. */
export interface SignResult {
  readonly signed: boolean;
  /** How many statements were sent. */
  readonly attested: number;
}

/** Signs images with cosign. */
export interface Signer {
  /** `the key cosign.key`, `the identity of this run` */
  readonly title: string;
  /**
   * Signs an image and its statements, as far as no good signature by the same hand is there.
   * @throws CommandError when cosign fails; nothing depends on a tag, so none need have moved
   */
  sign(image: ImageToSign): Promise<SignResult>;
}

export interface SignerOptions {
  readonly signal?: AbortSignal;
  /** Runs cosign. */
  readonly run?: typeof tryRun;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where our credentials for the registry come from: cosign gets the same. */
  readonly credentials?: CredentialLookup;
}

/** What `tryRun` gives for a program that is not there, as a shell does. */
const NOT_FOUND = 127;

const INSTALL = "install it (Debian 13: apt-get install cosign), or leave signing out with --sign off";

/** Whether cosign can be run here. */
export async function hasCosign(run: typeof tryRun = tryRun): Promise<boolean> {
  return (await run(["cosign", "version"])).exitCode !== NOT_FOUND;
}

/**
 * Gets ready to sign: asks for the public key, so that a wrong one is told of before anything is built.
 * cosign reaches the registry with the same credentials as we do.
 *
 * @throws UserError when there is no cosign, or it cannot use the key
 */
export async function openSigner(signing: Signing, options: SignerOptions = {}): Promise<Signer> {
  const { env = process.env, run = tryRun, signal } = options;
  const docker = remembering(dockerCredentials({ env }));
  const { credentials = docker } = options;
  if (!(await hasCosign(run))) {
    throw new UserError("images are to be signed, and there is no cosign on this machine", INSTALL);
  }
  // Without it cosign would take for a password what it is given to sign.
  const password = { COSIGN_PASSWORD: env.COSIGN_PASSWORD ?? "" };
  const asking =
    (more: Readonly<Record<string, string>>): Ask =>
    (argv, input) =>
      run(argv, {
        env: { ...password, ...more },
        ...(input !== undefined && { input }),
        ...(signal && { signal }),
      });
  const signWith = (image: ImageToSign, verifier: Verifier | undefined, publicKey = "") =>
    withDockerConfig(image.registry, credentials, docker, (login) =>
      sign(image, signing, verifier, asking({ ...login, [PUBLIC_KEY_VARIABLE]: publicKey })),
    );
  if (signing.kind === "keyless") {
    const verifier = signing.identity && ({ kind: "keyless", identity: signing.identity } as const);
    return { title: "the identity of this run", sign: (image) => signWith(image, verifier) };
  }
  const publicKey = await readPublicKey(signing.key, asking({}));
  const verifier = { kind: "key", log: signing.log } as const;
  return { title: `the key ${signing.key}`, sign: (image) => signWith(image, verifier, publicKey) };
}

type Ask = (argv: readonly string[], input?: string) => Promise<ProcessResult>;

async function readPublicKey(key: string, ask: Ask): Promise<string> {
  const { exitCode, stdout, stderr } = await ask(publicKeyArgv(key));
  if (exitCode === 0) return stdout;
  const said = /^Error: (.*)$/m.exec(stderr)?.[1] ?? stderr.trim();
  throw new UserError(
    `cosign cannot use the key ${key}: ${said}`,
    /decrypt/.test(said)
      ? "give its password in COSIGN_PASSWORD"
      : "name a private key that is there: cosign generate-key-pair makes one",
  );
}

async function sign(
  image: ImageToSign,
  signing: Signing,
  verifier: Verifier | undefined,
  ask: Ask,
): Promise<SignResult> {
  const isSigned = await areAllSigned(image, verifier, ask);
  if (!isSigned) await expectSuccess(signArgv(signing, image, isForSeveral(image)), ask);
  let attested = 0;
  for (const group of groupsOf(image.attestations)) {
    const subject = { ...image, digest: group.subject };
    if (verifier && (await isAttested(group, subject, verifier, ask))) continue;
    for (const [position, document] of group.documents.entries()) {
      // The first takes the place of what was said before; the others of the same type join it.
      await expectSuccess(attestArgv(signing, subject, group.type, position === 0), ask, document);
      attested++;
    }
  }
  return { signed: !isSigned, attested };
}

/** Of several platforms each is signed too: what runs an image checks the manifest of its own platform. */
function isForSeveral({ manifests }: ImageToSign): boolean {
  return manifests.length > 1;
}

async function areAllSigned(image: ImageToSign, verifier: Verifier | undefined, ask: Ask): Promise<boolean> {
  // Whose signature to look for is not known: any other's would be taken for ours.
  if (!verifier) return false;
  for (const digest of [image.digest, ...(isForSeveral(image) ? image.manifests : [])]) {
    if ((await ask(verifyArgv(verifier, { ...image, digest }))).exitCode !== 0) return false;
  }
  return true;
}

/** The statements of one type about one subject. */
interface Group {
  readonly type: PredicateType;
  readonly subject: string;
  readonly documents: string[];
}

function groupsOf(attestations: readonly Attestation[]): Group[] {
  const groups = new Map<string, Group>();
  for (const { type, subject, document } of attestations) {
    const key = `${type} ${subject}`;
    const group = groups.get(key) ?? { type, subject, documents: [] };
    group.documents.push(document);
    groups.set(key, group);
  }
  return [...groups.values()];
}

async function isAttested(group: Group, subject: Signed, verifier: Verifier, ask: Ask): Promise<boolean> {
  const { exitCode, stdout } = await ask(verifyAttestationArgv(verifier, subject, group.type));
  if (exitCode !== 0) return false;
  const wanted = group.documents.map((document) => JSON.parse(document) as unknown);
  return saySame(group.type, predicatesIn(stdout, group.type), wanted);
}

async function expectSuccess(argv: readonly string[], ask: Ask, input?: string): Promise<void> {
  const result = await ask(argv, input);
  if (result.exitCode !== 0) throw new CommandError(argv, result);
}
