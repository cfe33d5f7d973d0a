import { existsSync } from "node:fs";
import { copyFile, cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FileServer, serveDirectory } from "../../sandbox/serve.ts";
import { run, tryRun } from "../../scripts/system/process/process.ts";
import { isInstalled } from "../../scripts/system/process/tools.ts";
import { unmountBelow } from "../../scripts/system/state/run-folder.ts";
import { LATER_MIRROR, REAL_MIRROR, REAL_ROOTFS } from "../support/alpine-fixtures.ts";
import { type DockerDaemon, startDocker } from "../support/docker-daemon.ts";
import { filesIn } from "../support/image-files.ts";
import { compileForMusl, noMuslGcc } from "../support/musl-gcc.ts";
import { noRealApk } from "../support/real-apk.ts";
import { publishRootfs } from "../support/real-base.ts";
import { realCatalog } from "../support/real-catalog.ts";
import { PROJECT } from "../support/workflows.ts";
import { BIRDHOUSE, type Document, PROJECT_STATE, World } from "../support/world.ts";

const INDEX = "v3.19/main/x86_64/APKINDEX.tar.gz";
const IMAGES = ["static", "base", "go", "nim", "haskell"];

/** What is left of /etc, and at the top. */
const ETC = [
  ...[
    "alpine-release",
    "group",
    "hostname",
    "hosts",
    "mtab",
    "nsswitch.conf",
    "os-release",
    "passwd",
    "profile",
  ],
  ...["protocols", "secfixes.d", "services", "shadow", "shells", "ssl", "ssl1.1"],
].map((name) => `etc/${name}`);
const TOP = ["dev", "etc", "home", "lib", "opt", "proc", "root", "run", "sys", "tmp", "usr", "var"];

/** Says who it is, and what it sees of the image that it runs in. */
const SOURCE = `
#include <pwd.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>
int main(void) {
  struct passwd *who = getpwuid(getuid());
  FILE *own = fopen("own", "w");
  time_t day = 0;
  if (!who || !own) return 1;
  printf("hello, %s in %s at %d\\n", who->pw_name, who->pw_dir, localtime(&day)->tm_hour);
}
`;

const GO = `package main

import ("os"; "strconv"; "time")

func main() {
	day, err := time.LoadLocation("Europe/Berlin")
	if err != nil { panic(err) }
	println("hello,", strconv.Itoa(os.Getuid()), time.Unix(0, 0).In(day).Hour())
}
`;

const why = noRealApk ?? noMuslGcc ?? (existsSync(join(REAL_MIRROR, INDEX)) ? undefined : "no real packages");

