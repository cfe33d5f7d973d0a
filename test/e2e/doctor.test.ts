import { generateKeyPairSync } from "node:crypto";
import { cp, mkdir, readdir, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { FileServer } from "../../sandbox/serve.ts";
import { serveDirectory } from "../../sandbox/serve.ts";
import { smallCatalog } from "../support/catalogs.ts";
import { validOutput } from "../support/outputs.ts";
import { freePort, PROJECT_STATE, runCommand, World } from "../support/world.ts";

/** What `doctor --json` prints, as far as it is looked at. */
interface ExaminedDocument {
  readonly checks: readonly { readonly name: string; readonly status: string; readonly found: string }[];
  readonly about: Readonly<Record<string, string>>;
}

type Found = Record<string, { status: string; found: string; advice?: string }>;

/** A registry that takes one password, and shows nothing else. */
async function guardedRegistry(password: string): Promise<Server> {
  const expected = `Basic ${Buffer.from(`robin:${password}`).toString("base64")}`;
  const server = createServer((request, response) => {
    if (request.headers.authorization === expected) {
      const begun = request.method === "POST";
      response.writeHead(begun ? 202 : 200, begun ? { location: "/v2/test/lua/blobs/uploads/1" } : {});
    } else {
      response.writeHead(401, { "www-authenticate": 'Basic realm="nest"' });
    }
    response.end();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return server;
}

describe("doctor", () => {
  let world: World;
  let mirror: FileServer;
  const catalogOf = (url: string, keys: string) =>
    smallCatalog(["lua"]).replace("https://dl-cdn.alpinelinux.org/alpine", `${url}\n  keys: ${keys}`);
  const servers: Server[] = [];

  beforeAll(async () => {
    world = await World.open(smallCatalog(["lua"]));
    await world.startRegistry();
    mirror = await serveDirectory(join(PROJECT_STATE, "sandbox/mirror"), 0);
    // buildah wants the file to be there when DOCKER_CONFIG names its folder.
    await mkdir(world.path("no-config"));
    await writeFile(world.path("no-config/config.json"), "{}");
  });
  beforeEach(() => world.writeCatalog(catalogOf(mirror.url, join(PROJECT_STATE, "sandbox/keys"))));
  afterAll(async () => {
    await mirror.close();
    for (const server of servers) server.close();
    await world.close();
  });

  const examine = async (args: readonly string[] = [], env: Record<string, string> = {}) => {
    const places = ["--catalog", world.path("catalog.yaml"), "--engine", "buildah", "--json"];
    const state = args.includes("--state") ? [] : ["--state", world.path("state")];
    const registry = args.includes("--registry") ? [] : ["--registry", world.namespace];
    const { exitCode, stdout } = await runCommand(["doctor", ...places, ...state, ...registry, ...args], {
      env: { DOCKER_CONFIG: world.path("no-config"), ...env },
    });
    const { checks, about } = validOutput(stdout) as unknown as ExaminedDocument;
    const found: Found = Object.fromEntries(checks.map(({ name, ...rest }) => [name, rest]));
    return { exitCode, found, about, stdout };
  };
  const failed = (found: Found) => Object.keys(found).filter((name) => found[name]?.status === "fail");

  it("finds nothing to mend in a good world, and changes nothing in it", async () => {
    const before = await readdir(world.path("state"));
    const { exitCode, found, about } = await examine();
    expect(failed(found)).toEqual([]);
    expect(exitCode).toBe(0);
    expect(Object.keys(found)).toEqual([
      ...["catalog", "engine", "disk", "registry", "credentials", "mirror", "keys", "clock"],
    ]);
    expect(found.engine?.found).toMatch(/^buildah [\d.]+, and it builds$/);
    expect(found.keys?.found).toContain("one of them signed the index");
    expect(found.clock?.status).toBe("ok");
    expect(found.credentials?.found).toContain("may push to test/lua");
    expect(about).toMatchObject({
      node: process.version,
      birdhouse: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
    expect(await readdir(world.path("state"))).toEqual(before);
  });

  it("says it to people, with what to do", async () => {
    const options = [
      "--catalog",
      world.path("none.yaml"),
      "--state",
      world.path("state"),
      "--engine",
      "buildah",
    ];
    const { exitCode, stdout } = await runCommand(["doctor", ...options]);
    expect(stdout).toMatch(/^birdhouse {2,}\d/m);
    expect(stdout).toMatch(/^✘ catalog {2,}.*none\.yaml.*\n +→ /m);
    expect(stdout).toMatch(/^✔ engine/m);
    expect(stdout).toMatch(/^! registry +not looked at\n +→ see catalog$/m);
    expect(stdout).toMatch(/^\d fine, 5 to look at, 1 to mend\.$/m);
    expect(exitCode).toBe(2);
  });

  it("knows the sandbox", async () => {
    const { stdout, exitCode } = await world.birdhouse("doctor", "--engine", "buildah");
    expect(stdout).toMatch(/^✔ mirror +the sandbox's own/m);
    expect(exitCode).toBe(0);
  });

  it("tells that a registry is away, and goes on", async () => {
    // Reserved for examples: no resolver knows it (RFC 6761, section 6.4).
    const { exitCode, found } = await examine(["--registry", "registry.invalid/test"]);
    expect(failed(found)).toEqual(["registry"]);
    expect(found.registry?.found).toContain("registry.invalid cannot be reached");
    expect(found.credentials?.status).toBe("warn");
    expect(found.keys?.status).toBe("ok");
    expect(exitCode).toBe(2);
  });

  it("tells of credentials that are not taken, where they are from, and never what they are", async () => {
    const server = await guardedRegistry("right");
    servers.push(server);
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const configOf = async (name: string, password: string) => {
      const auth = Buffer.from(`robin:${password}`).toString("base64");
      await mkdir(world.path(name));
      await writeFile(world.path(`${name}/config.json`), JSON.stringify({ auths: { [host]: { auth } } }));
      return { auth, env: { DOCKER_CONFIG: world.path(name) } };
    };
    const wrong = await configOf("wrong", "secret-worm");
    const refused = await examine(["--registry", `${host}/test`], wrong.env);
    expect(failed(refused.found)).toEqual(["credentials"]);
    expect(refused.found.credentials).toMatchObject({
      found: expect.stringContaining(`auths in ${world.path("wrong/config.json")}; not accepted`),
      advice: expect.stringContaining("log in again"),
    });
    expect(refused.stdout).not.toContain("secret-worm");
    expect(refused.stdout).not.toContain(wrong.auth);
    const right = await configOf("right", "right");
    expect(failed((await examine(["--registry", `${host}/test`], right.env)).found)).toEqual([]);
    const none = await examine(["--registry", `${host}/test`]);
    expect(none.found.credentials?.found).toContain("so anonymous; not accepted");
  });

  it("tells of a key that did not sign, and of one that is none", async () => {
    await cp(join(PROJECT_STATE, "sandbox/keys"), world.path("keys"), { recursive: true });
    const [key = ""] = (await readdir(world.path("keys"))).filter((name) => name.endsWith(".pub"));
    await world.writeCatalog(catalogOf(mirror.url, "keys"));
    const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    await writeFile(world.path(`keys/${key}`), publicKey.export({ type: "spki", format: "pem" }));
    const other = await examine();
    expect(failed(other.found)).toEqual(["keys"]);
    expect(other.exitCode).toBe(2);
    await writeFile(world.path(`keys/${key}`), "spoilt");
    expect((await examine()).found.keys?.found).toContain("not a public key");
  });

  it("tells of a mirror that is away", async () => {
    await world.writeCatalog(
      catalogOf(`http://127.0.0.1:${await freePort()}`, join(PROJECT_STATE, "sandbox/keys")),
    );
    const { found } = await examine();
    expect(failed(found)).toEqual(["mirror"]);
    expect(found.keys).toMatchObject({ status: "warn", found: expect.stringContaining("not tried") });
  });

  it("tells of a state directory that cannot be written", async () => {
    await writeFile(world.path("file"), "");
    const { found, exitCode } = await examine(["--state", world.path("file/state")]);
    expect(failed(found)).toEqual(["disk"]);
    expect(found.disk?.found).toContain("cannot be written");
    expect(exitCode).toBe(2);
  });

  it("leaves alone what runs have in the state directory, though their processes are not to be seen here", async () => {
    // As of another container that shares the directory: no process of this number is here.
    const store = world.path("shared/engine/4194303-store/kept");
    await mkdir(store, { recursive: true });
    await examine(["--state", world.path("shared")]);
    expect(await readdir(world.path("shared"), { recursive: true })).toEqual([
      "engine",
      "engine/4194303-store",
      "engine/4194303-store/kept",
    ]);
  });

  it("tries what the catalog asks for besides", async () => {
    const catalog = catalogOf(mirror.url, join(PROJECT_STATE, "sandbox/keys"));
    const wanted = [
      "sign: { key: nowhere }",
      "gate: { required: true, scanner: grype }",
      'notify: [{ url: "env://NO_SUCH_HOOK" }]',
    ];
    await world.writeCatalog(`${wanted.join("\n")}\n${catalog}`);
    const { exitCode, found } = await examine();
    expect(failed(found)).toEqual(["sign", "gate", "notify"]);
    expect(found.sign?.found).toContain("nowhere cannot be read");
    expect(found.gate?.found).toContain("there is no grype on this machine");
    expect(found.notify?.found).toContain("the environment variable NO_SUCH_HOOK is not set");
    expect(exitCode).toBe(2);
  });

  it("tells of an engine that is not there", async () => {
    const { found } = await examine([], { PATH: "/nowhere" });
    expect(failed(found)).toEqual(["engine"]);
    expect(found.engine?.advice).toContain("install buildah");
  });
});
