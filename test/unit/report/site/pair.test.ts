import { describe, expect, it } from "vitest";
import { pairView } from "../../../../scripts/report/site/pair.ts";
import type { ConfigFacts, SiteTarget } from "../../../../scripts/report/site/site.ts";
import { sampleDigest, sampleSiteTarget } from "../../../support/sample-site.ts";
import { sampleDebug, sampleRelease, sampleTarget } from "../../../support/sample-target.ts";

const SILENT: ConfigFacts = {
  ...{ created: undefined, user: undefined, workdir: undefined, stopSignal: undefined },
  ...{ env: [], entrypoint: [], cmd: [], ports: [], volumes: [], healthcheck: [] },
};

/** Of each row, what it is about and what stands in its cells. */
function rowsOf(...targets: readonly SiteTarget[]): Record<string, unknown[]> {
  const { rows } = pairView({ targets });
  return Object.fromEntries(
    rows.map(({ name, cells }) => [name, cells.map(({ items, text }) => (items.length > 0 ? items : text))]),
  );
}

function saying(config: ConfigFacts | undefined, target = sampleTarget()): SiteTarget {
  const manifests = [{ platform: "linux/amd64", digest: sampleDigest(33), config, documents: [] }];
  return { ...sampleSiteTarget(target), manifests };
}

describe("the variants of a version side by side", () => {
  it("say what the configuration says", () => {
    const said: ConfigFacts = {
      ...{ created: "2026-11-18T00:00:00Z", user: "65532:65532", workdir: "/app", stopSignal: "SIGQUIT" },
      ...{ env: ["A=1", "B=2"], entrypoint: ["/tini", "--"], cmd: ["node"], ports: ["80/tcp"] },
      ...{ volumes: ["/data"], healthcheck: ["CMD", "node"] },
    };
    expect(rowsOf(saying(said))).toEqual({
      for: ["running"],
      user: [["65532:65532"]],
      "entry point": [['["/tini","--"]']],
      command: [['["node"]']],
      environment: [["A=1", "B=2"]],
      "working directory": [["/app"]],
      "listens on": [["80/tcp"]],
      volumes: [["/data"]],
      "ends on": [["SIGQUIT"]],
      "health check": [['["CMD","node"]']],
      "newest package built": [["2026-11-18T00:00:00Z"]],
      shell: ["only where a package brings one"],
      "package manager": ["none"],
      platforms: [["linux/amd64"]],
    });
  });

  it("say what it comes to where nothing is said, and that it is unknown where nobody can tell", () => {
    expect(rowsOf(saying(SILENT), saying(undefined), { ...saying(SILENT), manifests: [] })).toEqual({
      for: ["running", "running", "running"],
      user: ["root", "unknown", "unknown"],
      "entry point": ["none", "unknown", "unknown"],
      command: ["none", "unknown", "unknown"],
      environment: ["none", "unknown", "unknown"],
      "working directory": ["/", "unknown", "unknown"],
      "listens on": ["nothing is said", "unknown", "unknown"],
      volumes: ["none", "unknown", "unknown"],
      "ends on": ["SIGTERM", "unknown", "unknown"],
      "health check": ["none", "unknown", "unknown"],
      "newest package built": ["unknown", "unknown", "unknown"],
      shell: Array(3).fill("only where a package brings one"),
      "package manager": ["none", "none", "none"],
      platforms: [["linux/amd64"], ["linux/amd64"], "unknown"],
    });
  });

  it("are for different things, and have a shell and a package manager or not", () => {
    const { runtime, dev } = sampleRelease();
    const shelled = sampleTarget({ shell: true });
    const { columns } = pairView({ targets: [runtime, dev].map((one) => sampleSiteTarget(one)) });
    expect(columns).toEqual(["node:22", "node:22-dev"]);
    const rows = rowsOf(...[runtime, dev, sampleDebug(), shelled].map((one) => saying(SILENT, one)));
    expect(rows.for).toEqual([
      "running",
      "building",
      "looking into what does not run as it should",
      "running",
    ]);
    expect(rows.shell).toEqual(["only where a package brings one", "/bin/sh", "/bin/sh", "/bin/sh"]);
    expect(rows["package manager"]).toEqual(["none", "apk", "none", "none"]);
  });
});
