import { tmpdir } from "node:os";
import type { Signing } from "../model/signing.ts";
import type { RepositoryPlace } from "../registry/client.ts";
import { dockerCredentials, remembering } from "../registry/credentials.ts";
import { UserError } from "../system/errors.ts";
import { makeScratch, removeTree } from "../system/files/files.ts";
import { CommandError, tryRun } from "../system/process/process.ts";
import { takeBack } from "./bundles.ts";
import * as cosign from "./cosign.ts";
import { withDockerConfig } from "./docker-config.ts";
import { checkSigstore, sigstoreFor } from "./sigstore.ts";

/** A statement of an image that is to be signed. */
export interface Attestation {
  readonly type: cosign.PredicateType;
  /** The predicate, as JSON. */
  readonly document: string;
}

/** An image that is in a repository. */
export interface ImageToSign {
  readonly place: RepositoryPlace;
  readonly digest: string;
  /** The digests of the manifests that its index leads to. */
  readonly manifests: readonly string[];
  readonly attestations: readonly Attestation[];
}

/** Signs images with cosign. */
export interface Signer {
  /** `the key cosign.key`, `the identity of this run` */
  readonly title: string;
  /**
   * Signs an image and its statements, as far as no good signature by the same hand is there.
   * @throws CommandError when cosign fails; nothing depends on a tag, so none need have moved
   */
  sign(image: ImageToSign): Promise<void>;
}

export interface SignerOptions {
  readonly signal?: AbortSignal | undefined;
  /** Runs cosign. */
  readonly run?: typeof tryRun;
  readonly env?: Readonly<Record<string, string | undefined>>;
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
  const credentials = remembering(dockerCredentials(env));
  // All that cosign reads by itself, whatever its release: of DOCKER_AUTH_CONFIG and podman's files some know nothing.
  const { DOCKER_CONFIG, HOME } = env;
  const docker = dockerCredentials({ DOCKER_CONFIG, HOME });
  if (!(await hasCosign(run))) {
    throw new UserError("images are to be signed, but there is no cosign on this machine", INSTALL);
  }
  // Without it cosign would take for a password what it is given to sign.
  const password = { COSIGN_PASSWORD: env.COSIGN_PASSWORD ?? "" };
  const asking =
    (more: Readonly<Record<string, string>>): cosign.Ask =>
    (argv, input) =>
      run(argv, { env: { ...password, ...more }, signal, ...(input !== undefined && { input }) });
  const manner = await cosign.mannerOf(signing, asking({}));
  await checkSigstore(signing.sigstore);
  let title = "the identity of this run";
  let publicKey = "";
  if (signing.kind === "key") {
    const { key } = signing;
    title = `the key ${key}`;
    publicKey = await askWithKey(key, ["cosign", "public-key", "--key", key], asking({}));
    const unlogged = { ...signing, log: false };
    await withFolder(async (folder) => {
      const flags = cosign.signingFlags(unlogged, manner, await sigstoreFor(unlogged, manner, folder));
      await askWithKey(key, cosign.trialArgv(flags, manner, folder), asking({}), "a trial");
    });
  }
  return {
    title,
    sign: (image) => {
      const { registry, repository } = image.place;
      const of = { registry: registry.host, repository };
      return withDockerConfig(of, credentials, docker, (login) =>
        withFolder(async (folder) => {
          const sigstore = await sigstoreFor(signing, manner, folder);
          await sign(image, {
            signing: cosign.signingFlags(signing, manner, sigstore),
            verifying: cosign.verifyingFlags(signing),
            manner,
            ask: asking({ ...login, [cosign.PUBLIC_KEY_VARIABLE]: publicKey }),
          });
        }),
      );
    },
  };
}

/** A folder for as long as something is done. */
async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await makeScratch(tmpdir(), "birdhouse-sign-");
  try {
    return await use(folder);
  } finally {
    await removeTree(folder);
  }
}

/** What cosign prints for a command that needs the key. @throws UserError that says why it cannot use it */
async function askWithKey(
  key: string,
  argv: readonly string[],
  ask: cosign.Ask,
  input?: string,
): Promise<string> {
  const { exitCode, stdout, stderr } = await ask(argv, input);
  if (exitCode === 0) return stdout;
  const said = cosign.errorIn(stderr);
  throw new UserError(`cosign cannot use the key ${key}: ${said}`, adviceFor(said));
}

