import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { assembleIndex } from "../../../scripts/formats/oci/assemble.ts";
import { Registry } from "../../../scripts/registry/client.ts";
import { openLocalRegistry } from "../../../scripts/registry/local.ts";
import { BlobLocations, manifestContent, pushContent, putTag } from "../../../scripts/registry/push.ts";
import { anonymous } from "../../support/fake-registry.ts";
import { putImage, temporaryDirectory, temporaryLayout } from "../../unit/formats/oci/sample-image.ts";

const PROGRAM = "/usr/bin/docker-registry";

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("the system gave no port");
  return address.port;
}

/** Starts Distribution for one test, as commands do; gives its host. */
async function startDistribution(): Promise<string> {
  const host = `127.0.0.1:${await freePort()}`;
  onTestFinished(await openLocalRegistry({ host, directory: await temporaryDirectory(), note: () => {} }));
  return host;
}

it.skipIf(!existsSync(PROGRAM))(`pushes to Distribution itself (needs ${PROGRAM})`, async () => {
  const registry = new Registry(await startDistribution(), { credentials: anonymous });
  const layout = await temporaryLayout();
  const manifest = await putImage(layout, [{ "etc/os-release": "sample" }, { a: "a" }]);
  const index = await assembleIndex(
    layout,
    [{ platform: "linux/amd64", manifest }],
    { "x.y": "1" },
    "node:22",
  );
  const content = await manifestContent(layout, index);
  const blobLocations = new BlobLocations();

  const first = await pushContent(layout, index, registry, "base/node", { blobLocations });
  const { manifests, blobs } = await layout.closure(index);
  const sizeOf = (all: readonly { size: number }[]) => all.reduce((sum, { size }) => sum + size, 0);
  expect(first).toBe(sizeOf([...manifests, ...blobs]));
  expect(await registry.listTags("base/node")).toEqual([]);
  const again = await pushContent(layout, index, registry, "base/node", {
    blobLocations: new BlobLocations(),
  });
  expect(again).toBe(0);
  const mounted = await pushContent(layout, index, registry, "base/other", { blobLocations });
  expect(mounted).toBe(sizeOf(manifests));

  await putTag(registry, "base/node", "22", content);
  await putTag(registry, "base/node", "latest", content);
  expect((await registry.listTags("base/node")).toSorted()).toEqual(["22", "latest"]);
  expect(await registry.getManifest("base/node", "22")).toEqual(content);
  expect(await registry.headManifest("base/node", "22")).toEqual(index);

  const single = await manifestContent(layout, manifest);
  await putTag(registry, "base/node", "latest", single);
  expect((await registry.headManifest("base/node", "latest"))?.digest).toBe(manifest.digest);
  const { config } = await layout.readManifest(manifest);
  expect(await registry.getBlob("base/other", config)).toEqual(await layout.readBlob(config));
  expect(await registry.getManifest("base/nothing", "22")).toBeUndefined();
  expect(await registry.listTags("base/nothing")).toEqual([]);
  expect(await registry.deleteManifest("base/other", index.digest)).toBe(true);
  expect(await registry.headManifest("base/other", index.digest)).toBeUndefined();
  const unknown = { ...content, bytes: Buffer.from("{}"), digest: index.digest };
  await expect(registry.putManifest("base/node", "22", unknown)).rejects.toThrow(/damaged/);
});
