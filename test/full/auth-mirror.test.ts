import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeIndex, writePackage } from "../../sandbox/mirror/apk-file.ts";
import { type FileServer, serveDirectory } from "../../sandbox/serve.ts";
import { tryRun } from "../../scripts/system/process/process.ts";
import { type BasicMirror, openBasicMirror } from "../support/basic-mirror.ts";
import { smallCatalog } from "../support/catalogs.ts";
import { filesWith, watchProcesses } from "../support/find-secret.ts";
import { noRealApk } from "../support/real-apk.ts";
import { publishBase } from "../support/real-base.ts";
import { ourKey } from "../support/signing-keys.ts";
import { BIRDHOUSE, type Document, PROJECT_STATE, World } from "../support/world.ts";

const [USER, PASSWORD] = ["robin", "fake-Pass:w0rd-of-a-test"];
const HTTP_AUTH = `basic:*:${USER}:${PASSWORD}`;
const SECRETS = [PASSWORD, `${USER}:${PASSWORD}`];

describe.skipIf(noRealApk !== undefined)(
  "a mirror that asks who we are, with Alpine's real apk (R12)",
  () => {
    let world: World;
    let files: FileServer;
    let mirror: BasicMirror;
    let ownFiles: FileServer;
    /** A repository of one's own, with a key of its own and a package that is nowhere else. */
    let own: BasicMirror;

    beforeAll(async () => {
      files = await serveDirectory(join(PROJECT_STATE, "sandbox/mirror"), 0);
      mirror = await openBasicMirror(files.url, `${USER}:${PASSWORD}`);
      world = await World.open("");
      await world.startRegistry();
      const base = `${world.registryHost}/real/alpine`;
      const sources = `${mirror.url}\n  auth: true\n  keys: ${join(PROJECT_STATE, "sandbox/keys")}`;
      await writeOwnRepository(world.path("own"));
      ownFiles = await serveDirectory(world.path("own"), 0);
      own = await openBasicMirror(ownFiles.url, `${USER}:${PASSWORD}`);
      await mkdir(world.path("own-keys"));
      await writeFile(world.path(`own-keys/${ourKey().name}`), ourKey().publicKey);
      const repositories = `repositories:\n  own: { url: "${own.url}/v{{branch}}", keys: own-keys, auth: true }\n`;
      await world.writeCatalog(
        smallCatalog(["lua"])
          .replace("defaults:", `${repositories}defaults:`)
          .replaceAll('packages: ["lua', 'packages: [own-hello, "lua')
          .replace("print('hello, world')", "print(io.open('/usr/share/own/hello'):read())")
          .replace("docker.io/library/alpine", base)
          .replace("https://dl-cdn.alpinelinux.org/alpine", sources),
      );
      await publishBase(world, `docker://${base}:3.22`);
    });
    afterAll(async () => {
      await own?.close();
      await ownFiles?.close();
      await mirror?.close();
      await files?.close();
      await world?.close();
    });

    function run(command: string, args: readonly string[], env: Readonly<Record<string, string>>) {
      const places = ["--catalog", world.path("catalog.yaml"), "--state", world.path("state")];
      const registry = ["--registry", `${world.registryHost}/with-auth`, "--profile", "catalog"];
      return tryRun([...BIRDHOUSE, command, "--json", ...args, ...places, ...registry], { env });
    }

    it("is told in plans and in builds, and nobody else ever sees it", async () => {
      const stop = watchProcesses(PASSWORD);
      // Watching sees what is there to be seen.
      const stopControl = watchProcesses(`MIRROR=${mirror.url}`);
      const { exitCode, stdout, stderr } = await run("rebuild", ["--engine", "buildah"], { HTTP_AUTH });
      const processes = await stop();
      expect(await stopControl()).not.toEqual([]);
      expect(exitCode, `${stderr}\n${stdout}`).toBe(0);
      const { outcomes } = JSON.parse(stdout) as Document;
      expect(outcomes.map(({ status }) => status)).toEqual(["done", "done", "done", "done"]);
      expect(mirror.counts.known).toBeGreaterThan(10);
      expect(own.counts.known).toBeGreaterThan(4);
      expect(processes).toEqual([]);
      for (const secret of SECRETS) {
        expect(stdout + stderr).not.toContain(secret);
        expect(await filesWith(world.directory, secret)).toEqual([]);
      }
      // Nothing of where the secret lay, either: neither a file nor an empty folder in a layer.
      const layers = await filesWith(world.path("state/registry"), "run/secrets/http-auth");
      expect(layers).not.toEqual([]);
      for (const layer of layers) expect(await isJson(layer), layer).toBe(true);
    });

    it("hides nothing from a plan, and is told of where nobody has said who we are", async () => {
      const again = await run("plan", [], { HTTP_AUTH });
      expect(again.exitCode, again.stderr).toBe(0);
      const { plan } = JSON.parse(again.stdout) as Document;
      expect(plan.flatMap(({ unknown }) => unknown)).toEqual([]);
      const nobody = await run("plan", [], { HTTP_AUTH: "" });
      expect(nobody.exitCode).toBe(2);
      expect(nobody.stderr).toContain("HTTP_AUTH is not set");
      const wrong = await run("plan", [], { HTTP_AUTH: "basic:*:robin:another" });
      expect(wrong.exitCode).not.toBe(0);
      expect(wrong.stdout + wrong.stderr).toContain("the server answers 401");
      expect(wrong.stdout + wrong.stderr).not.toContain("another");
    });
  },
);

/** One package, for one branch, signed with a key that Alpine's mirror does not know. */
async function writeOwnRepository(directory: string): Promise<void> {
  const folder = join(directory, "v3.22/x86_64");
  await mkdir(folder, { recursive: true });
  const info = {
    ...{
      name: "own-hello",
      version: "1.0-r0",
      description: "a greeting",
      architecture: "x86_64",
      license: "MIT",
    },
    ...{ depends: [], provides: [] },
  };
  const files = ["usr", "usr/share", "usr/share/own"].map(
    (path) => ({ type: "directory", path, mode: 0o755 }) as const,
  );
  const content = Buffer.from("hello, world\n");
  const greeting = { type: "file", path: "usr/share/own/hello", mode: 0o644, content } as const;
  const path = join(folder, "own-hello-1.0-r0.apk");
  const entry = await writePackage(path, info, [...files, greeting], ourKey());
  await writeIndex(join(folder, "APKINDEX.tar.gz"), "our own", [entry], ourKey());
}

async function isJson(path: string): Promise<boolean> {
  return (await readFile(path, "utf8")).startsWith("{");
}
