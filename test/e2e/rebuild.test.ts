import { X509Certificate } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { rootCertificates } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../../scripts/system/process/process.ts";
import { smallCatalog } from "../support/catalogs.ts";
import { rememberBuilds } from "../support/remembered-builds.ts";
import { type Document, World } from "../support/world.ts";

/** The `PATH` of a run that builds in any case. */
const BUILDING = rememberBuilds();

const [ROOT = ""] = rootCertificates;

/** Lua, as a catalog that says all there is to say of how it is run. What it says is checked by the image itself. */
function catalogWithOwn(): string {
  const own = [
    "user: app:1000:2000",
    'files: { /etc/app.conf: { from: app.conf }, /opt/mine: { text: "mine", mode: "0600", owner: user } }',
    "volumes: [/data]",
    'labels: { com.example.price: "5 $" }',
    "expose: [8080, 53/udp]",
    "stopsignal: SIGINT",
    'healthcheck: { test: [lua, -e, "os.exit(0)"], interval: 10s }',
  ];
  const check = `files:
        check.lua: |
          local function read(path) return assert(io.open(path)):read("*a") end
          assert(read("/etc/app.conf") == "it's $HOME \\\\\\n\\n# a <<EOF\\n")
          assert(read("/opt/mine") == "mine")
          assert(read("/etc/passwd"):find("\\napp:x:1000:2000:"))
          assert(io.open("/data/new", "w"):write("x"))
          assert(not io.open("/etc/new", "w"))
          local bundle = read("/etc/ssl/certs/ca-certificates.crt")
          assert(select(2, bundle:gsub("${lastLine()}", "")) == 1)
          assert(select(2, bundle:gsub("BEGIN CERTIFICATE", "")) > 50)
          print("hello, world")
      run: [lua, check.lua]`;
  return smallCatalog(["lua"])
    .replace("defaults:", "certificates: [root.pem]\ntemplates: mine\ndefaults:")
    .replace("alpine-release]", "alpine-release, ca-certificates-bundle]")
    .replaceAll(
      '"lua{{version}}" }\n',
      `"lua{{version}}" }\n${own.map((line) => `      ${line}\n`).join("")}`,
    )
    .replace(/run: .*hello.*/, check);
}

/** Of the certificate, as a pattern of Lua. */
function lastLine(): string {
  const lines = String(new X509Certificate(ROOT)).trim().split("\n");
  return (lines.at(-2) ?? "").replace(/\W/g, "%$&");
}

