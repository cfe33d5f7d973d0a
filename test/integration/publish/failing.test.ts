import { expect, it } from "vitest";
import { findFailing, putFailing } from "../../../scripts/publish/failing.ts";
import { startPair } from "../../support/fake-registry.ts";

const FAILED = { runs: 3, since: "2026-11-18T03:00:00Z", last: "2026-11-20T03:00:00Z" };

async function setUp() {
  const { registry, server } = await startPair();
  return { server, place: { registry, repository: "birds/birdhouse" } };
}

it("how often a target failed is neither read nor written once the run is interrupted", async () => {
  const { server, place } = await setUp();
  const ended = { ...place, signal: AbortSignal.abort(new Error("enough")) };
  await expect(findFailing(ended, "node:22")).rejects.toThrow("enough");
  await expect(putFailing(ended, "node:22", FAILED)).rejects.toThrow("enough");
  expect(server.log).toEqual([]);
});

it("how often a target failed can be read and written by a run that nothing interrupts", async () => {
  const { place } = await setUp();
  const going = { ...place, signal: new AbortController().signal };
  await putFailing(going, "node:22", FAILED);
  expect(await findFailing(going, "node:22")).toMatchObject(FAILED);
});

it("a repository that may not be asked about has no failures, and writing tells that it may not", async () => {
  const { server, place } = await setUp();
  server.fault = () => ({ status: 403 });
  expect(await findFailing(place, "node:22")).toBeUndefined();
  await expect(putFailing(place, "node:22", FAILED)).rejects.toThrow("403");
});
