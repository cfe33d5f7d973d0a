import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askRegistry, RELIED_ON } from "../../support/relied-on.ts";

const PROJECT = resolve(import.meta.dirname, "../../..");

/** Says yes to whatever it is asked, and keeps nothing. */
const server = createServer((request, response) => {
  request.resume();
  const status = { POST: 202, PUT: 201, DELETE: 202 }[request.method ?? ""] ?? 200;
  response.writeHead(status, { location: "/v2/x", "content-type": "application/json" }).end("{}");
});
beforeAll(() => new Promise<void>((done) => server.listen(0, "127.0.0.1", done)));
afterAll(() => void server.close());

describe("what is relied on of a registry", () => {
  it.each(RELIED_ON)("is seen to be missing where it is: %s", async (name) => {
    const { port } = server.address() as AddressInfo;
    await expect(askRegistry(`http://127.0.0.1:${port}`, name)).rejects.toThrow();
  });

  it("is what docs/registries.md says", () => {
    const docs = readFileSync(join(PROJECT, "docs/registries.md"), "utf8");
    const [, section = ""] = docs.split("## What is relied on\n");
    const lines = section
      .split("\n## ")[0]
      ?.replace(/\n {2}/g, " ")
      .match(/(?<=^- ).*(?=[;.]$)/gm);
    expect(lines).toEqual(RELIED_ON);
  });
});