describe("rebuild, with buildah and a real registry", () => {
  let world: World;
  const digests = new Map<string, string>();

  beforeAll(async () => {
    world = await World.open(catalogWithOwn().replace("    versions:\n", "    debug: true\n    versions:\n"));
    await writeFile(world.path("app.conf"), "it's $HOME \\\n\n# a <<EOF\n");
    await writeFile(world.path("root.pem"), ROOT);
    await mkdir(world.path("mine/partials"), { recursive: true });
    await writeFile(
      world.path("mine/partials/header.hbs"),
      "# DO NOT EDIT: rendered by a partial of our own\n",
    );
    await world.startRegistry();
  });
  afterAll(() => world.close());

  it("builds, tests and publishes every target of the catalog", async () => {
    const { exitCode, document } = await world.json("rebuild", "--engine", "buildah");
    expect(document.outcomes.map(({ target, status }) => `${target} ${status}`)).toEqual([
      "lua:5.4 done",
      "lua:5.4-dev done",
      "lua:5.4-debug done",
      "lua:5.1 done",
      "lua:5.1-dev done",
      "lua:5.1-debug done",
    ]);
    expect(exitCode).toBe(0);
    for (const { target, digest } of document.outcomes) digests.set(target, digest);
  });

  it("gives the tags that the installed version makes, and no others", async () => {
    const listed = await world.registry.listTags("test/lua");
    const tags = listed.filter((tag) => !/\.history$|^sha256-|-r\d+-[0-9a-f]{12}(-dev|-debug)?$/.test(tag));
    const versions = ["5", "5.1", "5.1.5", "5.4", "5.4.7"];
    expect(tags.toSorted()).toEqual(
      [
        ...["", "-dev", "-debug"].flatMap((end) => versions.map((tag) => tag + end)),
        ...["latest", "dev", "debug"],
      ].toSorted(),
    );
  });

  it("has the reported digest under every tag, as another tool reads it", async () => {
    for (const [tag, target] of Object.entries({
      "5.1": "lua:5.1",
      "5.1.5-dev": "lua:5.1-dev",
      "5.1-debug": "lua:5.1-debug",
      debug: "lua:5.4-debug",
      latest: "lua:5.4",
    })) {
      const image = `docker://${world.namespace}/lua:${tag}`;
      const { stdout } = await run([
        "skopeo",
        "inspect",
        "--tls-verify=false",
        "--format",
        "{{.Digest}}",
        image,
      ]);
      expect(stdout.trim()).toBe(digests.get(target));
    }
  });

  it("says in its configuration how it is to be run, with a health check that buildah leaves out", async () => {
    const image = `docker://${world.namespace}/lua:5.4`;
    const { stdout } = await run(["skopeo", "inspect", "--tls-verify=false", "--config", "--raw", image]);
    expect(JSON.parse(stdout).config).toMatchObject({
      User: "1000:2000",
      Volumes: { "/data": {} },
      Labels: { "com.example.price": "5 $" },
      ExposedPorts: { "8080/tcp": {}, "53/udp": {} },
      StopSignal: "SIGINT",
      Healthcheck: { Test: ["CMD", "lua", "-e", "os.exit(0)"], Interval: 10e9 },
    });
  });

  it("finds nothing to do the second time, and says so", async () => {
    const { exitCode, stdout, stderr } = await world.birdhouse("rebuild");
    expect(stdout).toBe("Nothing to do: 6 targets up to date.\n");
    expect(stderr).not.toContain("build");
    expect(exitCode).toBe(0);
  });

  it("takes no lock for that", async () => {
    const lock = async () => (await world.registry.headManifest("test/birdhouse", "lock"))?.digest;
    const before = await lock();
    expect((await world.birdhouse("rebuild")).exitCode).toBe(0);
    expect(await lock()).toBe(before);
  });

  it("renders what it builds", async () => {
    const dockerfile = await readFile(world.path("images/lua/5.1/Dockerfile"), "utf8");
    expect(dockerfile).toMatch(/^# DO NOT EDIT: rendered by a partial of our own\n/);
    expect(dockerfile).toContain("lua5.1~5.1");
    // What is committed is the catalog's, not the sandbox's that happened to build it.
    expect(dockerfile).toMatch(/^ARG BASE=docker\.io\/library\/alpine:3\.\d+$/m);
  });

  it("rebuilds on demand, twice with --verify, to the same digest, and sends nothing twice", async () => {
    const words = world.commandLine("rebuild", "--force", "--verify", "lua:5.1", "--json");
    const { stdout } = await run(words, { env: { PATH: BUILDING } });
    const document = JSON.parse(stdout) as Document;
    expect(document.outcomes.map(({ status }) => status)).toEqual(["done", "done", "done"]);
    const rebuilt = document.outcomes.map(({ target }) => target);
    expect(rebuilt).toEqual(["lua:5.1", "lua:5.1-dev", "lua:5.1-debug"]);
    for (const { target, digest, uploadedBytes } of document.outcomes) {
      expect(digest).toBe(digests.get(target));
      expect(uploadedBytes).toBe(0);
    }
  });

  it("plans the target whose package was edited, its pair, and nothing else", async () => {
    const before = await world.readCatalog();
    await world.writeCatalog(before.replace('"5.1": {', '"5.1": { dev: { packages: [make] },'));
    const { document } = await world.json("plan");
    const due = document.plan.filter(({ rebuild }) => rebuild);
    expect(due.map(({ target, reasons }) => [target, ...reasons.map(({ text }) => text)])).toEqual([
      ["lua:5.1", "its pair lua:5.1-dev is being rebuilt"],
      ["lua:5.1-dev", "inputs: packages +make"],
      ["lua:5.1-debug", "its pair lua:5.1-dev is being rebuilt"],
    ]);
    await world.writeCatalog(before);
  });

  it("plans all that has a file which was edited", async () => {
    await writeFile(world.path("app.conf"), "edited\n");
    const { document } = await world.json("plan");
    const texts = document.plan.map(({ target, reasons: [reason] }) => `${target} ${reason?.text}`);
    const change = "inputs: files -/etc/app.conf 0644 root \\w{12} \\+/etc/app.conf 0644 root \\w{12}";
    for (const text of texts) expect(text).toMatch(new RegExp(`^lua:\\S+ ${change}$`));
    expect(texts).toHaveLength(6);
  });
});
