import type { Signing } from "../model/signing.ts";
import { dockerCredentials, remembering } from "../registry/credentials.ts";
import { UserError } from "../system/errors.ts";
import { CommandError, tryRun } from "../system/process/process.ts";
import * as cosign from "./cosign.ts";
import { withDockerConfig } from "./docker-config.ts";

/** A statement of an image that is to be signed. */
export interface Attestation {
  readonly type: cosign.PredicateType;
  /** The predicate, as JSON. */
  readonly document: string;
}

/** An image that is in the registry, by digest. */
export interface ImageToSign extends cosign.Signed {
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
  const flags = await cosign.cosignFlags(asking({}));
  let title = "the identity of this run";
  let publicKey = "";
  if (signing.kind === "key") {
    const { key } = signing;
    title = `the key ${key}`;
    publicKey = await askWithKey(key, ["cosign", "public-key", "--key", key], asking({}));
    // Signs what it reads from its standard input, and prints the signature: it goes to no registry and no log.
    const unlogged = cosign.signingFlags({ ...signing, log: false }, flags);
    await askWithKey(key, ["cosign", "sign-blob", ...unlogged, "-"], asking({}), "a trial");
  }
  const withFlags = cosign.signingFlags(signing, flags);
  return {
    title,
    sign: (image) =>
      withDockerConfig(image, credentials, docker, async (login) => {
        const ask = asking({ ...login, [cosign.PUBLIC_KEY_VARIABLE]: publicKey });
        await sign(image, withFlags, cosign.verifyingFlags(signing), ask);
      }),
  };
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

async function sign(
  image: ImageToSign,
  signing: readonly string[],
  verifying: readonly string[] | undefined,
  ask: cosign.Ask,
): Promise<void> {
  if (!(await areAllSigned(image, verifying, ask))) {
    await expectSuccess(cosign.signArgv(signing, image, isForSeveral(image)), ask);
  }
  for (const type of new Set(image.attestations.map((one) => one.type))) {
    const documents = image.attestations.filter((one) => one.type === type).map((one) => one.document);
    if (verifying) {
      const { exitCode, stdout } = await ask(cosign.verifyAttestationArgv(verifying, image, type));
      const wanted = documents.map((document) => JSON.parse(document) as unknown);
      if (exitCode === 0 && cosign.saySame(type, cosign.predicatesIn(stdout, type), wanted)) continue;
    }
    for (const [position, document] of documents.entries()) {
      const argv = (replace: boolean) => cosign.attestArgv(signing, image, type, replace);
      // The first takes the place of what was said before; the others of the same type join it.
      if (position === 0 && (await ask(argv(true), document)).exitCode === 0) continue;
      // cosign cannot read, and so not replace, a damaged statement: it stays, and no verification takes it.
      await expectSuccess(argv(false), ask, document);
    }
  }
}

/** Of several platforms each is signed too: what runs an image checks the manifest of its own platform. */
function isForSeveral({ manifests }: ImageToSign): boolean {
  return manifests.length > 1;
}

async function areAllSigned(
  image: ImageToSign,
  verifying: readonly string[] | undefined,
  ask: cosign.Ask,
): Promise<boolean> {
  // Whose signature to look for is not known: any other's would be taken for ours.
  if (!verifying) return false;
  for (const digest of [image.digest, ...(isForSeveral(image) ? image.manifests : [])]) {
    if ((await ask(cosign.verifyArgv(verifying, { ...image, digest }))).exitCode !== 0) return false;
  }
  return true;
}

async function expectSuccess(argv: readonly string[], ask: cosign.Ask, input?: string): Promise<void> {
  const result = await ask(argv, input);
  if (result.exitCode !== 0) throw new CommandError(argv, result);
}
