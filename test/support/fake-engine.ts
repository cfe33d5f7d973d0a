import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type BuildContext, build } from "../../scripts/build/build.ts";
import type { BuiltRelease } from "../../scripts/build/built.ts";
import { imageReader } from "../../scripts/build/layouts.ts";
import type { BuildRequest, Container, Engine, LocalImage, RunOptions } from "../../scripts/engine/engine.ts";
import { ociPlatform } from "../../scripts/formats/oci/assemble.ts";
import { digestOf } from "../../scripts/formats/oci/digest.ts";
import { OciLayout } from "../../scripts/formats/oci/layout.ts";
import { MEDIA_TYPE } from "../../scripts/formats/oci/types.ts";
import { apkArchitecture, type Platform } from "../../scripts/model/platform.ts";
import type { ProcessResult } from "../../scripts/system/process/process.ts";
import { type Tree, tarOf } from "../unit/formats/oci/sample-image.ts";
import { type SampleRelease, sampleCatalog, sampleJob } from "./sample-target.ts";

/** What the fake engine makes of a Dockerfile. */
export interface FakeImage {
  /** As in the image's configuration; none is root. */
  readonly user?: string;
  /** Installed packages: name → version with its release, such as `22.16.0-r0`. */
  readonly packages: Readonly<Record<string, string>>;
  /** When each package was built, in seconds since 1970. */
  readonly built?: number;
  /** Further files. */
  readonly files?: Tree;
}

/** A command that was run in a container. `image` is the image's name in the engine. */
export interface FakeRun {
  readonly image: string;
  readonly argv: readonly string[];
  readonly options: RunOptions;
}

/** An engine that executes nothing: images and answers are as the test says. */
export class FakeEngine implements Engine {
  readonly name = "buildah";
  readonly title = "fake engine 1.0";
  /** All that it was asked to do, in order: `build node-22`, `run node-22: node --version`. */
  readonly log: string[] = [];
  readonly requests: BuildRequest[] = [];
  readonly opened: LocalImage[] = [];
  readonly runs: FakeRun[] = [];

  /** What a build makes. May throw: a step of the Dockerfile failed. */
  image: (request: BuildRequest) => FakeImage | Promise<FakeImage> = sampleImage;
  /** What a command prints and with which exit code it ends; a text alone is printed with exit code 0. */
  answer: (run: FakeRun) => string | ProcessResult | Promise<string | ProcessResult> = sampleAnswer;

  async build(request: BuildRequest): Promise<void> {
    this.log.push(`build ${request.name}`);
    this.requests.push(request);
    await writeImage(request, await this.image(request));
  }

  async open(image: LocalImage): Promise<Container> {
    this.log.push(`open ${image.name}`);
    this.opened.push(image);
    return {
      losesOutput: true,
      run: async (argv, options = {}) => {
        this.log.push(`run ${image.name}: ${argv.join(" ")}`);
        const run = { image: image.name, argv, options };
        this.runs.push(run);
        const answer = await this.answer(run);
        return typeof answer === "string" ? printed(answer) : answer;
      },
      remove: async () => void this.log.push(`remove ${image.name}`),
    };
  }

  async close(): Promise<void> {
    this.log.push("close");
  }
}

/** A process that printed this on standard output. */
export function printed(stdout: string, exitCode = 0): ProcessResult {
  return { exitCode, stdout, stderr: "", output: stdout };
}

/** A good image: Node.js 22.16.0, with apk in dev only, and not for root in runtime. */
export function sampleImage({ name }: BuildRequest): FakeImage {
  const packages = { nodejs: "22.16.0-r2" };
  if (name.endsWith("-dev")) return { packages, files: { "sbin/apk": `apk of ${name}` } };
  return { packages, user: "65532:65532", files: { "etc/hostname": name } };
}

/** A good program: says its version, and greets. */
export function sampleAnswer({ argv }: FakeRun): string {
  return argv.includes("--version") ? "v22.16.0\n" : "hello, world\n";
}

/** What building needs of the world, below a directory. */
export function fakeBuildContext(engine: Engine, directory: string): BuildContext {
  return {
    engine,
    sources: sampleCatalog().sources,
    images: join(directory, "images"),
    layouts: join(directory, "layouts"),
    reader: imageReader(),
    bases: new Map(),
    times: new Map(),
    originOf: async () => ({}),
  };
}

/** Builds both variants of a release below a directory. */
export async function buildRelease(
  engine: Engine,
  { runtime, dev, debug }: SampleRelease,
  directory: string,
): Promise<BuiltRelease> {
  const context = fakeBuildContext(engine, directory);
  return {
    runtime: await build(sampleJob(runtime), context),
    dev: await build(sampleJob(dev), context),
    ...(debug && { debug: await build(sampleJob(debug), context) }),
  };
}

async function writeImage({ layout: directory, platform }: BuildRequest, image: FakeImage): Promise<void> {
  const layout = await OciLayout.create(directory);
  const tar = await tarOf({ "lib/apk/db/installed": databaseOf(image, platform), ...image.files });
  const config = {
    ...ociPlatform(platform),
    ...(image.user !== undefined && { config: { User: image.user } }),
    rootfs: { type: "layers", diff_ids: [digestOf(tar)] },
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.manifest,
    config: await layout.putJson(config, MEDIA_TYPE.config),
    layers: [await layout.putBytes(gzipSync(tar), MEDIA_TYPE.layerTarGzip)],
  };
  await layout.writeIndex([await layout.putJson(manifest, MEDIA_TYPE.manifest)]);
}

/** apk's database of what is installed, with only the fields that it cannot do without. */
function databaseOf({ packages, built }: FakeImage, platform: Platform): string {
  const time = built === undefined ? "" : `t:${built}\n`;
  return Object.entries(packages)
    .map(([name, version]) => `P:${name}\nV:${version}\nA:${apkArchitecture(platform)}\n${time}\n`)
    .join("");
}
