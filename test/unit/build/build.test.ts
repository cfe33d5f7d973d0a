import { access, mkdir, readdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { build, nameInEngine } from "../../../scripts/build/build.ts";
import {
  type Built,
  installedVersion,
  releasedVersion,
  requirePlatforms,
  sizesOf,
} from "../../../scripts/build/built.ts";
import { imageReader, layoutOf, readBuilt } from "../../../scripts/build/layouts.ts";
import { readBase, readInputs, readSizes } from "../../../scripts/formats/annotations.ts";
import { OciLayout } from "../../../scripts/formats/oci/layout.ts";
import { imageIndexSchema } from "../../../scripts/formats/oci/types.ts";
import { apkArchitecture, hostPlatform, PLATFORMS } from "../../../scripts/model/platform.ts";
import { timeKey } from "../../../scripts/plan/build-times.ts";
import { buildRelease, FakeEngine, fakeBuildContext, sampleImage } from "../../support/fake-engine.ts";
import { sampleJob, sampleRelease, sampleTarget } from "../../support/sample-target.ts";
import { temporaryDirectory } from "../formats/oci/sample-image.ts";

const INPUTS = { branch: "3.22", packages: ["nodejs~22"] };

async function setUp() {
  const engine = new FakeEngine();
  const directory = await temporaryDirectory();
  return { engine, directory, context: fakeBuildContext(engine, directory) };
}

function raise(): never {
  throw new Error("it holds no statement");
}

/** As apk calls this machine's platform. */
const ARCH = apkArchitecture(hostPlatform());

describe("build", () => {
  it("builds on the very base image that the plan saw, and says so of dev, which holds it", async () => {
    const { engine, context } = await setUp();
    const bases = new Map([["3.22", "sha256:abc"]]);
    for (const variant of ["runtime", "dev"] as const) {
      const { layout, index } = await build(sampleJob(sampleTarget({ variant }), INPUTS), {
        ...context,
        bases,
      });
      expect(engine.requests.at(-1)?.args.BASE).toBe("registry.example/alpine@sha256:abc");
      const opened = await OciLayout.open(layout);
      const { annotations } = await opened.readJson(index, imageIndexSchema);
      expect(readBase(annotations)).toBe(variant === "dev" ? "sha256:abc" : undefined);
    }
  });

  it("asks the engine for each platform, and tells apk of runtime what to assemble", async () => {
    const { engine, directory, context } = await setUp();
    const target = sampleTarget({ platforms: ["linux/amd64", "linux/arm64"] });
    await build(sampleJob(target, INPUTS), context);
    const layout = layoutOf(context.layouts, target);
    expect(engine.requests).toEqual(
      (["amd64", "arm64"] as const).map((architecture) => ({
        name: "node-22",
        dockerfile: resolve(directory, "images/node/22/Dockerfile"),
        platform: `linux/${architecture}`,
        args: {
          BASE: "registry.example/alpine:3.22",
          MIRROR: "https://packages.example/alpine",
          APK_ARCH: architecture === "amd64" ? "x86_64" : "aarch64",
        },
        layout: join(layout, `export-linux-${architecture}`),
        time: 0,
        insecureBase: false,
        hostNetwork: false,
      })),
    );
  });

  it("shares the first stage of dev among all of a branch, and takes its architecture from its base", async () => {
    const { engine, directory, context } = await setUp();
    await build(sampleJob(sampleTarget({ variant: "dev", branch: "3.24" }), INPUTS), context);
    expect(engine.requests).toMatchObject([
      {
        name: "node-22-dev",
        dockerfile: resolve(directory, "images/node/22/dev/Dockerfile"),
        shared: { stage: "tools", key: "3.24", time: 0 },
      },
    ]);
    expect(Object.keys(engine.requests[0]?.args ?? {})).toEqual(["BASE", "MIRROR"]);
  });

  it.each([
    ["127.0.0.1:5000/sandbox/alpine", "http://127.0.0.1:5080", true, true],
    ["127.0.0.1:5000/sandbox/alpine", "https://packages.example/alpine", true, false],
    // A mirror of packages on loopback is no reason to fetch the base image over an unsafe connection.
    ["docker.io/library/alpine", "http://localhost:5080", false, true],
  ])(
    "from %s and %s: plain HTTP %s, the host's network %s",
    async (base, packages, insecureBase, hostNetwork) => {
      const { engine, context } = await setUp();
      await build(sampleJob(sampleTarget(), INPUTS), { ...context, sources: { base, packages } });
      expect(engine.requests).toMatchObject([{ insecureBase, hostNetwork }]);
    },
  );

  it("has the engine compress as the catalog says, where that is not what it does by itself", async () => {
    const { engine, context } = await setUp();
    const compressions = [{ format: "zstd", level: 9 }, { format: "gzip" }, undefined] as const;
    for (const compression of compressions) {
      await build(sampleJob(sampleTarget(), INPUTS), { ...context, compression });
    }
    expect(engine.requests.map(({ compression }) => compression)).toEqual([
      { format: "zstd", level: 9 },
      undefined,
      undefined,
    ]);
  });

  it("puts all platforms under one index, which says what it was made from", async () => {
    const { context } = await setUp();
    const target = sampleTarget({ platforms: ["linux/amd64", "linux/arm64"] });
    const originOf = async () => ({ url: "https://github.com/birdhouse/images" });
    const built = await build(sampleJob(target, INPUTS), { ...context, originOf });
    expect(built.platforms.map(({ platform }) => platform)).toEqual(["linux/amd64", "linux/arm64"]);
    const layout = await OciLayout.open(built.layout);
    const index = await layout.readImageIndex(built.index);
    const [amd64, arm64, ...statements] = index.manifests;
    expect([amd64, arm64].map((one) => one?.platform?.architecture)).toEqual(["amd64", "arm64"]);
    expect(statements.map(({ platform, annotations }) => ({ platform, annotations }))).toEqual(
      [amd64, arm64].map((one) => ({
        platform: { os: "unknown", architecture: "unknown" },
        annotations: {
          "vnd.docker.reference.digest": one?.digest,
          "vnd.docker.reference.type": "attestation-manifest",
        },
      })),
    );
    for (const [position, { digest, mediaType, size }] of statements.entries()) {
      const { layers } = await layout.readManifest({ digest, mediaType, size });
      expect(layers).toMatchObject([
        { annotations: { "in-toto.io/predicate-type": "https://spdx.dev/Document" } },
      ]);
      const statement = JSON.parse((await layout.readBlob(layers[0] ?? raise())).toString());
      expect(`sha256:${statement.subject[0].digest.sha256}`).toBe(index.manifests[position]?.digest);
      expect(statement.predicate.packages.map(({ name }: { name: string }) => name)).toContain("nodejs");
    }
    const words = {
      "org.opencontainers.image.title": "node:22",
      "org.opencontainers.image.description": "The JavaScript runtime.",
      "org.opencontainers.image.version": "22.16.0",
      "org.opencontainers.image.created": "1970-01-01T00:00:00Z",
      "org.opencontainers.image.source": "https://github.com/birdhouse/images",
    };
    expect(index.annotations).toMatchObject(words);
    for (const { manifest, config } of built.platforms) {
      expect(config.config?.Labels).toEqual((await layout.readManifest(manifest)).annotations);
      expect(config.config?.Labels).toMatchObject(words);
    }
    expect(readInputs(index.annotations)).toEqual(INPUTS);
    expect((await readdir(built.layout)).toSorted()).toEqual(["blobs", "index.json", "oci-layout"]);
  });

  it("writes a health check where Docker reads it, whatever the engine left out", async () => {
    const { context } = await setUp();
    const healthcheck = {
      test: ["node", "a b"],
      interval: "500ms",
      timeout: "2m",
      startPeriod: "1h",
      retries: 2,
    };
    const built = await build(sampleJob(sampleTarget({ healthcheck }), INPUTS), context);
    // Nanoseconds, as moby/docker-image-spec v1.3 has them.
    expect(built.platforms.map(({ config }) => config.config?.Healthcheck)).toEqual([
      { Test: ["CMD", "node", "a b"], Interval: 5e8, Timeout: 12e10, StartPeriod: 36e11, Retries: 2 },
    ]);
  });

  it("reads from the image what is in it", async () => {
    const { engine, context } = await setUp();
    engine.image = () => ({
      user: "0:0",
      packages: { nodejs: "22.16.0-r2", musl: "1.2.5-r1" },
      files: { "sbin/apk": "x" },
    });
    const { platforms } = await build(sampleJob(sampleTarget(), INPUTS), context);
    expect(platforms).toMatchObject([
      {
        installed: [
          { name: "nodejs", version: "22.16.0-r2" },
          { name: "musl", version: "1.2.5-r1" },
        ],
        packageManagers: ["sbin/apk"],
        config: { config: { User: "0:0" } },
        unpackedSize: `P:nodejs\nV:22.16.0-r2\nA:${ARCH}\n\nP:musl\nV:1.2.5-r1\nA:${ARCH}\n\n`.length + 1,
      },
    ]);
    expect(platforms[0]?.compressedSize).toBeGreaterThan(0);
  });

  it("lets the image say what it weighs, the same in every build", async () => {
    const { engine, context } = await setUp();
    engine.image = () => ({
      packages: {},
      files: {
        "lib/apk/db/installed": `P:nodejs\nV:22.16.0-r2\nA:${ARCH}\nF:usr/bin\nR:node\n\n`,
        "usr/bin/node": "123456",
        "etc/other": "1",
      },
    });
    const built = await build(sampleJob(sampleTarget(), INPUTS), context);
    const index = await (await OciLayout.open(built.layout)).readImageIndex(built.index);
    const sizes = readSizes(index.annotations);
    expect(sizes).toEqual(sizesOf(built.platforms));
    expect(sizes?.get(hostPlatform())?.packages.get("nodejs")).toEqual({
      version: "22.16.0-r2",
      unpacked: 6,
    });
    expect((await build(sampleJob(sampleTarget(), INPUTS), context)).index.digest).toBe(built.index.digest);
  });

  it("leaves nothing of an earlier build, and no image where this one failed", async () => {
    const { engine, context } = await setUp();
    const target = sampleTarget();
    const directory = layoutOf(context.layouts, target);
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, "stale"), "");
    await build(sampleJob(target, INPUTS), context);
    await expect(access(join(directory, "stale"))).rejects.toThrow("ENOENT");
    engine.image = () => {
      throw new Error("no such package");
    };
    await expect(build(sampleJob(target, INPUTS), context)).rejects.toThrow("no such package");
    await expect(readBuilt(target, context.layouts, imageReader())).rejects.toThrow();
  });
});

