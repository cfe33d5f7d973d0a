import { readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Api } from "../../scripts/report/site/api-schemas.ts";
import { tryRun } from "../../scripts/system/process/process.ts";
import { seriesIn } from "../support/exposition.ts";
import { fakeTrivy } from "../support/fake-scanner.ts";
import { openVexSchema } from "../support/openvex.ts";
import { validOutput } from "../support/outputs.ts";
import { bird, catalogText } from "../support/scripted-catalog.ts";
import { environmentAt } from "../support/scripted-clock.ts";
import { ScriptedMirror } from "../support/scripted-mirror.ts";
import { World } from "../support/world.ts";

/** What `scan --json` prints, as far as it is looked at. */
interface ScanDocument {
  readonly scan: readonly {
    readonly target: string;
    readonly sources: readonly string[];
    readonly open: readonly Entry[];
    readonly published: readonly Entry[];
    readonly vex: readonly string[];
    readonly problems: readonly string[];
  }[];
  readonly latency: Readonly<Record<string, number | null>>;
}

/** What `status --json` prints, as far as it is looked at. */
interface StatusDocument {
  readonly status: readonly {
    readonly vulnerabilities: readonly { readonly name: string }[] | null;
    readonly unfixed: readonly { readonly id: string }[] | null;
  }[];
}

interface Entry {
  readonly id: string;
  readonly new?: boolean;
  readonly firstSeen: string;
  readonly fixedByAlpine: { readonly version: string; readonly since: string } | null;
  readonly publishedByUs: { readonly time: string } | null;
  readonly latencySeconds: number | null;
}

/** The clock goes on while a command runs. */
const inHour = (moment: Date) => expect.stringContaining(moment.toISOString().slice(0, 13));
const hours = (count: number) => expect.closeTo(count * 3600 + 300, -2.8);
const ofCve = (entries: readonly Entry[]) => entries.filter(({ id }) => id === CVE);
const at = (day: number, hour: number) => new Date(Date.UTC(2031, 2, day, hour));
const CVE = "CVE-2031-7";
const VULNERABLE = {
  ...{ VulnerabilityID: CVE, PkgName: "song", InstalledVersion: "1.0-r0", Severity: "HIGH" },
};
/** One that stands in every image, and that the catalog has its word about. */
const EXCEPTED = {
  ...VULNERABLE,
  VulnerabilityID: "CVE-2030-1",
  PkgName: "wren-1",
  InstalledVersion: "1.0.0-r0",
};
/** What is written into the gate's exceptions later. */
const LATER = `    - id: ${CVE}
      status: not_affected
      justification: component_not_present
      reason: It has no throat.
      until: 2032-01-01
`;
const GATE = `gate:
  scanner: trivy
  exceptions:
    - id: CVE-2030-1
      status: not_affected
      justification: vulnerable_code_not_in_execute_path
      reason: It sings, and nothing else.
      until: 2032-01-01
`;

/** A page without its marks. */
function textOf(page: string): string {
  return page.replace(/<[^<>]*>/g, " ").replace(/\s+/g, " ");
}

/** The rows about the vulnerability in a page's tables: caption, and cells. */
function tableOf(page: string): string[] {
  return [...page.matchAll(/<caption>([^<]*)<\/caption>([\s\S]*?)<\/table>/g)].flatMap(
    ([, caption, table = ""]) =>
      table
        .split("<tr>")
        .filter((row) => row.includes(CVE))
        .map((row) => `${caption}: ${textOf(row).trim()}`),
  );
}

