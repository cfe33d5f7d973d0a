import { chmod, chown, copyFile, mkdir, mkdtemp, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { parseLdd } from "../../sandbox/base/apk-program.ts";
import { digestOf } from "../../scripts/formats/oci/digest.ts";
import { MEDIA_TYPE } from "../../scripts/formats/oci/types.ts";
import { Registry } from "../../scripts/registry/client.ts";
import { openLocalRegistry } from "../../scripts/registry/local.ts";
import { run } from "../../scripts/system/process/process.ts";
import { type DockerDaemon, startDocker } from "../support/docker-daemon.ts";
import { freePort } from "../support/world.ts";

/** What Docker's own image `registry:2` has: no word of removing anything. */
const CONFIG = `version: 0.1
storage: { filesystem: { rootdirectory: /var/lib/registry } }
http: { addr: ":5000" }
`;

/** Nothing but what a registry in a container takes, and what this test does to its data. */
const PROGRAMS = ["sh", "mkfifo", "rm", "chown"];

/**
 * The machine of most people: Docker, and no registry's program. The daemon is real, and has no network of its own, nor a
 * way to Docker Hub: the image is made of Debian's registry, and what is published is taken by the registry itself.
 */
let docker: DockerDaemon;
let place: string;

beforeAll(async () => {
  docker = await startDocker();
  place = await mkdtemp(join(tmpdir(), "birdhouse-container-"));
  await makeImage();
  const bin = join(place, "bin");
  await mkdir(bin);
  for (const name of PROGRAMS) await symlink(await pathOf(name), join(bin, name));
  const { PATH, DOCKER_HOST, DOCKER_CONFIG } = docker.env;
  const program = `#!/bin/sh
export PATH='${PATH}' DOCKER_HOST='${DOCKER_HOST}' DOCKER_CONFIG='${DOCKER_CONFIG}'
for word; do
  shift
  case "$before $word" in
    *" --publish") set -- "$@" --network ;;
    "--publish "*) set -- "$@" host --env "REGISTRY_HTTP_ADDR=\${word%:5000}" ;;
    *) set -- "$@" "$word" ;;
  esac
  before=$word
done
exec docker "$@"
`;
  await writeFile(join(bin, "docker"), program, { mode: 0o755 });
  vi.stubEnv("PATH", bin);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await docker?.close();
  await rm(place, { recursive: true, force: true });
});

async function pathOf(program: string): Promise<string> {
  return (await run(["sh", "-c", `command -v ${program}`])).stdout.trim();
}

async function makeImage(): Promise<void> {
  const root = join(place, "root");
  const program = await pathOf("docker-registry");
  const { loader, libraries } = parseLdd((await run(["ldd", program])).stdout);
  for (const path of [loader, ...libraries]) {
    await mkdir(join(root, dirname(path)), { recursive: true });
    await copyFile(path, join(root, path));
  }
  await copyFile(program, join(root, basename(program)));
  await chmod(join(root, basename(program)), 0o755);
  await writeFile(join(root, "config.yml"), CONFIG);
  await run(["tar", "-cf", join(place, "root.tar"), "-C", root, "."]);
  const start = `ENTRYPOINT ["/${basename(program)}", "serve", "/config.yml"]`;
  await run(["docker", "import", "--change", start, join(place, "root.tar"), "registry:2"], {
    env: docker.env,
  });
}

async function containers(): Promise<string> {
  return (await run(["docker", "ps", "--all", "--quiet"])).stdout;
}

it("a registry in a container is shared, can remove what it has, ends with its last user, and leaves its images to who started it", async () => {
  const port = await freePort();
  const notes: string[] = [];
  const directory = join(place, "registry");
  // Who types it is no root, and what the registry writes is theirs.
  const own = 1000;
  await mkdir(join(directory, "data"), { recursive: true });
  for (const folder of [directory, join(directory, "data")]) await chown(folder, own, own);
  vi.spyOn(process, "getuid").mockReturnValue(own);
  vi.spyOn(process, "getgid").mockReturnValue(own);
  const open = (host: string) => openLocalRegistry({ host, directory, note: (text) => notes.push(text) });

  const one = await open(`localhost:${port}`);
  expect(notes).toEqual([
    `starting a registry at localhost:${port} (the image registry:2)`,
    `no registry ran at localhost:${port}, so one was started: it is new, and has no images yet`,
  ]);
  const registry = new Registry(`127.0.0.1:${port}`);
  const put = async (tag: string) => {
    const bytes = Buffer.from(
      JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.index, manifests: [] }),
    );
    const content = { mediaType: MEDIA_TYPE.index, bytes, digest: digestOf(bytes) };
    await registry.putManifest("birds/wren", tag, content);
    return content.digest;
  };
  await registry.deleteManifest("birds/wren", await put("1"));
  expect(await registry.headManifest("birds/wren", "1")).toBeUndefined();
  await put("2");
  expect((await stat(join(directory, "data/docker/registry"))).uid).toBe(own);

  const two = await open(`127.0.0.1:${port}`);
  await one();
  expect(await registry.headManifest("birds/wren", "2")).toBeDefined();
  await two();
  await expect.poll(containers, { timeout: 20_000 }).toBe("");

  const three = await open(`127.0.0.1:${port}`);
  expect(notes.at(-1)).toContain("so one was started: its images are in ");
  expect(await new Registry(`127.0.0.1:${port}`).headManifest("birds/wren", "2")).toBeDefined();
  await three();
  await expect.poll(containers, { timeout: 20_000 }).toBe("");

  // As an earlier release left it.
  await run(["chown", "-R", "0:0", join(directory, "data/docker")]);
  const four = await open(`127.0.0.1:${port}`);
  await put("3");
  await four();
  await expect.poll(containers, { timeout: 20_000 }).toBe("");
});