describe("the time of a build", () => {
  const BUILT = 1_750_000_000;
  const key = (variant: "runtime" | "dev") => timeKey(sampleTarget({ variant }), hostPlatform());
  const createdOf = async ({ layout, platforms: [first] }: Built) => {
    const opened = await OciLayout.open(layout);
    const manifest = first && (await opened.readManifest(first.manifest));
    return manifest && (await opened.readConfig(manifest)).created;
  };

  async function setUpBuilt(built: (attempt: number) => number) {
    const { engine, context } = await setUp();
    engine.image = (request) => ({ ...sampleImage(request), built: built(engine.requests.length) });
    return { engine, context };
  }

  it("is that of the newest package, by what the plan knew before it began", async () => {
    const { engine, context } = await setUpBuilt(() => BUILT);
    const times = new Map([[key("dev"), { image: BUILT, shared: 1_600_000_000 }]]);
    const built = await build(sampleJob(sampleTarget({ variant: "dev" }), INPUTS), { ...context, times });
    expect(engine.requests).toMatchObject([{ time: BUILT, shared: { time: 1_600_000_000 } }]);
    expect(await createdOf(built)).toBe("2025-06-15T15:06:40Z");
  });

  it.each([
    ["another", BUILT - 1],
    ["none", undefined],
  ])(
    "is found out by building again where the plan knew %s, without the stage that has it",
    async (_, known) => {
      const { engine, context } = await setUpBuilt(() => BUILT);
      const times = new Map(known === undefined ? [] : [[key("dev"), { image: known, shared: 1 }]]);
      const job = sampleJob(sampleTarget({ variant: "dev" }), INPUTS);
      const built = await build(job, { ...context, times });
      expect(engine.requests).toMatchObject([
        { time: known ?? 0, shared: { stage: "tools" } },
        { time: BUILT },
      ]);
      expect(engine.requests[1]).not.toHaveProperty("shared");
      expect(await createdOf(built)).toBe("2025-06-15T15:06:40Z");
      expect((await readdir(built.layout)).toSorted()).toEqual(["blobs", "index.json", "oci-layout"]);
    },
  );

  it("is never a wrong one: where each attempt gives another, the build fails", async () => {
    const { engine, context } = await setUpBuilt((attempt) => BUILT + attempt);
    await expect(build(sampleJob(sampleTarget(), INPUTS), context)).rejects.toThrow(
      "node:22 was built as of 2025-06-15T15:06:42Z, but its newest package is of 2025-06-15T15:06:43Z: the mirror's indexes keep changing",
    );
    expect(engine.requests).toHaveLength(3);
  });
});

