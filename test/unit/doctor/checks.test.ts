import { describe, expect, it } from "vitest";
import { parseCatalog } from "../../../scripts/catalog/load.ts";
import { checksOf } from "../../../scripts/doctor/checks.ts";
import { GOOD_CATALOG } from "../catalog/good-catalog.ts";

const catalog = parseCatalog("catalog.yaml", GOOD_CATALOG);
const place = {
  engine: "auto",
  builder: undefined,
  state: "/state",
  keys: "/keys",
  isSandbox: false,
} as const;
const reading = { status: "ok", found: "catalog.yaml" } as const;
const BASIC = ["catalog", "engine", "disk"];
const NETWORK = ["registry", "credentials", "mirror", "keys", "clock"];

function namesOf(changes: Partial<Parameters<typeof checksOf>[0]>): string[] {
  return checksOf({ ...place, env: {}, reading, catalog, ...changes }).map(({ name }) => name);
}

describe("checksOf", () => {
  it("looks at what every run needs, in order", () => {
    expect(namesOf({})).toEqual([...BASIC, ...NETWORK]);
  });

  it("looks at a proxy where the environment names one, and at what the catalog asks for", () => {
    const sign = { kind: "keyless" } as const;
    const gate = { scanner: "auto", severity: "high", required: false, exceptions: [] } as const;
    const notify = [{ url: "https://chat.example/", when: "failure", headers: {} } as const];
    expect(
      namesOf({ env: { HTTP_PROXY: "proxy.example:1" }, catalog: { ...catalog, sign, gate, notify } }),
    ).toEqual([...BASIC, "proxy", ...NETWORK, "sign", "gate", "notify"]);
  });

  it("asks the cluster where smoke tests are to run there", () => {
    expect(namesOf({ smokePods: "birdhouse-smoke" })).toEqual([
      ...["catalog", "engine", "pods", "disk"],
      ...NETWORK,
    ]);
  });

  it("says of what a catalog that cannot be read would name that it was not looked at", async () => {
    const broken = { status: "fail", found: "line 1" } as const;
    const checks = checksOf({ ...place, env: {}, reading: broken, catalog: undefined });
    expect(checks.map(({ name }) => name)).toEqual([...BASIC, ...NETWORK]);
    expect(await checks[0]?.run(new AbortController().signal)).toEqual(broken);
    for (const check of checks.slice(BASIC.length)) {
      expect(await check.run(new AbortController().signal)).toEqual({
        status: "warn",
        found: "not looked at",
        advice: "see catalog",
      });
    }
  });
});
