import { expect, it } from "vitest";
import { scanTargets } from "../../../scripts/app/scan.ts";
import { sizesAnnotations } from "../../../scripts/formats/annotations.ts";
import { findLedger } from "../../../scripts/publish/ledger.ts";
import { indexContent } from "../../../scripts/registry/push.ts";
import { startPair } from "../../support/fake-registry.ts";
import { sampleCatalog, sampleTarget } from "../../support/sample-target.ts";
import { temporaryDirectory } from "../../unit/formats/oci/sample-image.ts";

const NOW = new Date("2026-11-29T02:00:00Z");
const IMAGES = ["node", "lua", "fresh", "python"];
const TARGETS = IMAGES.map((image) => sampleTarget({ image, name: `${image}:22` }));
const FIXES = new Map([["zlib", [["1.3.1-r2", ["CVE-2026-1"]] as const]]]);

/** A registry with three of four images, and an Alpine that has fixed something in each. */
async function setUp() {
  const { registry, server } = await startPair();
  const packages = new Map([["zlib", { version: "1.3.1-r1", unpacked: 1 }]]);
  const sizes = new Map([["linux/amd64", { compressed: 1, unpacked: 1, packages }]]);
  for (const image of ["node", "lua", "python"]) {
    const content = indexContent({ manifests: [], annotations: sizesAnnotations(sizes) });
    await registry.putManifest(`base/${image}`, "22", content);
  }
  const catalog = sampleCatalog(TARGETS);
  const session = {
    ...{ registry, namespace: { registry: server.host, path: "base" }, listener: () => {} },
    ...{ signal: new AbortController().signal, scratch: await temporaryDirectory() },
    catalog: { ...catalog, sources: { ...catalog.sources, security: "https://secdb.example" } },
    openUpstream: async () => ({
      packages: async () => ({ value: new Map() }),
      base: async () => ({ value: "sha256:0" }),
      missing: async () => ({ value: [] }),
      fixes: async () => ({ value: FIXES }),
    }),
  };
  const scan = (choice: "none" | undefined, isDry = false) =>
    scanTargets(session as never, [], { choice, isDry, now: NOW });
  return { scan, server, registry };
}

it("goes on where a registry fails for one image, refuses another and has no third", async () => {
  const { scan, server, registry } = await setUp();
  server.fault = ({ path }) => {
    if (path.includes("/lua/manifests/22.ledger")) return { status: 500 };
    return path.includes("/python/") ? { status: 403 } : undefined;
  };
  const { targets } = await scan("none");
  expect(targets.map(({ target, after }) => [target, after?.entries.map(({ id }) => id)])).toEqual([
    ["node:22", ["CVE-2026-1"]],
    ["lua:22", undefined],
    ["fresh:22", undefined],
    ["python:22", undefined],
  ]);
  expect(targets[1]?.problems[0]).toContain("HTTP 500");
  expect(targets[2]?.problems).toEqual([]);
  expect(targets[3]?.problems[0]).toContain("does not show it (HTTP 403)");
  const found = await findLedger({ registry, repository: "base/node" }, "22");
  expect(found).toMatchObject({ kind: "ledger", ledger: { looked: { sources: ["secdb"] } } });
});

it("tells of a ledger that cannot be written, and of what it found all the same", async () => {
  const { scan, server } = await setUp();
  server.fault = ({ method, path }) =>
    method === "PUT" && path.includes("22.ledger") ? { status: 403 } : undefined;
  const [node] = (await scan("none")).targets;
  expect(node?.after?.entries).toHaveLength(1);
  expect(node?.problems[0]).toContain("its ledger was not written");
});

it("writes nothing in a dry run, and no second entry for what is known", async () => {
  const { scan, registry } = await setUp();
  await scan("none", true);
  const place = { registry, repository: "base/node" };
  expect(await findLedger(place, "22")).toEqual({ kind: "none" });
  await scan("none");
  await scan("none");
  expect(await findLedger(place, "22")).toMatchObject({ ledger: { entries: [{ id: "CVE-2026-1" }] } });
});
