import { mkdir, symlink } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run, tryRun } from "../../scripts/system/process/process.ts";
import { smallCatalog } from "../support/catalogs.ts";
import { type DockerDaemon, startDocker } from "../support/docker-daemon.ts";
import { runCommand, World } from "../support/world.ts";

describe("two engines", () => {
  let docker: DockerDaemon;
  let world: World;

  beforeAll(async () => {
    docker = await startDocker();
    world = await World.open(smallCatalog(["lua", "node"]));
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

  it("builds with docker, and buildah runs that", async () => {
    const command = world.commandLine("rebuild", "--json", "--engine", "docker", "lua:5.4");
    const { exitCode, stdout, stderr } = await tryRun(command, docker);
    expect(stderr).toBe("");
    expect(exitCode).toBe(0);
    const { outcomes } = JSON.parse(stdout);
    expect(outcomes.map(({ target }: { target: string }) => target)).toEqual(["lua:5.4", "lua:5.4-dev"]);

    const image = `docker://${world.namespace}/lua:5.4`;
    const inspect = ["skopeo", "inspect", "--tls-verify=false", "--format", "{{.Digest}}", image];
    expect((await run(inspect)).stdout.trim()).toBe(outcomes[0].digest);
    const buildah = ["buildah", "--root", world.path("store/root"), "--runroot", world.path("store/run")];
    await run([...buildah, "from", "--tls-verify=false", "--name", "pulled", image]);
    const ran = await run([...buildah, "run", "--isolation", "chroot", "pulled", "--", "lua", "-v"]);
    expect(ran.output).toContain("Lua 5.4.7");
    await run([...buildah, "rm", "pulled"]);
    await tryRun(["umount", world.path("store/root/overlay")]);
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
