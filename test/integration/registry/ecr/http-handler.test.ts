import { BatchGetImageCommand, ECRClient } from "@aws-sdk/client-ecr";
import { expect, it, onTestFinished } from "vitest";
import { sdkHandler } from "../../../../scripts/registry/ecr/http-handler.ts";
import { createTransport, type TransportOptions } from "../../../../scripts/system/http/http.ts";
import { HostileMirror, type MirrorCase } from "../../../support/hostile/mirror.ts";
import { HostileProxy } from "../../../support/hostile/proxy.ts";

const ANSWER = Buffer.from(
  JSON.stringify({ images: [{ imageId: { imageTag: "22" }, imageManifest: "{}" }] }),
);

async function ecr(cases: readonly MirrorCase[], options: TransportOptions = {}, signal?: AbortSignal) {
  const server = await new HostileMirror({ files: new Map([["/", ANSWER]]) }).listen();
  onTestFinished(() => server.close());
  for (const one of cases) server.cases.add(one);
  const client = new ECRClient({
    region: "eu-central-1",
    endpoint: server.url,
    maxAttempts: 2,
    credentials: { accessKeyId: "AKIA", secretAccessKey: "hunter2" },
    requestHandler: sdkHandler(createTransport({ env: {}, ...options }), signal),
  });
  const command = new BatchGetImageCommand({ repositoryName: "a/b", imageIds: [{ imageTag: "22" }] });
  return { server, ask: () => client.send(command) };
}

it("has the SDK's requests go by the proxy, as they are signed", async () => {
  const proxy = await new HostileProxy().listen();
  onTestFinished(() => proxy.close());
  const { server, ask } = await ecr([], { env: { HTTP_PROXY: proxy.url } });
  expect((await ask()).images).toEqual([{ imageId: { imageTag: "22" }, imageManifest: "{}" }]);
  expect(proxy.log).toEqual([`POST ${server.url}/`]);
  const [seen] = server.seen;
  expect(seen?.headers).toMatchObject({
    authorization: expect.stringMatching(/^AWS4-HMAC-SHA256 Credential=AKIA\//),
    "x-amz-target": expect.stringContaining("BatchGetImage"),
    "content-length": String(seen?.body.length),
  });
  expect(JSON.parse(seen?.body.toString() ?? "")).toMatchObject({ repositoryName: "a/b" });
});

it("has the SDK try again what passes, and not wait for what never comes", async () => {
  const silent = await ecr(["hangs"], { idleTimeout: 50 });
  await expect(silent.ask()).rejects.toThrow(/no data came for 0\.05 s/);
  expect(silent.server.seen).toHaveLength(2);
  const broken = await ecr(["breaks"]);
  await expect(broken.ask()).rejects.toThrow(/the connection was aborted/);
  expect(broken.server.seen).toHaveLength(2);
  const endless = await ecr(["endless"], { maxAnswer: 100_000 });
  await expect(endless.ask()).rejects.toThrow(/longer than 100000 bytes/);
});

it("ends with the run", async () => {
  const controller = new AbortController();
  const { server, ask } = await ecr(["hangs"], {}, controller.signal);
  const asked = ask();
  while (server.seen.length === 0) await new Promise((done) => setTimeout(done, 5));
  controller.abort(new Error("interrupted"));
  await expect(asked).rejects.toThrow("interrupted");
});
