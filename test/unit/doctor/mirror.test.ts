import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { mirrorChecks } from "../../../scripts/doctor/network.ts";

const PAIR = Buffer.from("me:secret").toString("base64");

async function mirrorFinding(httpAuth: string | undefined) {
  const server = createServer((request, response) => {
    const isKnown = request.headers.authorization === `Basic ${PAIR}`;
    response.writeHead(isKnown ? 200 : 401, { "www-authenticate": 'Basic realm="x"' }).end("an index");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => void server.close());
  const packages = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const [check] = mirrorChecks({ packages, keys: "/nowhere", branch: "3.22", httpAuth });
  const finding = await check?.run(AbortSignal.timeout(5000));
  server.closeAllConnections();
  return finding;
}

it("a mirror that asks who we are is told, or what to set is (R12)", async () => {
  expect(await mirrorFinding("basic:*:me:secret")).toMatchObject({ status: "ok" });
  const nobody = await mirrorFinding(undefined);
  expect(nobody).toMatchObject({ status: "fail" });
  expect(JSON.stringify(nobody)).toContain("HTTP_AUTH=basic:*:USER:PASSWORD");
  const wrong = JSON.stringify(await mirrorFinding("basic:*:me:another"));
  expect(wrong).toContain("401");
  expect(wrong).not.toContain("another");
});