function adviceFor(said: string): string {
  if (/decrypt/.test(said)) return "give its password in COSIGN_PASSWORD";
  if (/no such file|not found/i.test(said)) {
    return "name a private key that exists; cosign generate-key-pair makes one";
  }
  return "check that it is a private key that this run may read and sign with, or turn signing off with --sign off";
}

/** How images are signed. */
interface Hand {
  readonly signing: readonly string[];
  /** By which a signature is known to be ours; undefined where nobody said whose it would be. */
  readonly verifying: readonly string[] | undefined;
  readonly manner: cosign.Manner;
  readonly ask: cosign.Ask;
}

async function sign(image: ImageToSign, hand: Hand): Promise<void> {
  const { signing, ask } = hand;
  if (!(await areAllSigned(image, hand))) {
    await expectSuccess(cosign.signArgv(signing, placeOf(image), isForSeveral(image)), ask);
  }
  for (const type of new Set(image.attestations.map((one) => one.type))) {
    const documents = image.attestations.filter((one) => one.type === type).map((one) => one.document);
    const said = await statementsOf(image, type, hand);
    const say = hand.manner.kind === "bundle" ? attachStatements : replaceStatements;
    await say(image, { type, documents, said }, hand);
  }
}

/** Statements of one type about one image. */
interface Statements {
  readonly type: cosign.PredicateType;
  /** What is to be said. */
  readonly documents: readonly string[];
  /** What we have said already. */
  readonly said: readonly cosign.Statement[];
}

/** What we have said of an image: nothing where nobody said by whom it would be signed. */
async function statementsOf(
  image: ImageToSign,
  type: cosign.PredicateType,
  { verifying, ask }: Hand,
): Promise<cosign.Statement[]> {
  if (!verifying) return [];
  const { exitCode, stdout } = await ask(cosign.verifyAttestationArgv(verifying, placeOf(image), type));
  return exitCode === 0 ? cosign.statementsIn(stdout, type) : [];
}

/** Says what is not said yet, and takes back what is true no longer. */
async function attachStatements(
  image: ImageToSign,
  { type, documents, said }: Statements,
  { signing, ask }: Hand,
): Promise<void> {
  const wanted = documents.map((document) => ({ document, predicate: JSON.parse(document) as unknown }));
  const fresh = wanted.filter(
    ({ predicate }) => !said.some((one) => cosign.saySame(type, one.predicate, predicate)),
  );
  for (const { document } of fresh) {
    await expectSuccess(cosign.attestArgv(signing, placeOf(image), type, false), ask, document);
  }
  const untrue = said.filter(
    (one) => !wanted.some(({ predicate }) => cosign.saySame(type, one.predicate, predicate)),
  );
  const payloads = untrue.map(({ payload }) => payload);
  await takeBack(image.place, image.digest, cosign.PREDICATE_TYPES[type], payloads);
}

/** Says all of it in place of what was said before, where any of it differs. */
async function replaceStatements(
  image: ImageToSign,
  { type, documents, said }: Statements,
  { signing, ask }: Hand,
): Promise<void> {
  const predicates = said.map(({ predicate }) => predicate);
  const wanted = documents.map((document) => JSON.parse(document) as unknown);
  if (cosign.listsSaySame(type, predicates, wanted)) return;
  for (const [position, document] of documents.entries()) {
    const argv = (replace: boolean) => cosign.attestArgv(signing, placeOf(image), type, replace);
    // The first takes the place of what was said before; the others of the same type join it.
    if (position === 0 && (await ask(argv(true), document)).exitCode === 0) continue;
    // cosign cannot read, and so not replace, a damaged statement: it stays, and no verification takes it.
    await expectSuccess(argv(false), ask, document);
  }
}

function placeOf({ place, digest }: ImageToSign): cosign.Signed {
  return { registry: place.registry.host, repository: place.repository, digest };
}

/** Of several platforms each is signed too: what runs an image checks the manifest of its own platform. */
function isForSeveral({ manifests }: ImageToSign): boolean {
  return manifests.length > 1;
}

async function areAllSigned(image: ImageToSign, { verifying, ask }: Hand): Promise<boolean> {
  // Whose signature to look for is not known: any other's would be taken for ours.
  if (!verifying) return false;
  for (const digest of [image.digest, ...(isForSeveral(image) ? image.manifests : [])]) {
    if ((await ask(cosign.verifyArgv(verifying, { ...placeOf(image), digest }))).exitCode !== 0) return false;
  }
  return true;
}

async function expectSuccess(argv: readonly string[], ask: cosign.Ask, input?: string): Promise<void> {
  const result = await ask(argv, input);
  if (result.exitCode !== 0) throw new CommandError(argv, result);
}
