import { createServer } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { openLocalRegistry } from "../../../scripts/sandbox/local-registry.ts";

const servers: (() => void)[] = [];
afterEach(() => {
  for (const close of servers.splice(0)) close();
});

/** Something that answers every request alike. Gives its host and port. */
async function serve(headers: Record<string, string>): Promise<string> {
  const server = createServer((_, response) => response.writeHead(200, headers).end("{}"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  servers.push(() => server.close());
  const address = server.address();
  return `127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}

describe("openLocalRegistry", () => {
  it("uses a registry that is there, and says so", async () => {
    const host = await serve({ "docker-distribution-api-version": "registry/2.0" });
    const notes: string[] = [];
    const close = await openLocalRegistry({ host, state: "/nowhere", note: (text) => notes.push(text) });
    await close();
    expect(notes).toEqual([`using the registry that already runs at ${host}`]);
  });

  it("names the port where something else listens", async () => {
    const host = await serve({});
    await expect(openLocalRegistry({ host, state: "/nowhere", note: () => {} })).rejects.toMatchObject({
      name: "UserError",
      message: expect.stringContaining(host),
      hint: expect.stringContaining("--registry"),
    });
  });

  it("leaves other machines' registries alone", async () => {
    const host = "registry.invalid";
    await expect(openLocalRegistry({ host, state: "/nowhere", note: () => {} })).resolves.toBeTypeOf(
      "function",
    );
  });
});
