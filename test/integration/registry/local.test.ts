import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { openLocalRegistry } from "../../../scripts/registry/local.ts";
import { temporaryDirectory } from "../../unit/formats/oci/sample-image.ts";

/** Opens what answers `/v2/` as it is told to, and ends what was started. */
async function openWhereAnswers(answer: (response: ServerResponse) => void): Promise<void> {
  const server = createServer((_, response) => answer(response));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => void server.close());
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = await openLocalRegistry({ host, directory: await temporaryDirectory(), note: () => {} });
  await close();
}

const DENIED = JSON.stringify({ errors: [{ code: "DENIED", message: "not for you" }] });

it.each<[string, number, Record<string, string>, string]>([
  ["with the header that Docker's has", 200, { "docker-distribution-api-version": "registry/2.0" }, ""],
  ["with JSON and no header, as the specification has it", 200, { "content-type": "application/json" }, "{}"],
  ["that wants a login", 401, { "www-authenticate": "Basic" }, "<html>"],
  ["that lets nobody in without saying how", 403, { "content-type": "application/json" }, DENIED],
  ["that is busy", 429, {}, ""],
  ["that fails for now", 503, {}, "<html>"],
])("leaves a registry alone %s", async (_, status, headers, body) => {
  await expect(
    openWhereAnswers((response) => response.writeHead(status, headers).end(body)),
  ).resolves.toBeUndefined();
});

it.each<[string, number, string]>([
  ["a page for whatever is asked", 200, "<html>welcome</html>"],
  ["nothing for whatever is asked", 200, ""],
  ["that it has no such page", 404, '{"error":"not found"}'],
  ["that it forbids", 403, ""],
  ["another place", 302, ""],
])("says so of a server that is none and answers %s", async (_, status, body) => {
  await expect(openWhereAnswers((response) => response.writeHead(status).end(body))).rejects.toThrow(
    /^what listens at 127\.0\.0\.1:\d+ is not a registry$/,
  );
});

it("starts none where no port is named", async () => {
  const directory = await temporaryDirectory();
  const opening = openLocalRegistry({ host: "localhost", directory, note: () => {} });
  await expect(opening).rejects.toThrow(
    /^nothing listens at localhost, and to start a registry there takes a port$/,
  );
});