describe.skipIf(why !== undefined)("of Alpine's own packages, with Alpine's keys alone", () => {
  let world: World;
  let mirror: FileServer;
  let docker: DockerDaemon;

  beforeAll(async () => {
    world = await World.open("");
    await world.startRegistry();
    await cp(REAL_MIRROR, world.path("mirror"), { recursive: true });
    mirror = await serveDirectory(world.path("mirror"), 0);
    await publishRootfs(world, REAL_ROOTFS, [], `docker://${world.registryHost}/real/alpine:3.19`);
    for (const folder of ["bin", "pulled"]) await mkdir(world.path(folder));
    await compileForMusl(SOURCE, world.path("bin/static"), ["-static"]);
    await compileForMusl(SOURCE, world.path("bin/shared"), []);
    const places = {
      registry: world.namespace,
      base: `${world.registryHost}/real/alpine`,
      packages: mirror.url,
    };
    await world.writeCatalog(realCatalog(join(PROJECT, "catalog.yaml"), places, await smokeTests()));
    docker = await startDocker();
  });
  afterAll(async () => {
    await docker?.close();
    await mirror?.close();
    await world?.close();
  });

  /** Each runs a real program: what dev has no compiler for, it unpacks. */
  const smokeTests = async () => {
    const greet = '#include <stdio.h>\nint main(void) { puts("hello, world"); }\n';
    const program = async (name: string, options: readonly string[]) => {
      await compileForMusl(greet, world.path(name), options);
      const text = (await readFile(world.path(name))).toString("base64");
      const unpack = "base64 -d hello.b64 > hello && chmod 755 hello";
      return { files: { "hello.b64": `${text}\n` }, build: ["sh", "-c", unpack], run: ["./hello"] };
    };
    const still = await program("greet-static", ["-static", "-s"]);
    const shared = await program("greet-shared", ["-s"]);
    const shell = { run: ["/bin/sh", "-c", "echo hello, world"] };
    return { static: still, base: shell, go: still, nim: shared, haskell: shared };
  };

  const birdhouse = async (engine: "buildah" | "docker", verb: string, ...args: readonly string[]) => {
    const places = ["--catalog", world.path("catalog.yaml"), "--state", world.path("state")];
    const command = [...BIRDHOUSE, verb, "--json", "--engine", engine, ...places, ...args];
    const { exitCode, stdout, stderr } = await tryRun(command, engine === "docker" ? docker : {});
    expect(exitCode, stdout + stderr).toBe(0);
    return JSON.parse(stdout) as Document;
  };

  /** What of an image a consumer pulls. */
  const pulled = async (repository: string) => {
    const folder = world.path(`pulled/${repository.replaceAll("/", "-")}`);
    const from = `docker://${world.registryHost}/${repository}:3.19`;
    await run(["skopeo", "copy", "--src-tls-verify=false", from, `dir:${folder}`]);
    return filesIn(folder);
  };

  const layersOf = async (name: string): Promise<string[]> => {
    const { layers } = JSON.parse(await readFile(world.path(`pulled/${name}/manifest.json`), "utf8"));
    return layers.map(({ digest }: { digest: string }) => digest);
  };

  it("is built by buildah, smoke-tested and published, and twice with the same digest", async () => {
    const { outcomes } = await birdhouse("buildah", "rebuild", "--verify");
    expect(outcomes.map(({ target, status }) => `${target} ${status}`).toSorted()).toEqual(
      IMAGES.flatMap((name) => [`${name}:3.19 done`, `${name}:3.19-dev done`]).toSorted(),
    );
  });

  it("is built by docker, which may make device nodes, of the very same files", async () => {
    const registry = `${world.registryHost}/by-docker`;
    const { outcomes } = await birdhouse("docker", "rebuild", "--registry", registry);
    expect(outcomes.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => "done"));
    for (const image of IMAGES) {
      expect(await pulled(`by-docker/${image}`), image).toEqual(await pulled(`test/${image}`));
    }
  });

  it("does not depend on the rights of who builds: apk makes device nodes where it may", async () => {
    const store = world.path("rights");
    const buildah = ["buildah", "--root", join(store, "root"), "--runroot", join(store, "run")];
    const dockerfile = await readFile(world.path("images/static/3.19/Dockerfile"), "utf8");
    const built = async (name: string, text: string, ...rights: readonly string[]) => {
      await writeFile(world.path(name), text);
      const fixed = ["--isolation", "chroot", "--timestamp", "0", "--tls-verify=false"];
      const platform = ["--build-arg", "BUILDPLATFORM=linux/amd64"];
      const file = ["--file", world.path(name), "--tag", name, world.path("bin")];
      await run([...buildah, "build", ...fixed, ...platform, ...rights, ...file]);
      await run([...buildah, "push", name, `dir:${world.path(`pulled/${name}`)}`]);
      return filesIn(world.path(`pulled/${name}`));
    };
    const mayMakeNodes = ["--cap-add", "CAP_MKNOD"];
    const usual = await built("usual", dockerfile);
    const privileged = await built("privileged", dockerfile, ...mayMakeNodes);
    // That it could: without the step that removes them, they are there.
    const kept = await built("kept", dockerfile.replace("rm -rf dev/*", "rm -rf"), ...mayMakeNodes);
    await unmountBelow(store);
    expect(kept.get("dev/null")).toMatch(/^crw/);
    expect(Object.fromEntries(privileged)).toEqual(Object.fromEntries(usual));
    const [one, other] = await Promise.all([layersOf("usual"), layersOf("privileged")]);
    expect(other).toEqual(one);
  });

  it.each(IMAGES)(
    "leaves in %s no device, nothing set-user-id, no apk, and nothing of a machine",
    async (image) => {
      const files = await pulled(`test/${image}`);
      const facts = [...files].map(([path, fact]) => ({ path, fact }));
      expect(facts.filter(({ fact }) => !/^[-dlh]/.test(fact))).toEqual([]);
      expect(facts.filter(({ fact }) => /^-..s|^-.....s/i.test(fact))).toEqual([]);
      expect(facts.filter(({ fact }) => /^[-d].......w/.test(fact)).map(({ path }) => path)).toEqual([
        ...["tmp", "var/tmp"],
      ]);
      expect([...files.keys()].filter((path) => /(^|\/)apk(\/|$)/.test(path))).toEqual([
        ...["lib/apk", "lib/apk/db", "lib/apk/db/installed"],
      ]);
      expect([...files.keys()].filter((path) => /^etc\/[^/]+$/.test(path)).toSorted()).toEqual(ETC);
      const top = new Set([...files.keys()].map((path) => path.replace(/\/.*/, "")));
      const programs = image === "base" ? ["bin", "sbin"] : [];
      expect([...top].filter((name) => name !== "").toSorted()).toEqual([...TOP, ...programs].toSorted());
      expect(files.get("home/nonroot")).toBe("drwxr-xr-x 65532/65532 0");
    },
  );

  it("runs what was built elsewhere, as its user, in a folder that this may write", async () => {
    const inImage = async (image: string, program: string, ...options: readonly string[]) => {
      const mount = `${world.path("bin")}:/programs:ro`;
      const reference = `${world.namespace}/${image}:3.19`;
      const command = [
        "docker",
        "run",
        "--rm",
        "--quiet",
        "--network",
        "none",
        "-v",
        mount,
        ...options,
        reference,
      ];
      return (await run([...command, `/programs/${program}`], docker)).output;
    };
    for (const image of ["static", "go"]) {
      const berlin = ["-e", "TZ=Europe/Berlin"];
      expect(await inImage(image, "static", ...berlin)).toBe("hello, nonroot in /home/nonroot at 1\n");
    }
    for (const image of ["base", "nim", "haskell"]) {
      expect(await inImage(image, "shared")).toBe("hello, nonroot in /home/nonroot at 0\n");
    }
    if (!(await isInstalled("go"))) return;
    await writeFile(world.path("bin/main.go"), GO);
    const env = { CGO_ENABLED: "0", GOCACHE: join(PROJECT_STATE, "test/go-cache") };
    await run(["go", "build", "-o", world.path("bin/go"), world.path("bin/main.go")], { env });
    expect(await inImage("go", "go")).toBe("hello, 65532 1\n");
  });

  it("is due for the five packages that moved, once the index is some weeks later", async () => {
    await copyFile(join(LATER_MIRROR, INDEX), join(world.path("mirror"), INDEX));
    const { plan } = await birdhouse("buildah", "plan", "base:3.19");
    const base = plan.find(({ target }) => target === "base:3.19");
    const moved = base?.reasons
      .flatMap((reason) => reason.moved ?? [])
      .map(({ name, from, to }) => ({ name, from, to }));
    expect(moved?.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
      { name: "alpine-release", from: "3.19.1-r0", to: "3.19.2-r0" },
      { name: "busybox", from: "1.36.1-r15", to: "1.36.1-r19" },
      { name: "busybox-binsh", from: "1.36.1-r15", to: "1.36.1-r19" },
      { name: "ca-certificates-bundle", from: "20230506-r0", to: "20240226-r0" },
      { name: "tzdata", from: "2023d-r0", to: "2024a-r0" },
    ]);
  });
});
