import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { assembleIndex } from "../../../scripts/formats/oci/assemble.ts";
import { Registry } from "../../../scripts/registry/client.ts";
import { BlobLocations, manifestContent, moveTag, pushContent } from "../../../scripts/registry/push.ts";
import { putImage, temporaryDirectory, temporaryLayout } from "../formats/oci/sample-image.ts";
import { anonymous } from "./fake-registry.ts";

const PROGRAM = "/usr/bin/docker-registry";

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("the system gave no port");
  return address.port;
}

/** Starts Distribution for one test; gives its host. */
async function startDistribution(): Promise<string> {
  const directory = await temporaryDirectory();
  const host = `127.0.0.1:${await freePort()}`;
  const config = {
    version: "0.1",
    log: { level: "error", accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(directory, "data") }, delete: { enabled: true } },
    http: { addr: host },
  };
  // Its configuration is YAML, which JSON is a part of.
  await writeFile(join(directory, "config.yml"), JSON.stringify(config));
  const child = spawn(PROGRAM, ["serve", join(directory, "config.yml")], { stdio: "ignore" });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  onTestFinished(async () => {
    child.kill();
    await ended;
  });
  for (let tries = 0; tries < 200; tries++) {
    if (await fetch(`http://${host}/v2/`).catch(() => undefined)) return host;
    await sleep(20);
  }
  throw new Error(`${PROGRAM} did not answer`);
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
  expect(first).toMatchObject({ uploaded: 5, mounted: 0, skipped: 0 });
  expect(await registry.listTags("base/node")).toEqual([]);
  const again = await pushContent(layout, index, registry, "base/node", {
    blobLocations: new BlobLocations(),
  });
  expect(again).toMatchObject({ uploadedBytes: 0, skippedBytes: first.uploadedBytes });
  const mounted = await pushContent(layout, index, registry, "base/other", { blobLocations });
  expect(mounted).toMatchObject({ mounted: 3, uploaded: 2 });

  expect(await moveTag(registry, "base/node", "22", content)).toBe("moved");
  expect(await moveTag(registry, "base/node", "22", content)).toBe("unchanged");
  expect(await moveTag(registry, "base/node", "latest", content)).toBe("moved");
  expect((await registry.listTags("base/node")).toSorted()).toEqual(["22", "latest"]);
  expect(await registry.getManifest("base/node", "22")).toEqual(content);
  expect(await registry.headManifest("base/node", "22")).toEqual(index);

  const single = await manifestContent(layout, manifest);
  expect(await moveTag(registry, "base/node", "latest", single)).toBe("moved");
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
