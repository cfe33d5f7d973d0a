import type { Signing } from "../model/signing.ts";
import { type CredentialLookup, dockerCredentials, remembering } from "../registry/credentials.ts";
import { UserError } from "../system/errors.ts";
import { CommandError, tryRun } from "../system/process/process.ts";
import {
  type Ask,
  attestArgv,
  cosignFlags,
  errorIn,
  type PredicateType,
  PUBLIC_KEY_VARIABLE,
  predicatesIn,
  publicKeyArgv,
  type Signed,
  saySame,
  signArgv,
  trialArgv,
  type Verifier,
  verifyArgv,
  verifyAttestationArgv,
} from "./cosign.ts";
import { withDockerConfig } from "./docker-config.ts";

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

/** What was done for one image: an image that has all its signatures is not signed again. */
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
  readonly signal?: AbortSignal | undefined;
  /** Runs cosign. */
  readonly run?: typeof tryRun;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where our credentials for the registry come from: cosign gets the same. */
  readonly credentials?: CredentialLookup;
}

/** What `tryRun` gives for a program that is not there, as a shell does. */
const NOT_FOUND = 127;

const INSTALL = "install it (Debian 13: apt-get install cosign), or turn signing off with --sign off";

/** Whether cosign can be run here. */
export async function hasCosign(run: typeof tryRun = tryRun): Promise<boolean> {
  return (await run(["cosign", "version"])).exitCode !== NOT_FOUND;
}

/**
 * Gets ready to sign: finds out how this cosign wants to be asked, reads the public key and signs something that goes
 * nowhere, so that what is wrong is told before anything is built. Without a key nothing is tried, as each signature is recorded in a public log.
 * cosign reaches the registry with the same credentials as we do.
 *
 * @throws UserError when there is no cosign, it is not supported, or it cannot use the key
 */
export async function openSigner(signing: Signing, options: SignerOptions = {}): Promise<Signer> {
  const { env = process.env, run = tryRun, signal } = options;
  const { credentials = remembering(dockerCredentials({ env })) } = options;
  // All that cosign reads by itself, whatever its release: of DOCKER_AUTH_CONFIG and podman's files some know nothing.
  const { DOCKER_CONFIG, HOME } = env;
  const docker = dockerCredentials({ env: { DOCKER_CONFIG, HOME } });
  if (!(await hasCosign(run))) {
    throw new UserError("images are to be signed, but there is no cosign on this machine", INSTALL);
  }
  // Without it cosign would take for a password what it is given to sign.
  const password = { COSIGN_PASSWORD: env.COSIGN_PASSWORD ?? "" };
  const asking =
    (more: Readonly<Record<string, string>>): Ask =>
    (argv, input) =>
      run(argv, { env: { ...password, ...more }, signal, ...(input !== undefined && { input }) });
  const flags = await cosignFlags(asking({}));
  const signWith = (image: ImageToSign, verifier: Verifier | undefined, publicKey = "") =>
    withDockerConfig(image, credentials, docker, (login) =>
      sign(image, { signing, flags }, verifier, asking({ ...login, [PUBLIC_KEY_VARIABLE]: publicKey })),
    );
  if (signing.kind === "keyless") {
    const verifier = signing.identity && ({ kind: "keyless", identity: signing.identity } as const);
    return { title: "the identity of this run", sign: (image) => signWith(image, verifier) };
  }
  const publicKey = await askWithKey(signing.key, publicKeyArgv(signing.key), asking({}));
  await askWithKey(signing.key, trialArgv(signing.key, flags), asking({}), "a trial");
  const verifier = { kind: "key", log: signing.log } as const;
  return { title: `the key ${signing.key}`, sign: (image) => signWith(image, verifier, publicKey) };
}

/** What cosign prints for a command that needs the key. @throws UserError that says why it cannot use it */
async function askWithKey(key: string, argv: readonly string[], ask: Ask, input?: string): Promise<string> {
  const { exitCode, stdout, stderr } = await ask(argv, input);
  if (exitCode === 0) return stdout;
  const said = errorIn(stderr);
  throw new UserError(`cosign cannot use the key ${key}: ${said}`, adviceFor(said));
}

function adviceFor(said: string): string {
  if (/decrypt/.test(said)) return "give its password in COSIGN_PASSWORD";
  if (/no such file|not found/i.test(said)) {
    return "name a private key that exists; cosign generate-key-pair makes one";
  }
  return "check that it is a private key that this run may read and sign with, or turn signing off with --sign off";
}

/** How signatures are made: by whom, and with what cosign must be told besides. */
interface Manner {
  readonly signing: Signing;
  /** See `cosignFlags`. */
  readonly flags: readonly string[];
}

async function sign(
  image: ImageToSign,
  { signing, flags }: Manner,
  verifier: Verifier | undefined,
  ask: Ask,
): Promise<SignResult> {
  const isSigned = await areAllSigned(image, verifier, ask);
  if (!isSigned) await expectSuccess(signArgv(signing, image, isForSeveral(image), flags), ask);
  let attested = 0;
  for (const group of groupsOf(image.attestations)) {
    const subject = { ...image, digest: group.subject };
    if (verifier && (await isAttested(group, subject, verifier, ask))) continue;
    for (const [position, document] of group.documents.entries()) {
      // The first takes the place of what was said before; the others of the same type join it.
      await attest((replace) => attestArgv(signing, subject, group.type, replace, flags), position === 0, {
        ask,
        document,
      });
      attested++;
    }
  }
  return { signed: !isSigned, attested };
}

/** @param replace whether it takes the place of what was said before */
async function attest(
  argv: (replace: boolean) => readonly string[],
  replace: boolean,
  { ask, document }: { readonly ask: Ask; readonly document: string },
): Promise<void> {
  if (replace && (await ask(argv(true), document)).exitCode === 0) return;
  // cosign cannot read, and so not replace, a damaged statement: it stays, and no verification takes it.
  await expectSuccess(argv(false), ask, document);
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
