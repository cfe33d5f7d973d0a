import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { loadCatalog } from "../../../scripts/catalog/load.ts";
import { type Target, tagFor } from "../../../scripts/model/target.ts";
import { Registry } from "../../../scripts/registry/client.ts";
import { parseNamespace } from "../../../scripts/registry/reference.ts";
import { UserError } from "../../../scripts/system/errors.ts";
import { run, tryRun } from "../../../scripts/system/process/process.ts";
import { runIn, withImage } from "../../support/process-one.ts";
import type { Benchmark, Result } from "../result.ts";
import { median } from "../timing.ts";

/** How often each program is started; the first time is to warm up, and counts for nothing. */
const ROUNDS = 11;

/** What every container has of the kernel's. */
const KERNELS = ["dev", "proc"];

/** A runtime image, unpacked. */
interface Unpacked {
  readonly target: Target;
  readonly root: string;
  /** `NAME=VALUE`, as the image has it. */
  readonly env: readonly string[];
}

/** What it takes to start each language and print a line, by the images that the last rebuild has published here. */
export const startupBenchmark: Benchmark = {
  name: "startup",
  title: "each runtime starts, says hello and ends",
  async run(note) {
    const targets = await publishedHere();
    const store = await mkdtemp(join(tmpdir(), "birdhouse-startup-"));
    const buildah = ["buildah", "--root", join(store, "root"), "--runroot", join(store, "run")];
    const measured: { target: Target; ms: number }[] = [];
    try {
      for (const target of targets) {
        note(target.name);
        const unpacked = await unpack(target, buildah, store);
        try {
          measured.push({ target, ms: await startOf(unpacked) });
        } finally {
          for (const kind of KERNELS) await run(["umount", join(unpacked.root, kind)]);
        }
        await run([...buildah, "rm", "--all"]);
        await run([...buildah, "rmi", "--all", "--force"]);
      }
    } finally {
      await tryRun([...buildah, "rm", "--all"]);
      await rm(store, { recursive: true, force: true });
    }
    return resultsOf(measured);
  },
};

/** The newest version of each language in the catalog's registry. */
async function publishedHere(): Promise<Target[]> {
  const { targets, registry } = await loadCatalog("catalog.yaml");
  const { registry: host, path } = parseNamespace(registry);
  const client = new Registry(host);
  const newest = new Map<string, Target>();
  for (const target of targets) {
    if (target.variant !== "runtime" || newest.has(target.image)) continue;
    const found = await client.headManifest(`${path}/${target.image}`, target.version).catch(() => undefined);
    if (found) newest.set(target.image, { ...target, name: `${registry}/${target.image}:${target.version}` });
  }
  if (newest.size > 0) return [...newest.values()];
  throw new UserError(
    `nothing is published at ${registry}`,
    "type make rebuild, and make sandbox beside this",
  );
}

async function unpack(target: Target, buildah: readonly string[], store: string): Promise<Unpacked> {
  const { stdout: name } = await run([...buildah, "from", "--tls-verify=false", target.name]);
  const { stdout: root } = await run([...buildah, "mount", name.trim()]);
  const format = "{{range .OCIv1.Config.Env}}{{println .}}{{end}}";
  const { stdout: env } = await run([...buildah, "inspect", "--format", format, name.trim()]);
  const work = join(root.trim(), "smoke");
  await mkdir(work);
  for (const kind of KERNELS) {
    const place = join(root.trim(), kind);
    await mkdir(place, { recursive: true });
    await run(["mount", "--bind", `/${kind}`, place]);
  }
  await fill(work, target, store);
  return { target, root: root.trim(), env: env.split("\n").filter((line) => line !== "") };
}

/** Puts the files of a smoke test into a folder, and what dev compiles of them where that is what runs. */
async function fill(work: string, { name, version, smoke }: Target, store: string): Promise<void> {
  const { files, build } = smoke;
  for (const [file, text] of Object.entries(files)) await writeFile(join(work, file), text);
  if (!build) return;
  const dev = `${name.slice(0, -version.length)}${tagFor("dev", version)}`;
  await withImage(dev, store, async (image) => {
    const inDev = join(image.root, "smoke");
    await cp(work, inDev, { recursive: true });
    const { exitCode, output } = await runIn(image, { argv: build, user: "0:0", workdir: "/smoke" });
    if (exitCode !== 0) throw new Error(`${dev}: ${build.join(" ")}: ${output}`);
    await cp(inDev, work, { recursive: true });
  });
}

/**
 * Milliseconds until the program has ended: in the image's files alone (unshare(1), `--root`), since an engine takes longer
 * to begin than most languages.
 */
async function startOf({ target, root, env }: Unpacked): Promise<number> {
  const command = ["unshare", `--root=${root}`, "--wd=/smoke", ...target.smoke.run];
  const environment = Object.fromEntries(
    env.map((pair) => [pair.replace(/=.*/s, ""), pair.replace(/^[^=]*=/, "")]),
  );
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const begun = performance.now();
    const { exitCode, output } = await tryRun(command, { env: environment });
    if (exitCode !== 0) throw new Error(`${target.name}: ${output}`);
    if (round > 0) times.push(performance.now() - begun);
  }
  return median(times);
}

function resultsOf(measured: readonly { readonly target: Target; readonly ms: number }[]): Result[] {
  const [fastest, ...others] = measured.toSorted((one, other) => one.ms - other.ms);
  if (!fastest) return [];
  const told = ({ target, ms }: typeof fastest) => ({
    benchmark: "startup",
    what: `startup: ${target.image} ${target.version}`,
    unit: "ms" as const,
    measured: ms,
    against: { what: fastest.target.image, value: fastest.ms },
  });
  return [fastest, ...others].map((one) => told(one));
}