describe("readBuilt", () => {
  it("reads what was built, the same again", async () => {
    const { context } = await setUp();
    const built = await build(sampleJob(sampleTarget(), INPUTS), context);
    expect(await readBuilt(sampleTarget(), context.layouts, imageReader())).toEqual(built);
  });

  it("says how to build what was not", async () => {
    const { context } = await setUp();
    await expect(readBuilt(sampleTarget(), context.layouts, imageReader())).rejects.toMatchObject({
      name: "UserError",
      message: "node:22 has not been built",
      hint: "build it first: npm run -s birdhouse -- build node:22",
    });
  });

  it("says the same of a build that failed or was interrupted", async () => {
    const { engine, context } = await setUp();
    engine.image = () => {
      throw new Error("no such package");
    };
    await build(sampleJob(sampleTarget(), INPUTS), context).catch(() => {});
    await expect(readBuilt(sampleTarget(), context.layouts, imageReader())).rejects.toThrow(
      "node:22 has not been built",
    );
  });
});

describe("versions", () => {
  async function releaseOf(versions: { runtime?: string; dev?: string }) {
    const { engine, directory } = await setUp();
    engine.image = (request) => {
      const version = request.name.endsWith("-dev") ? versions.dev : versions.runtime;
      return {
        ...sampleImage(request),
        packages: version === undefined ? { musl: "1-r0" } : { nodejs: version },
      };
    };
    return buildRelease(engine, sampleRelease(), directory);
  }

  it("are those of the package, without the number of its build", async () => {
    const { runtime, dev } = await releaseOf({ runtime: "22.16.0-r12" });
    expect(installedVersion(runtime)).toBe("22.16.0");
    expect(installedVersion(dev)).toBeUndefined();
  });

  it("of a release are the one that both variants have, or the only one that there is", async () => {
    expect(releasedVersion(await releaseOf({ runtime: "22.16.0-r1", dev: "22.16.0-r2" }))).toBe("22.16.0");
    expect(releasedVersion(await releaseOf({ dev: "22.16.0-r2" }))).toBe("22.16.0");
  });
});

