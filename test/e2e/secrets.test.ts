import { type AddressInfo, createServer as createRawServer } from "node:net";
import { describe, expect, it } from "vitest";
import { COMMANDS, DOCKER, Scene, SITUATIONS, secretsIn, tryCommands } from "../support/secret-scenes.ts";
import { parrot } from "../support/secret-servers.ts";

const FORBIDDEN = SITUATIONS["403"] ?? (() => ({ registry: parrot(403) }));

/** All commands in one situation: test/full/secret-situations.test.ts tries the others. */
describe("a secret is nowhere", () => {
  it("with 403", async () => {
    const { leaks, printed } = await tryCommands(FORBIDDEN, COMMANDS);
    expect(leaks).toEqual([]);
    // It was tried: a test in which nothing is sent proves nothing.
    expect(printed).not.toBe("");
  }, 240_000);

  it("with a registry that talks TLS where HTTP is expected", async () => {
    const alert = Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x46]);
    const server = createRawServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", () => socket.end(alert));
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const scene = await Scene.open(() => ({ registry: parrot(404) }));
    try {
      const { port } = server.address() as AddressInfo;
      const outputs = [await scene.run(["plan", "--registry", `127.0.0.1:${port}/test`])];
      expect(outputs[0]).not.toBe("");
      expect(await scene.leaks(outputs)).toEqual([]);
    } finally {
      server.close();
      await scene.close();
    }
  }, 240_000);
});

describe("the search itself", () => {
  it("finds a secret, so that finding none means something", async () => {
    const scene = await Scene.open(FORBIDDEN);
    try {
      const outputs = [await scene.run(["plan"])];
      // The registry was given the password, and said it back.
      const sent = scene.registry.received.map(({ headers }) => headers).join("\n");
      expect(secretsIn(sent)).not.toEqual([]);
      expect(await scene.leaks([...outputs, `a ${DOCKER} b`])).toHaveLength(1);
      const hookText = scene.hook.received.map(({ url, headers }) => `${url} ${headers}`).join("\n");
      expect(hookText).toBe("");
    } finally {
      await scene.close();
    }
  });
});
