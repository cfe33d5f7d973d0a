import { mkdir, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { delimiter } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ProcessResult, run, tryRun } from "../../scripts/system/process/process.ts";
import { smallCatalog } from "../support/catalogs.ts";
import { unpackCosign } from "../support/cosign.ts";
import { FaultProxy } from "../support/fault-proxy.ts";
import { filesWith, holds, watchProcesses } from "../support/find-secret.ts";
import { BIRDHOUSE, freePort, World } from "../support/world.ts";

/**
 * A whole rebuild, signed, into a registry that wants a password, with a webhook that is one: what it leaves in layers,
 * annotations, attachments, journals and pages, and what it sends to whom. The cheaper commands and their failures are
 * in test/e2e/secrets.test.ts.
 */

const DOCKER = "fake-docker-password-31415";
const HOOK = "fake-hook-token-27182";
const COSIGN = "fake-cosign-password-17320";
const SECRETS = [DOCKER, HOOK, COSIGN];
const AUTHORIZATION = `Basic ${Buffer.from(`robot:${DOCKER}`).toString("base64")}`;

/** A server that keeps all that it is sent. */
async function openHook(): Promise<{ url: string; heard: string[]; server: Server }> {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    let text = `${request.url}\n${JSON.stringify(request.headers)}\n`;
    request.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
    });
    request.on("end", () => {
      heard.push(text);
      response.end("ok");
    });
  });
  const port = await freePort();
  await new Promise<void>((done) => server.listen(port, "127.0.0.1", done));
  return { url: `http://127.0.0.1:${port}`, heard, server };
}

describe("the secrets of a rebuild", () => {
  let world: World;
  let front: FaultProxy;
  let host: string;
  let hook: Awaited<ReturnType<typeof openHook>>;
  let env: Record<string, string>;

  beforeAll(async () => {
    const cosign = await unpackCosign();
    hook = await openHook();
    const notify = "notify: [{ url: env://HOOK_URL, when: always }]";
    world = await World.open(`sign: { key: cosign.key }\n${notify}\n${smallCatalog(["lua"])}`);
    await world.startRegistry();
    host = `127.0.0.1:${await freePort()}`;
    front = await FaultProxy.open(host, world.registryHost);
    front.fault = ({ headers }, response) => {
      if (headers.authorization === AUTHORIZATION) return undefined;
      response.writeHead(401, { "www-authenticate": 'Basic realm="registry"' }).end();
      return "answered";
    };
    const home = `${world.directory}-home`;
    await mkdir(`${home}/.docker`, { recursive: true });
    const auth = Buffer.from(`robot:${DOCKER}`).toString("base64");
    await writeFile(`${home}/.docker/config.json`, JSON.stringify({ auths: { [host]: { auth } } }));
    env = {
      PATH: `${cosign}${delimiter}${process.env.PATH}`,
      HOME: home,
      DOCKER_CONFIG: `${home}/.docker`,
      REGISTRY_AUTH_FILE: `${home}/.docker/config.json`,
      COSIGN_PASSWORD: COSIGN,
      HOOK_URL: `${hook.url}/${HOOK}`,
    };
    await run(["cosign", "generate-key-pair"], { cwd: world.directory, env });
  });
  afterAll(async () => {
    await front?.close();
    hook?.server.close();
    await world?.close();
  });

  /** The command line in this world, by way of the registry that wants a password. */
  function birdhouse(command: string, ...args: string[]): Promise<ProcessResult> {
    const places = ["--catalog", world.path("catalog.yaml"), "--state", world.path("state")];
    const where = ["--profile", "sandbox", "--registry", `${host}/test`, "--mirror-port"];
    return tryRun([...BIRDHOUSE, command, ...places, ...where, String(world.mirrorPort), ...args], { env });
  }

  async function expectNoSecret({ stdout, stderr }: ProcessResult): Promise<void> {
    for (const secret of SECRETS) {
      expect(holds(Buffer.from(stdout + stderr), secret)).toBe(false);
      expect(await filesWith(world.directory, secret)).toEqual([]);
    }
    // The webhook is told its own address, and nothing else.
    for (const text of hook.heard) {
      for (const secret of [DOCKER, COSIGN]) expect(holds(Buffer.from(text), secret)).toBe(false);
    }
  }

  it("are in nothing that it leaves or sends, and on no command line", async () => {
    const stop = watchProcesses(DOCKER);
    const result = await birdhouse("rebuild", "lua:5.4", "--engine", "buildah", "--debug");
    expect(await stop()).toEqual([]);
    expect(result.exitCode, result.output).toBe(0);
    expect(hook.heard).toHaveLength(1);
    expect(hook.heard[0]).toContain(HOOK);
    await expectNoSecret(result);
    // The search finds what there is to be found: a layer has the program's own words.
    expect(await filesWith(world.path("state/registry"), "usr/bin/lua")).not.toEqual([]);
  });

  it("are in nothing of a rebuild that fails, though the registry repeats what it was told", async () => {
    const { fault } = front;
    let refused = 0;
    front.fault = (request, response) => {
      if (!request.url?.includes("/lua/")) return fault(request, response);
      refused++;
      const message = `you said ${request.headers.authorization}, robot:${DOCKER}`;
      response.writeHead(403).end(JSON.stringify({ errors: [{ code: "DENIED", message }] }));
      return "answered";
    };
    const result = await birdhouse("rebuild", "lua:5.4", "--force", "--engine", "buildah", "--debug");
    front.fault = fault;
    expect(refused).toBeGreaterThan(0);
    expect(result.exitCode).not.toBe(0);
    await expectNoSecret(result);
  });

  it("are in no word about a key that they do not open", async () => {
    env = { ...env, COSIGN_PASSWORD: `${COSIGN}-wrong` };
    const result = await birdhouse("rebuild", "lua:5.4", "--force", "--engine", "buildah", "--debug");
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain("COSIGN_PASSWORD");
    await expectNoSecret(result);
  });
});
