import { Writable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { examine } from "../../../scripts/doctor/check.ts";
import { doctorText } from "../../../scripts/doctor/text.ts";
import { buildTag } from "../../../scripts/model/tags.ts";
import type { Event, Outcome } from "../../../scripts/pipeline/events.ts";
import { hintOf, StageError } from "../../../scripts/pipeline/hint.ts";
import type { HistoryEntry } from "../../../scripts/publish/history.ts";
import { oldBuilds } from "../../../scripts/publish/prune.ts";
import { RegistryError } from "../../../scripts/registry/errors.ts";
import { updateText } from "../../../scripts/report/changes-text.ts";
import { explanation } from "../../../scripts/report/explanation.ts";
import { failureText } from "../../../scripts/report/failure.ts";
import { pastText } from "../../../scripts/report/past.ts";
import { planText } from "../../../scripts/report/plan-text.ts";
import { liveProgress, plainProgress } from "../../../scripts/report/progress.ts";
import { runMarkdown } from "../../../scripts/report/run-markdown.ts";
import { runsText } from "../../../scripts/report/run-verdict.ts";
import { sizesText } from "../../../scripts/report/sizes.ts";
import { outcomesBlocks } from "../../../scripts/report/summary.ts";
import { pruneText, rollbackText } from "../../../scripts/report/tag-texts.ts";
import { inspectedText, targetsText } from "../../../scripts/report/targets.ts";
import { UserError } from "../../../scripts/system/errors.ts";
import { CommandError } from "../../../scripts/system/process/process.ts";
import { shownBlock } from "../../../scripts/system/shown/output.ts";
import { importText } from "../../../scripts/transfer/text.ts";
import type { Change } from "../../../scripts/update/situation.ts";
import { runHtml } from "../../support/run-page.ts";
import {
  awayPlan,
  DIGESTS,
  idlePlan,
  LISTED,
  publishedOf,
  samplePlan,
  sizesOf,
  TODAY,
  unavailablePlan,
} from "../../support/sample-plan.ts";
import { sampleRun } from "../../support/sample-run.ts";
import { sampleTarget } from "../../support/sample-target.ts";
import { at, night, PLAN, RECORDS, SUMMARY } from "./runs/sample-journal.ts";
import { builtTarget, outcomesText, publishedTarget } from "./sample-outcomes.ts";

/**
 * Every text that people read, as they read it: whoever changes one sees here what comes of it. The samples come of
 * the functions that make the real ones. `npx vitest -u` writes them anew: read them before you commit them.
 */

beforeAll(() => {
  vi.stubEnv("MAKELEVEL", "0");
});
afterAll(() => void vi.unstubAllEnvs());

const golden = (name: string, text: string) =>
  expect(`${text.replace(/\n$/, "")}\n`).toMatchFileSnapshot(`../../golden/${name}.txt`);

/** On a terminal of 80 and of 200 columns, and in a pipe, which has no width. */
const WIDTHS = [80, 200, undefined] as const;
const nameOf = (width: number | undefined) => (width === undefined ? "piped" : String(width));

/** No line is wider than the terminal, but for what cannot be broken: a command to paste. */
function expectFits(text: string, width: number | undefined): void {
  if (width === undefined) return;
  const wide = text
    .split("\n")
    .filter((line) => line.length > width && !/repeat it with:|the command was:/.test(line));
  expect(wide).toEqual([]);
}

const [FIRST = "", SECOND = "", THIRD = "", FOURTH = ""] = DIGESTS;
const entry = (digest: string, day: string): HistoryEntry => ({
  image: { mediaType: "application/vnd.oci.image.index.v1+json", digest, size: 1234 },
  created: new Date(`${day}T03:10:00Z`),
  confirmed: new Date("2026-11-27T03:10:00Z"),
});

const node = sampleTarget({ budget: 30_000_000, platforms: ["linux/amd64", "linux/arm64"] });
const published = publishedOf(node, { digest: FIRST });
const older = publishedOf(node, {
  digest: SECOND,
  sizes: sizesOf({
    libssl3: ["3.3.1-r0", 1],
    libcrypto3: ["3.3.1-r0", 1],
    musl: ["1.2.5-r8", 1],
    busybox: ["1.37.0-r1", 1],
  }),
});

/** What apk prints where its mirror is away, and buildah behind it. */
function mirrorIsAway(image: string): CommandError {
  const lines = ["main", "community"].flatMap((repository) => [
    `fetch http://127.0.0.1:5080/v3.22/${repository}/x86_64/APKINDEX.tar.gz`,
    `WARNING: fetching http://127.0.0.1:5080/v3.22/${repository}: connection refused`,
  ]);
  const output = [
    "STEP 1/9: FROM registry.example/alpine:3.22",
    `STEP 2/9: RUN apk add --root /rootfs --initdb --no-cache --no-scripts ${image}`,
    ...lines,
    "ERROR: unable to select packages:",
    `  ${image} (no such package):`,
    `    required by: world[${image}]`,
    ...Array.from({ length: 10 }, (_, index) => `subprocess ${index} exited with status 1`),
    'Error: building at STEP "RUN apk add": while running runtime: exit status 1',
  ].join("\n");
  const argv = [
    "buildah",
    "--root",
    "/srv/state/engine/1-buildah",
    "build",
    "--isolation",
    "chroot",
    `images/${image}`,
  ];
  return new CommandError(argv, { exitCode: 1, stdout: "", stderr: output, output });
}

function failure(
  target: string,
  stage: "build" | "smoke" | "publish",
  error: unknown,
): Outcome & { status: "failed" } {
  return { status: "failed", target, stage, message: new StageError(target, stage, error).message };
}

const twice = (done: ReturnType<typeof publishedTarget>) => {
  const [platform] = done.built.platforms;
  if (!platform) throw new Error("the sample has no platform");
  return {
    ...done,
    built: { ...done.built, platforms: [platform, { ...platform, compressedSize: 30_100_000 }] },
  };
};

const OUTCOMES: readonly Outcome[] = [
  twice(publishedTarget()),
  { ...publishedTarget(), target: "node:22-dev", built: builtTarget(sampleTarget({ variant: "dev" })) },
  ...["lua:5.4", "lua:5.4-dev", "python:3.13", "python:3.13-dev"].map((target) =>
    failure(target, "build", mirrorIsAway("lua5.4")),
  ),
  failure(
    "ruby:3.4",
    "smoke",
    new Error('ruby:3.4 should print "hello, world" but printed: goodbye, world\nand another line'),
  ),
  failure("perl:5.40", "publish", new UserError("registry.example/base/perl is full", "make room there")),
  { status: "held", target: "ruby:3.4-dev", pair: "ruby:3.4" },
  { status: "unstarted", target: "go:1.24" },
  { status: "unstarted", target: "go:1.24-dev" },
];
const repeat = (target: string, stage: string) => `npm run -s birdhouse -- ${stage} ${target}`;
const STREAKS = new Map([["ruby:3.4", { runs: 4, since: "2026-11-24T03:00:00.000Z" }]]);

const CHANGES: readonly Change[] = [
  { kind: "branch", branch: "3.24", to: "2028-11-01", why: "Alpine released it" },
  {
    kind: "move",
    image: "node",
    version: "22",
    from: "3.22",
    to: "3.24",
    along: ["web:24"],
    why: "3.22 ends on 2027-05-01",
  },
  {
    kind: "new-version",
    image: "python",
    version: "3.14",
    branch: "3.24",
    inherited: false,
    package: "python3",
    why: "3.24 carries it",
  },
  {
    kind: "ended",
    image: "php",
    version: "8.1",
    branch: "3.19",
    since: "2026-11-01",
    why: "no supported branch carries it",
  },
  {
    kind: "hint",
    image: "zig",
    version: "0.13",
    why: "edge alone has it: the catalog could wait for the next branch",
  },
  {
    kind: "ended",
    image: "go",
    version: "1.9",
    branch: "3.7",
    since: "2019-11-01",
    why: "no supported branch carries it",
  },
];

const texts: Readonly<Record<string, (width: number | undefined) => string>> = {
  plan: (width) => planText(samplePlan(true), TODAY, { width }),
  "plan-without-cves": (width) => planText(samplePlan(false), TODAY, { width }),
  "plan-brief": (width) => planText(samplePlan(true), TODAY, { width, brief: true }),
  "plan-idle": (width) => planText(idlePlan(), TODAY, { width }),
  "plan-mirror-away": (width) => planText(awayPlan(), TODAY, { width }),
  "plan-unavailable": (width) => planText(unavailablePlan(), TODAY, { width }),
  explain: (width) =>
    samplePlan(true)
      .map((one) => explanation(one, width))
      .join("\n\n"),
  "explain-without-cves": (width) =>
    samplePlan(false)
      .slice(0, 2)
      .map((one) => explanation(one, width))
      .join("\n\n"),
  rebuild: (width) => outcomesText([twice(publishedTarget())], repeat, new Map(), width),
  "rebuild-failures": (width) => outcomesText(OUTCOMES, repeat, STREAKS, width),
  history: (width) =>
    [
      pastText(
        {
          target: node,
          now: FIRST,
          images: [
            { entry: entry(FIRST, "2026-11-25"), published },
            { entry: entry(SECOND, "2026-11-18"), published: older },
            { entry: entry(THIRD, "2026-11-11"), published: undefined },
          ],
        },
        width,
      ),
      pastText({ target: sampleTarget({ variant: "dev" }), now: undefined, images: [] }, width),
    ].join("\n\n"),
  inspect: (width) =>
    [
      inspectedText(
        {
          ...{
            target: node,
            published,
            tags: ["22", "22.16", "22.16.0", "22.16.0-r2-111111111111", "latest", "lts"],
          },
          attached: [
            { mediaType: "m", artifactType: "application/vnd.cyclonedx+json", digest: SECOND, size: 1 },
            { mediaType: "m", artifactType: "application/vnd.in-toto+json", digest: THIRD, size: 1 },
          ],
          at: new Date("2026-11-25T03:10:00Z"),
        },
        width,
      ),
      inspectedText(
        {
          target: sampleTarget({ variant: "dev" }),
          published: undefined,
          tags: [],
          attached: [],
          at: undefined,
        },
        width,
      ),
    ].join("\n\n"),
  sizes: (width) =>
    sizesText(
      [
        { target: node, published: publishedOf(node) },
        { target: sampleTarget({ variant: "dev" }), published: undefined },
      ],
      width,
    ),
  runs: (width) =>
    runsText(
      [
        SUMMARY,
        sampleRun({ nightsAgo: 1, upToDate: 514 }),
        sampleRun({
          nightsAgo: 2,
          exitCode: 1,
          error: `${mirrorIsAway("lua5.4").message}\n→ see whether it runs`,
        }),
        night(PLAN),
      ],
      width,
    ),
  "runs-none": (width) => runsText([], width),
  prune: (width) => {
    const [tag, kept] = [buildTag("runtime", "22.16.0-r2", FIRST), buildTag("runtime", "22.17.0-r0", SECOND)];
    const inventory = {
      tags: new Map([
        ["22", SECOND],
        [tag, FIRST],
        [kept, SECOND],
      ]),
      ...{ platforms: new Map(), remembered: new Set<string>() },
    };
    const old = oldBuilds("base/node", inventory);
    return [pruneText(old, true, width), pruneText(old, false, width), pruneText([], false, width)].join(
      "\n---\n",
    );
  },
  rollback: (width) => {
    const rollbacks = [
      {
        target: node,
        from: FIRST,
        to: entry(SECOND, "2026-11-18"),
        tags: ["22", "22.16", "22.16.0", "latest", "lts"],
      },
      {
        target: sampleTarget({ variant: "dev" }),
        from: THIRD,
        to: entry(THIRD, "2026-11-18"),
        tags: ["22-dev"],
      },
    ];
    return [
      rollbackText(rollbacks, true, undefined, width),
      rollbackText(rollbacks, false, undefined, width),
    ].join("\n---\n");
  },
  import: (width) => {
    const sent = [
      { target: "node:22", digest: FIRST, sent: 29_500_000, moved: ["22", "22.16", "22.16.0", "latest"] },
      { target: "node:22-dev", digest: FOURTH, sent: 0, moved: [] },
    ];
    return [importText(sent, true, width), importText(sent, false, width)].join("\n---\n");
  },
  list: (width) => targetsText(LISTED, TODAY, width),
  update: (width) => {
    const carried = [{ image: "node", version: "22", branch: "3.22", carriers: ["3.24", "3.23", "3.22"] }];
    const findings = {
      changes: CHANGES,
      carried,
      problems: ["https://releases.example/releases.json: HTTP 503"],
    };
    const options = { catalog: "catalog.yaml", markdown: false, isNamed: false, isWritten: false, width };
    return [
      updateText(findings, TODAY, options),
      updateText({ changes: [], carried, problems: [] }, TODAY, {
        ...options,
        isNamed: true,
        isWritten: true,
      }),
    ].join("\n---\n");
  },
  failures: (width) =>
    [
      mirrorIsAway("lua5.4"),
      new UserError(
        "catalog.yaml:12:7: the world has no package\ncatalog.yaml:15:3: no version",
        "write both",
      ),
      new RegistryError({
        action: "read the manifest 22",
        registry: "registry.example",
        repository: "base/node",
        status: 503,
      }),
      new RegistryError({
        action: "read the manifest 22",
        registry: "registry.example",
        repository: "base/node",
        status: 401,
      }),
    ]
      .map((error) => failureText(error.message, hintOf(error), width))
      .join("\n---\n"),
};

describe.each(Object.entries(texts))("%s", (name, textFor) => {
  it.each(WIDTHS)("at %s columns", async (width) => {
    const text = textFor(width);
    expectFits(text, width);
    await golden(`${name}-${nameOf(width)}`, text);
  });
});

describe("doctor", () => {
  const header = {
    birdhouse: "0.1.0",
    node: "v20.18.1",
    system: "Debian 12, Linux 6.1",
    machine: "x64, 2 processors",
  };
  it.each(WIDTHS)("at %s columns", async (width) => {
    const examined = await examine([
      {
        name: "catalog",
        run: async () => ({ status: "ok", found: "catalog.yaml: 514 targets, profile catalog" }),
      },
      {
        name: "registry",
        run: async () => {
          throw new UserError(
            "registry.example cannot be reached: connect ECONNREFUSED 127.0.0.1:5000",
            "start it, or name another one with --registry: everything else of a run needs it",
          );
        },
      },
      {
        name: "clock",
        run: async () => ({
          status: "warn",
          found: "not looked at\nas nothing answered",
          advice: "see registry",
        }),
      },
    ]);
    const text = doctorText(header, examined, width);
    expectFits(text, width);
    await golden(`doctor-${nameOf(width)}`, text);
  });
});

describe("a run's own page", () => {
  const failed = night(
    ...RECORDS.slice(1, 4),
    ...["lua:5.4", "lua:5.4-dev"].map((target) => ({
      ...({ type: "failed", stage: "build", target, at: at(15) } as const),
      message: `${mirrorIsAway("lua5.4").message}\n→ see whether the mirror runs`,
      repeat: `npm run -s birdhouse -- build ${target}`,
    })),
    { type: "end", at: at(60), exitCode: 1 },
  );

  it("as runs show prints it", async () => {
    await golden("runs-show", runMarkdown(SUMMARY));
    await golden("runs-show-failures", runMarkdown(failed));
  });

  it("tells one cause once, to browsers too", () => {
    const page = runHtml(failed, []);
    expect(page.split("fetching http://127.0.0.1:5080/v3.22/main: connection refused</pre>")).toHaveLength(2);
  });

  it("on GitHub folds what programs printed into groups of our own", async () => {
    const blocks = outcomesBlocks(OUTCOMES, repeat, STREAKS, undefined);
    await golden("rebuild-failures-github", blocks.map((block) => shownBlock(block, true)).join("\n\n"));
  });
});

describe("what is under way", () => {
  const events: readonly Event[] = [
    { type: "note", text: "took over the lock of somebody" },
    { type: "engine", title: "buildah 1.28.2" },
    { type: "planned", targets: ["node:22", "node:22-dev", "lua:5.4"], last: "publish" },
    { type: "started", target: "node:22", stage: "build" },
    { type: "started", target: "node:22-dev", stage: "build" },
    { type: "finished", target: "node:22", stage: "build", seconds: 12.3 },
    { type: "failed", target: "node:22-dev", stage: "build", message: mirrorIsAway("npm").message },
    { type: "held", target: "node:22", pair: "node:22-dev" },
    { type: "unstarted", target: "lua:5.4" },
  ];

  class Screen extends Writable {
    readonly isTTY = true;
    readonly columns = 80;
    readonly rows = 24;
    text = "";
    override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
      this.text += chunk.toString();
      done();
    }
  }

  it("off a terminal is told in plain lines", async () => {
    const screen = Object.assign(new Screen(), { isTTY: false });
    const { listener, close } = plainProgress(screen);
    for (const event of events) listener(event);
    close();
    await golden("progress-piped", screen.text);
  });

  it("on a terminal is a live list", async () => {
    vi.useFakeTimers({ toFake: ["performance", "setInterval", "clearInterval"] });
    try {
      const screen = new Screen();
      const { listener, close } = liveProgress(screen as unknown as NodeJS.WriteStream);
      for (const event of events) listener(event);
      close();
      // As a person sees them: what moves the cursor, by its name.
      await golden("progress-terminal", screen.text.replaceAll("\x1b", "␛"));
    } finally {
      vi.useRealTimers();
    }
  });
});

it("no reason loses its words where a plan shows it", () => {
  // `.map(describeReason)` once handed an index on as how many packages to name.
  const text = planText(samplePlan(true), TODAY);
  for (const words of [
    "libcrypto3 3.3.2-r0 → 3.3.2-r1 (CVE-2024-12797, CVE-2024-9143",
    "missing in the registry",
    "asked for",
  ]) {
    expect(text).toContain(words);
  }
  expect(text).not.toMatch(/(?:REASON|\s{2})\d+ more\b/);
});
