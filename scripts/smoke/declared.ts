import { join } from "node:path";
import type { Built, BuiltRelease } from "../build/built.ts";
import type { RunOptions } from "../engine/engine.ts";
import { RejectedError } from "../model/run.ts";
import { type Check, eachOf, GREETING } from "../model/target.ts";
import { setMode, writeWhole } from "../system/files/files.ts";
import type { ProcessResult } from "../system/process/process.ts";
import { expectSuccess } from "./checks.ts";
import { type Containers, checkPrinting, containerOf, runTold } from "./programs.ts";
import { openTlsServer, type TlsServer } from "./tls-server.ts";

/** Where every image has its CA certificates. */
const BUNDLE = "/etc/ssl/certs/ca-certificates.crt";

/** The file, beside those of the tests, that holds the authority of the TLS server. */
const AUTHORITY = "smoke-test-ca.crt";

/** The checks that a catalog declares with an image, and where they run. */
interface Scene {
  readonly release: BuiltRelease;
  /** Those that can be run there. */
  readonly checks: readonly Check[];
  readonly containers: Containers;
  /** Holds the files of the smoke test; `options` mount it. */
  readonly directory: string;
  readonly options: RunOptions;
}

/**
 * Runs the checks that the catalog declares, dev first: it compiles what runtime then runs.
 * @throws RejectedError that names the first that does not hold
 */
export async function runChecks(scene: Scene): Promise<void> {
  const { checks } = scene;
  if (checks.length === 0) return;
  const server = checks.some(({ tls }) => tls) && canServe() ? await serve(scene.directory) : undefined;
  try {
    for (const check of checks) await build(check, scene);
    for (const built of [...eachOf(scene.release)].reverse()) {
      const own = checks.filter(({ variants }) => variants.includes(built.target.variant));
      for (const check of own) await named(built, check, () => runCheck(check, built, scene, server));
    }
  } finally {
    server?.close();
  }
}

/** Elsewhere containers are in a virtual machine, and do not reach this machine's loopback. */
function canServe(): boolean {
  return process.platform === "linux";
}

async function serve(directory: string): Promise<TlsServer> {
  const server = await openTlsServer(GREETING);
  await writeWhole(join(directory, AUTHORITY), server.authority);
  await setMode(join(directory, AUTHORITY), 0o644);
  return server;
}

async function build({ name, build: command }: Check, { release, containers, options }: Scene) {
  if (!command) return;
  await named(release.dev, { name }, async () =>
    expectSuccess(release.dev, await containers.dev.run(command, options), command),
  );
}

async function runCheck(check: Check, built: Built, scene: Scene, server: TlsServer | undefined) {
  const container = containerOf(built, scene.containers);
  const { run, env, user, expected, tls } = check;
  const options = { ...scene.options, env, ...(user !== undefined && { user }) };
  if (tls) {
    if (server) await checkTrust(check, built, { ...scene, options }, server);
  } else if ("prints" in expected) {
    await checkPrinting(built, container, run, options, expected.prints);
  } else {
    const isRight = (result: ProcessResult) => isFailure(result, expected.fails);
    checkFailure(built, await runTold(container, run, options, isRight), expected.fails);
  }
}

/**
 * A program fetches what the server says where the server's authority lies over the image's certificates, and does not
 * where it does not. The second is shown in runtime alone: both variants have the same bundle, and who reads it in one
 * does in the other.
 */
async function checkTrust(
  check: Check,
  built: Built,
  { containers, directory, options }: Scene,
  server: TlsServer,
) {
  const { variant } = built.target;
  const { expected, run } = check;
  const container = containerOf(built, containers);
  const asking: RunOptions = { ...options, env: { ...options.env, URL: server.url }, network: "host" };
  const authority = { source: join(directory, AUTHORITY), target: BUNDLE };
  const trusting = { ...asking, mounts: [...(asking.mounts ?? []), authority] };
  const wanted = "prints" in expected ? expected.prints : GREETING;
  await checkPrinting(built, container, run, trusting, wanted);
  if (variant === "dev") return;
  if ((await container.run(run, asking)).exitCode !== 0) return;
  throw new RejectedError(
    built.target.name,
    `${built.target.name} should refuse a server that none of its certificates vouches for, but took its answer`,
  );
}

/** Whether a command failed, and for the right reason: not because it is misspelt. */
function isFailure({ exitCode, output }: ProcessResult, said: string): boolean {
  return exitCode !== 0 && output.includes(said);
}

function checkFailure({ target }: Built, result: ProcessResult, said: string): void {
  if (isFailure(result, said)) return;
  const { exitCode, output } = result;
  const how = exitCode === 0 ? "ended well" : `ended with exit code ${exitCode}`;
  throw new RejectedError(
    target.name,
    `${target.name} should fail and say "${said}", but ${how} and printed: ${output.trim()}`,
  );
}

/** The check's name, before what is wrong. */
async function named({ target }: Built, { name }: Pick<Check, "name">, work: () => Promise<unknown>) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof RejectedError)) throw error;
    throw new RejectedError(target.name, `check ${name}: ${error.message}`);
  }
}
