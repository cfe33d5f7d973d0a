import { mkdir, symlink } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run, tryRun } from "../../scripts/system/process/process.ts";
import { smallCatalog } from "../support/catalogs.ts";
import { type DockerDaemon, startDocker } from "../support/docker-daemon.ts";
import { runCommand, World } from "../support/world.ts";

/** A catalog whose images have a health check. */
function withHealth(catalog: string): string {
  const check = (program: string) => `healthcheck: { test: [${program}, -e, ""], interval: 500ms }`;
  return catalog.replace(
    /^( *)cmd: \[(\w+)\]$/gm,
    (line, indent, program) => `${line}\n${indent}${check(program)}`,
  );
}

describe("two engines", () => {
  let docker: DockerDaemon;
  let world: World;

  beforeAll(async () => {
    docker = await startDocker();
    world = await World.open(withHealth(smallCatalog(["lua", "node"])));
    await world.startRegistry();
  });
  afterAll(async () => {
    await docker.close();
    await world.close();
  });

  it("runs with docker what buildah built: the promised version, as user 65532", async () => {
    expect((await world.birdhouse("rebuild", "--engine", "buildah", "node")).exitCode).toBe(0);
    const image = `${world.namespace}/node:22`;
    const script = "console.log(process.version, process.getuid(), process.getgid())";
    const command = ["docker", "run", "--rm", "--network", "none", image, "node", "-e", script];
    const { stdout } = await run(command, docker);
    expect(stdout).toMatch(/^v22\.\d+\.\d+ 65532 65532\n$/);
  });

  /** Runs an image until docker says of its health what it will say. */
  async function healthOf(image: string, ...command: readonly string[]): Promise<string> {
    const { stdout } = await run(
      ["docker", "run", "--detach", "--network", "none", image, ...command],
      docker,
    );
    const container = stdout.trim();
    try {
      for (let patience = 100; patience > 0; patience--) {
        const inspect = ["docker", "inspect", "--format", "{{.State.Health.Status}}", container];
        const status = (await run(inspect, docker)).stdout.trim();
        if (status !== "starting") return status;
        await sleep(200);
      }
      return "starting";
    } finally {
      await run(["docker", "rm", "--force", container], docker);
    }
  }

  it("has its health looked at by docker though buildah built it, whose format has no health check", async () => {
    const image = `${world.namespace}/node:22`;
    expect(await healthOf(image, "node", "-e", "setInterval(() => {}, 1000)")).toBe("healthy");
  });

  it("builds with docker, and buildah runs that", async () => {
    const command = world.commandLine("rebuild", "--json", "--engine", "docker", "lua:5.4");
    const { exitCode, stdout, stderr } = await tryRun(command, docker);
    expect(exitCode, stderr).toBe(0);
    const { outcomes } = JSON.parse(stdout);
    expect(outcomes.map(({ target }: { target: string }) => target)).toEqual(["lua:5.4", "lua:5.4-dev"]);

    const image = `docker://${world.namespace}/lua:5.4`;
    const inspect = ["skopeo", "inspect", "--tls-verify=false", "--format", "{{.Digest}}", image];
    expect((await run(inspect)).stdout.trim()).toBe(outcomes[0].digest);
    const buildah = ["buildah", "--root", world.path("store/root"), "--runroot", world.path("store/run")];
    await run([...buildah, "from", "--tls-verify=false", "--name", "pulled", image]);
    // By its exit code: on a busy machine buildah may lose what a program printed.
    const isLua = ["lua", "-e", "assert(_VERSION == 'Lua 5.4')"];
    await run([...buildah, "run", "--isolation", "chroot", "pulled", "--", ...isLua]);
    await run([...buildah, "rm", "pulled"]);
    await tryRun(["umount", world.path("store/root/overlay")]);
  });

  it("lets a program that anybody runs write to nothing but /tmp", async () => {
    const catalog = await world.readCatalog();
    const writing = (folder: string) =>
      catalog.replaceAll("print('hello", `assert(io.open('${folder}/note', 'w')) print('hello`);
    try {
      await world.writeCatalog(writing("/tmp"));
      const good = await tryRun(world.commandLine("smoke", "--engine", "docker", "lua:5.4"), docker);
      expect(good.exitCode, good.output).toBe(0);
      await world.writeCatalog(writing("/var/tmp"));
      const { exitCode, output } = await tryRun(
        world.commandLine("smoke", "--engine", "docker", "lua:5.4"),
        docker,
      );
      expect(output).toMatch(
        /→ it ran as user 1000:1000, with nothing to write to but \/tmp; where it needs more/,
      );
      expect(exitCode).toBe(1);
    } finally {
      await world.writeCatalog(catalog);
    }
  });

  it("has the same health check with docker as with buildah", async () => {
    const healthchecks = ["node:22", "lua:5.4"].map(async (name) => {
      const image = `docker://${world.namespace}/${name}`;
      const { stdout } = await run(["skopeo", "inspect", "--tls-verify=false", "--config", "--raw", image]);
      return JSON.parse(stdout).config.Healthcheck;
    });
    expect(await Promise.all(healthchecks)).toEqual([
      { Test: ["CMD", "node", "-e", ""], Interval: 5e8 },
      { Test: ["CMD", "lua", "-e", ""], Interval: 5e8 },
    ]);
  });

  it("finds nothing to do with one engine after the other", async () => {
    const { stdout } = await tryRun(world.commandLine("rebuild", "--engine", "docker", "lua:5.4"), docker);
    expect(stdout).toBe("Nothing to do: 2 targets up to date.\n");
  });

  it("builds with the buildx builder that is named, and says so where there is none of that name", async () => {
    const build = (builder: string) =>
      tryRun(world.commandLine("build", "--engine", "docker", "--builder", builder, "lua:5.4"), docker);
    const { exitCode, stderr } = await build("default");
    expect(stderr).toMatch(/building with docker \S+, builder default/);
    expect(exitCode).toBe(0);
    const unknown = await build("nowhere");
    expect(unknown.stderr).toContain("docker buildx has no builder nowhere");
    expect(unknown.exitCode).toBe(2);
  });

  it("keeps docker's build cache within the catalog's bound", async () => {
    const places = ["--catalog", world.path("catalog.yaml"), "--state", world.path("state")];
    const { stdout, exitCode } = await runCommand(["clean", ...places], docker);
    expect(stdout).toMatch(/^build cache: total:\s+\S+/m);
    expect(exitCode).toBe(0);
  });

  it("leaves nothing in docker", async () => {
    const { stdout } = await run(["docker", "images", "--format", "{{.Repository}}"], docker);
    expect(stdout).not.toContain("birdhouse");
    expect((await run(["docker", "ps", "--all", "--quiet"], docker)).stdout).toBe("");
  });

  it("says what is missing, and what to install", async () => {
    await mkdir(world.path("bin"));
    await symlink("/bin/bash", world.path("bin/bash"));
    const env = { PATH: world.path("bin") };
    const { exitCode, stderr } = await tryRun(world.commandLine("build", "--profile", "catalog"), { env });
    expect(stderr).toContain("there is no engine to build with");
    expect(stderr).toContain("apt-get install buildah");
    expect(exitCode).toBe(2);
  });
});