describe("the ledger, from the first word of a vulnerability to the image without it", () => {
  let world: World;
  let mirror: ScriptedMirror;

  const words = (command: string, ...args: readonly string[]) =>
    world.commandLine(command, "--profile", "catalog", ...args);
  const run = async (moment: Date, command: string, ...args: readonly string[]) => {
    const PATH = `${world.path("bin")}${delimiter}${process.env.PATH}`;
    return tryRun(words(command, ...args), { env: { PATH, ...environmentAt(moment) } });
  };
  const scan = async (moment: Date) => {
    const words = ["scan", "wren:1", "--json", "--metrics", world.path("scan.prom")] as const;
    const { stdout, stderr, exitCode } = await run(moment, ...words);
    expect(exitCode, stderr + stdout).toBe(0);
    const document = validOutput(stdout) as unknown as ScanDocument;
    const [target] = document.scan;
    if (!target) throw new Error(stdout);
    return { ...document, target };
  };
  /** What the last scan left for a monitoring. */
  const metered = async () => {
    const found = seriesIn(await readFile(world.path("scan.prom"), "utf8"));
    return (series: string) => found.get(`birdhouse_${series}`);
  };
  const status = async (moment: Date) => {
    const { stdout } = await run(moment, "status", "wren:1", "--json");
    const [one] = (validOutput(stdout) as unknown as StatusDocument).status;
    return {
      unfixed: (one?.unfixed ?? []).map(({ id }) => id).toSorted(),
      fixable: (one?.vulnerabilities ?? []).map(({ name }) => name),
    };
  };
  const rebuild = async (moment: Date) => {
    const { exitCode, stdout, stderr } = await run(moment, "rebuild", "--engine", "buildah");
    expect(exitCode, stdout + stderr).toBe(0);
  };

  /** What the pages, the data and the feed say of it at a moment, and the metrics of status. */
  const published = async (moment: Date) => {
    const site = world.path("site");
    const written = await run(moment, "site", "--output", site);
    expect(written.exitCode, written.stderr).toBe(0);
    const read = (path: string) => readFile(join(site, path), "utf8");
    await run(moment, "status", "--metrics", world.path("status.prom"));
    const { cves } = JSON.parse(await read("api/v1/cves.json")) as Pick<Api["cves"], "cves">;
    const series = seriesIn(await readFile(world.path("status.prom"), "utf8"));
    return {
      cve: (cves[CVE] ?? []).map(({ fixed, tags, closed }) => ({ fixed, tags, closed })),
      page: tableOf(await read("images/wren.html")),
      maintainer: textOf(await read("status.html")),
      feed: [...(await read("feeds/wren.xml")).matchAll(/<title>([^<]*)<\/title>/g)].map(
        ([, title]) => title,
      ),
      fixable: series.get(`birdhouse_vulnerabilities_fixable{registry="${world.namespace}"}`),
      due: series.get(`birdhouse_targets_due{registry="${world.namespace}"}`),
    };
  };

  /** What the VEX of the image that the tag points at says. */
  const vexed = async () => {
    const { stdout, stderr, exitCode } = await run(at(1, 6), "inspect", "wren:1", "--vex");
    expect(exitCode, stderr).toBe(0);
    const { statements } = openVexSchema.parse(JSON.parse(stdout));
    const digest = (await world.registry.headManifest("test/wren", "1"))?.digest;
    expect(stdout).toContain(`pkg:oci/wren@${digest}?repository_url=`);
    return statements.map((one) => {
      return `${one.vulnerability.name} ${one.status} ${one.justification ?? one.action_statement}`;
    });
  };

  beforeAll(async () => {
    world = await World.open("");
    await world.startRegistry();
    await world.startMirror();
    mirror = await ScriptedMirror.open();
    await fakeTrivy(world.path("bin"), [EXCEPTED]);
    await mirror.put("song", "1.0-r0");
    await mirror.on().put("wren-1", "1.0.0-r0", {
      depends: ["busybox-binsh", "song"],
      program: bird("1.0.0-r0"),
    });
    await mirror.fix({ song: { "0.9-r0": ["CVE-2020-1"] } });
    const catalog = { images: { wren: { versions: { "1": "3.22" } } }, branches: { "3.22": "2033-01-01" } };
    const places = { registry: world.registryHost, mirror: mirror.url, keys: mirror.keys };
    await world.writeCatalog(GATE + catalogText(catalog, places));
    await rebuild(at(1, 3));
  });
  afterAll(async () => {
    await mirror?.close();
    await world?.close();
  });

  it("tells of an image without any but what the catalog lets through, as does its VEX", async () => {
    const { target, latency } = await scan(at(1, 6));
    expect(target).toMatchObject({ sources: ["secdb", "trivy"], published: [], vex: [], problems: [] });
    expect(target.open).toMatchObject([
      { id: "CVE-2030-1", exception: { kind: "not_affected", until: "2032-01-01" } },
    ]);
    expect(await vexed()).toEqual(["CVE-2030-1 not_affected vulnerable_code_not_in_execute_path"]);
    expect(latency).toMatchObject({ published: 0, p50Seconds: null, waiting: 0 });
  });

  it("first tells of one that nobody has fixed", async () => {
    await fakeTrivy(world.path("bin"), [EXCEPTED, VULNERABLE]);
    const { target } = await scan(at(2, 6));
    expect(ofCve(target.open)).toMatchObject([
      { id: CVE, new: true, firstSeen: inHour(at(2, 6)), fixedByAlpine: null, latencySeconds: null },
    ]);
  });

  it("is what status tells of vulnerabilities without a fix", async () => {
    expect(await status(at(3, 6))).toEqual({ unfixed: ["CVE-2030-1", CVE], fixable: [] });
    expect((await run(at(3, 6), "plan", "--detailed-exitcode")).exitCode).toBe(0);
    const { stdout } = await run(at(3, 6), "status", "--cve", CVE.toLowerCase());
    expect(stdout).toMatch(/^wren:1 +song 1\.0-r0 +2031-03-02 +-/m);
    const { stdout: document } = await run(at(3, 6), "status", "--cve", CVE, "--json");
    expect(validOutput(document)).toMatchObject({
      command: "status --cve",
      targets: [{ unfixed: [{}] }, {}],
    });
    const told = await published(at(3, 7));
    expect(told.cve).toEqual([{ fixed: null, tags: ["wren:1"], closed: null }]);
    expect(told.page).toEqual([`Open: ${CVE} not yet song 1.0-r0 2031-03-02 high wren:1`]);
    expect(told).toMatchObject({ fixable: 0, due: 0 });
    expect(told.feed).not.toContainEqual(expect.stringContaining("closed"));
  });

  it("says of what is published what the catalog excepts since, and excepts no more", async () => {
    const before = await vexed();
    const digest = (await world.registry.headManifest("test/wren", "1"))?.digest;
    const catalog = await world.readCatalog();
    await world.writeCatalog(catalog.replace("  exceptions:\n", `  exceptions:\n${LATER}`));
    expect((await scan(at(3, 8))).target).toMatchObject({ vex: ["linux/amd64"], problems: [] });
    expect(await vexed()).toEqual([...before, `${CVE} not_affected component_not_present`]);
    expect((await scan(at(3, 9))).target).toMatchObject({ vex: [] });
    await world.writeCatalog(catalog);
    expect((await scan(at(3, 10))).target).toMatchObject({ vex: ["linux/amd64"] });
    expect(await vexed()).toEqual([
      ...before,
      `${CVE} affected No exception of the catalog covers it any more.`,
    ]);
    expect((await world.registry.headManifest("test/wren", "1"))?.digest).toBe(digest);
    await published(at(3, 11));
    const offered = await readFile(world.path("site/documents/wren/1/linux-amd64.vex.json"), "utf8");
    expect(offered).toContain("No exception of the catalog covers it any more.");
  });

  it("then that Alpine has fixed it, and counts from then", async () => {
    await mirror.put("song", "1.0-r1");
    await mirror.fix({ song: { "1.0-r1": [CVE] } });
    // Before anybody scanned again, Alpine's list says it already.
    const early = await published(at(4, 5));
    expect(early.page).toEqual([`Open: ${CVE} 1.0-r1 song 1.0-r0 2031-03-02 high wren:1 wren:1-dev`]);
    expect(early).toMatchObject({ fixable: 1, due: 2 });
    await scan(at(4, 6));
    const { target, latency } = await scan(at(5, 6));
    expect(ofCve(target.open)).toMatchObject([
      {
        new: false,
        firstSeen: inHour(at(2, 6)),
        fixedByAlpine: { version: "1.0-r1", since: inHour(at(4, 6)) },
        latencySeconds: hours(24),
      },
    ]);
    expect(latency).toMatchObject({ published: 0, waiting: 1, longestWaitingSeconds: hours(24) });
    const metrics = await metered();
    const open = `registry="${world.namespace}",severity="high"`;
    expect(metrics(`vulnerabilities_open{${open},fix="yes"}`)).toBe(1);
    expect(metrics(`fix_longest_wait_seconds{registry="${world.namespace}"}`)).toEqual(hours(24));
    expect(await status(at(5, 7))).toEqual({ unfixed: ["CVE-2030-1"], fixable: [CVE] });
    expect((await run(at(5, 7), "plan", "--detailed-exitcode")).exitCode).toBe(4);
    expect((await run(at(5, 7), "plan")).exitCode).toBe(0);
    const page = await run(at(5, 7), "status", "--html");
    expect(page.stdout).toContain("<!doctype html>");
    expect(page.stdout).toContain(CVE);
    const told = await published(at(5, 8));
    expect(told.cve).toEqual([{ fixed: "1.0-r1", tags: ["wren:1", "wren:1-dev"], closed: null }]);
    expect(told.page).toEqual(early.page);
    expect(told.maintainer).toContain("1 still waits, the longest for 26 hours.");
    expect(told.feed).not.toContainEqual(expect.stringContaining("closed"));
    expect(told).toMatchObject({ fixable: 1, due: 2 });
  });

  it("at last that an image without it was published, and how long that took", async () => {
    await fakeTrivy(world.path("bin"), [EXCEPTED]);
    await rebuild(at(6, 3));
    const early = await published(at(6, 4));
    expect(early.cve).toEqual([
      { fixed: "1.0-r1", tags: ["wren:1", "wren:1-dev"], closed: inHour(at(6, 3)) },
    ]);
    expect(early.page).toEqual([
      `Closed by a rebuild: ${CVE} 2031-03-06 2031-03-02 1.0-r1 wren:1 wren:1-dev`,
    ]);
    expect(early).toMatchObject({ fixable: 0, due: 0 });
    expect(early.feed).toContain("wren:1: 1 closed");
    const { target, latency } = await scan(at(6, 6));
    expect(ofCve(target.open)).toEqual([]);
    expect(await vexed()).toEqual(["CVE-2030-1 not_affected vulnerable_code_not_in_execute_path"]);
    expect(target.published).toMatchObject([{ id: CVE, latencySeconds: hours(45) }]);
    expect(latency).toMatchObject({ published: 1, p50Seconds: hours(45), p95Seconds: hours(45), waiting: 0 });
    const metrics = await metered();
    expect(metrics(`fix_latency_seconds{registry="${world.namespace}",quantile="0.95"}`)).toEqual(hours(45));
    expect(metrics(`fixes_waiting{registry="${world.namespace}"}`)).toBe(0);
    expect(await status(at(6, 7))).toEqual({ unfixed: ["CVE-2030-1"], fixable: [] });
    const told = await published(at(6, 8));
    expect([told.cve, told.page, told.feed]).toEqual([early.cve, early.page, early.feed]);
    expect(told.maintainer).toContain("half within 45 hours, 95 of 100 within 45 hours (1 in 180 days).");
    // What was told once is no news.
    expect((await scan(at(7, 6))).target.published).toEqual([]);
  });

  it("goes on beside what fails: a scanner that does is told of, and the list of fixes is looked at", async () => {
    await tryRun([
      "sh",
      "-c",
      `printf '#!/bin/sh\\necho "no database" >&2; exit 1\\n' > ${world.path("bin/trivy")}`,
    ]);
    const file = world.path("scan.prom");
    const { exitCode, stdout } = await run(at(8, 6), "scan", "--json", "--metrics", file);
    expect(exitCode).toBe(1);
    const ending = `{registry="${world.namespace}",command="scan"}`;
    const metrics = await metered();
    expect(metrics(`last_exit_code${ending}`)).toBe(1);
    expect(metrics(`last_success_timestamp_seconds${ending}`)).toBeCloseTo(at(7, 6).getTime() / 1000, -3);
    const [target] = (validOutput(stdout) as unknown as ScanDocument).scan;
    expect(target?.sources).toEqual(["secdb"]);
    expect(target?.problems[0]).toContain("trivy did not look at it");
    const nowhere = await run(at(8, 7), "scan", "--metrics", world.path("no-such-folder/scan.prom"));
    expect(nowhere.stderr).toMatch(/--metrics \S+: \S+no-such-folder is not there/);
    expect(nowhere.exitCode).toBe(2);
  });
});