describe("requirePlatforms", () => {
  it("lets through what has every platform that its tag is to have, and refuses what has fewer", async () => {
    const { engine, directory } = await setUp();
    const release = await buildRelease(engine, sampleRelease(), directory);
    expect(() => requirePlatforms(release.dev, [hostPlatform()])).not.toThrow();
    expect(() => requirePlatforms(release.dev, PLATFORMS)).toThrow(
      `node:22-dev was built for ${hostPlatform()}, but its tags need linux/amd64, linux/arm64`,
    );
  });
});

describe("an image for a platform", () => {
  it("is none whose packages are of another", async () => {
    const { engine, context } = await setUp();
    const database = "P:nodejs\nV:22.16.0-r2\nA:s390x\n\n";
    engine.image = () => ({ packages: {}, files: { "lib/apk/db/installed": database } });
    await expect(build(sampleJob(sampleTarget(), INPUTS), context)).rejects.toThrow(
      `node:22 is not an image for ${hostPlatform()}: package nodejs is for s390x`,
    );
  });
});

describe("nameInEngine", () => {
  it("is a name that every engine takes", () => {
    expect(nameInEngine(sampleTarget({ variant: "dev" }))).toBe("node-22-dev");
    expect(nameInEngine(sampleTarget({ image: "dotnet", version: "8.0" }))).toBe("dotnet-8.0");
  });
});
