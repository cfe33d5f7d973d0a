import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Check, GREETING, type Release, type Target } from "../../scripts/model/target.ts";
import { openTlsServer } from "../../scripts/smoke/tls-server.ts";
import { type OpenImage, runIn, type StartOptions, withImage } from "./process-one.ts";

/** Whoever runs a program: who may do everything, the image's own user, and anybody. */
const USERS = ["0:0", "65532:65532", "1000:1000"];

/** Where the files of smoke tests are. */
const WORKDIR = "/smoke";
const BUNDLE = "etc/ssl/certs/ca-certificates.crt";

/** Something that one user had a program of an image do. */
export interface Lived {
  readonly target: string;
  readonly user: string;
  /** `hello`, or as the catalog calls the check. */
  readonly what: string;
  /** What it printed, where that is not what it should have. */
  readonly wrong: string | undefined;
}

/**
 * Has each of three users do in an image what its smoke test and its checks do, where nothing of it can be written to but
 * an empty `/tmp`: in runtime all of it, in dev the greeting. What is compiled is compiled in dev first, by root.
 * @param referenceOf how buildah names a target's image
 * @param store a directory for buildah
 */
export async function liveIn(
  { runtime, dev }: Pick<Release, "runtime" | "dev">,
  referenceOf: (target: Target) => string,
  store: string,
): Promise<Lived[]> {
  const { smoke, checks = [] } = runtime;
  const files = Object.assign({}, smoke.files, ...checks.map((check) => check.files));
  const builds = [smoke.build, ...checks.map(({ build }) => build)].filter((build) => build !== undefined);
  const hello: Check = {
    ...{ name: "hello", variants: ["dev", "runtime"], env: {}, files: {}, tls: false },
    ...{ run: smoke.run, expected: { prints: GREETING } },
  };
  const server = await openTlsServer(GREETING);
  try {
    return await withImage(referenceOf(dev), store, async (inDev) => {
      const work = join(inDev.root, WORKDIR);
      await mkdir(work, { recursive: true });
      for (const [name, content] of Object.entries(files)) await writeFile(join(work, name), String(content));
      for (const argv of builds) {
        const { exitCode, output } = await runIn(inDev, { argv, user: "0:0", workdir: WORKDIR });
        if (exitCode !== 0) throw new Error(`${dev.name}: ${argv.join(" ")}: ${output}`);
      }
      const ofDev = await tryAll(dev, inDev, [hello], server.url);
      const ofRuntime = await withImage(referenceOf(runtime), store, async (inRuntime) => {
        await cp(work, join(inRuntime.root, WORKDIR), { recursive: true });
        await mkdir(join(inRuntime.root, "etc/ssl/certs"), { recursive: true });
        await writeFile(join(inRuntime.root, BUNDLE), server.authority);
        // As every engine does.
        await writeFile(join(inRuntime.root, "etc/hosts"), "127.0.0.1 localhost\n");
        const own = checks.filter(({ variants }) => variants.includes("runtime"));
        return tryAll(runtime, inRuntime, [hello, ...own], server.url);
      });
      return [...ofDev, ...ofRuntime];
    });
  } finally {
    server.close();
  }
}

async function tryAll(
  { name: target }: Target,
  image: OpenImage,
  checks: readonly Check[],
  url: string,
): Promise<Lived[]> {
  const lived: Lived[] = [];
  for (const { name: what, run, env, user: only, tls, expected } of checks) {
    // A check that says who runs it is about that one.
    for (const user of only === undefined ? USERS : [only.includes(":") ? only : `${only}:${only}`]) {
      const options: StartOptions = {
        ...{ argv: run, user, workdir: WORKDIR, volume: WORKDIR, isReadOnly: true },
        env: { ...env, ...(tls && { URL: url }) },
      };
      const { exitCode, stdout, output } = await runIn(image, options);
      const isRight =
        "prints" in expected
          ? exitCode === 0 && stdout.trim() === expected.prints.trim()
          : exitCode !== 0 && output.includes(expected.fails);
      lived.push({ target, user, what, wrong: isRight ? undefined : `${exitCode}: ${output}` });
    }
  }
  return lived;
}

/** A line for each image, with what each user did in it. */
export function livedText(lived: readonly Lived[]): string {
  const targets = [...new Set(lived.map(({ target }) => target))];
  return targets
    .map((target) => {
      const own = lived.filter((one) => one.target === target);
      const whats = [...new Set(own.map(({ what }) => what))].map((what) => {
        const wrong = own.filter((one) => one.what === what && one.wrong !== undefined);
        return wrong.length === 0 ? what : `${what} FAILS for ${wrong.map(({ user }) => user).join(", ")}`;
      });
      return `${target}: ${whats.join(", ")}`;
    })
    .join("\n");
}
