import { canonicalJson, digestOf } from "../../scripts/formats/oci/digest.ts";
import type { ScriptedCatalog } from "./scripted-catalog.ts";
import type { NightRun, ScriptedNights } from "./scripted-nights.ts";

/** A night of the script. What is left out: nothing happens, nothing is due, and the exit code is 0. */
export interface Night {
  readonly what: string;
  /** By day, before the run. */
  readonly happens?: (nights: ScriptedNights) => Promise<unknown>;
  /** In place of a plain `rebuild`. */
  readonly run?: (nights: ScriptedNights) => Promise<NightRun>;
  /** What ends with the night. */
  readonly dawn?: (nights: ScriptedNights) => Promise<unknown>;
  /** Versions such as `wren:2` whose tags move, and those that fail; sorted. */
  readonly published?: readonly string[];
  readonly failed?: readonly string[];
  /** What the engine builds; both images of each version that is published, unless told otherwise. */
  readonly builds?: readonly string[];
  /** Undefined is 0; null where it was killed. */
  readonly exit?: number | null;
  readonly says?: readonly RegExp[];
  /** Version → package → version, of what is not held as it was the night before. */
  readonly holds?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** The end of 3.21: the script's 24th night. */
const END = "2031-03-24";

/** `song` is in both wrens, `bell` in tit and owl:1 and owl:2; jay has nothing but itself. */
const FIRST: ScriptedCatalog = {
  images: {
    wren: { versions: { "1": "3.22", "2": "3.22" } },
    tit: { versions: { "1": "3.22" }, policy: "{ for: security, maxAge: 20d }" },
    owl: { versions: { "1": "3.21", "2": "3.22" } },
    jay: { versions: { "1": "3.22" } },
  },
  branches: { "3.22": "2033-01-01", "3.21": END },
};

const withWrens = (...versions: readonly string[]): ScriptedCatalog => ({
  ...FIRST,
  images: {
    ...FIRST.images,
    wren: { versions: Object.fromEntries(versions.map((version) => [version, "3.22"])) },
  },
});

const [SONG, BELL] = [["song"], ["bell"]];
const away = (nights: ScriptedNights) => {
  nights.proxy.fault = (_, response) => {
    response.writeHead(503).end();
    return "answered";
  };
  return Promise.resolve();
};
const back = (nights: ScriptedNights) => {
  nights.proxy.fault = () => undefined;
  return Promise.resolve();
};

async function openWorld(nights: ScriptedNights): Promise<void> {
  await nights.writeCatalog(FIRST);
  for (const [branch, name] of [
    ["3.22", "song"],
    ["3.22", "bell"],
    ["3.21", "bell"],
    ["3.22", "egg"],
  ] as const) {
    await nights.put(branch, name, "1.0-r0");
  }
  await nights.putBird("3.22", "wren-1", "1.0.0-r0", SONG);
  await nights.putBird("3.22", "wren-2", "2.0.0-r0", SONG);
  await nights.putBird("3.22", "tit-1", "1.0.0-r0", BELL);
  await nights.putBird("3.21", "owl-1", "1.0.0-r0", BELL);
  await nights.putBird("3.22", "owl-2", "2.0.0-r0", BELL);
  await nights.putBird("3.22", "jay-1", "1.0.0-r0", []);
}

/** What `status --cve --json` prints, as far as it is looked at. */
interface AffectedDocument {
  readonly targets: readonly {
    readonly target: string;
    readonly holds: readonly unknown[];
    readonly freeSince: string | null;
    readonly images: readonly { readonly holds: boolean | null }[];
  }[];
}

/** Who had a vulnerability is known once nobody has it any more: by what was published before. */
async function wasAffected(nights: ScriptedNights, name: string): Promise<void> {
  const { said } = await nights.run("status", "tit:1", "owl:1", "--cve", name);
  const { targets } = JSON.parse(said.slice(0, said.lastIndexOf("}") + 1)) as AffectedDocument;
  const found = targets.map(({ target, holds, freeSince, images }) => [
    ...[target, holds.length, freeSince !== null],
    images.map((one) => one.holds),
  ]);
  const expected = [
    ["tit:1", 0, true, [false, true]],
    ["owl:1", 0, false, [false]],
  ];
  if (JSON.stringify(found) !== JSON.stringify(expected)) throw new Error(said);
}

/** The same layers under another digest, as when Alpine publishes a branch's image anew. */
async function moveBase({ world: { registry } }: ScriptedNights): Promise<void> {
  const base = await registry.getManifest("sandbox/alpine", "3.22");
  if (!base) throw new Error("there is no base image");
  const index = { ...JSON.parse(Buffer.from(base.bytes).toString("utf8")), annotations: { edition: "2" } };
  const bytes = Buffer.from(canonicalJson(index));
  await registry.putManifest("sandbox/alpine", "3.22", { ...base, bytes, digest: digestOf(bytes) });
}

/** A push of a manifest by its digest into a version's repository: all is built and tested, and no tag moves yet. */
const isPublishing = (method: string, url: string) =>
  method === "PUT" && url.startsWith("/v2/test/wren/manifests/sha256:");

export const MONTH: readonly Night[] = [
  {
    what: "everything is new",
    happens: openWorld,
    published: ["jay:1", "owl:1", "owl:2", "tit:1", "wren:1", "wren:2"],
    holds: {
      "wren:1": { "wren-1": "1.0.0-r0", song: "1.0-r0" },
      "wren:2": { "wren-2": "2.0.0-r0", song: "1.0-r0" },
      "tit:1": { "tit-1": "1.0.0-r0", bell: "1.0-r0" },
      "owl:1": { "owl-1": "1.0.0-r0", bell: "1.0-r0" },
      "owl:2": { "owl-2": "2.0.0-r0", bell: "1.0-r0" },
      "jay:1": { "jay-1": "1.0.0-r0" },
    },
  },
  { what: "nothing happens" },
  {
    what: "a package moves that two versions have through another",
    happens: (nights) => nights.put("3.22", "song", "1.0-r1"),
    published: ["wren:1", "wren:2"],
    holds: { "wren:1": { song: "1.0-r1" }, "wren:2": { song: "1.0-r1" } },
    says: [/song 1\.0-r0 → 1\.0-r1/],
  },
  { what: "a package moves that no image has", happens: (nights) => nights.put("3.22", "egg", "1.1-r0") },
  { what: "nothing happens" },
  {
    what: "a vulnerability is fixed, on one of two branches",
    happens: async (nights) => {
      await nights.put("3.22", "bell", "1.0-r1");
      await nights.mirror.on("3.22").fix({ bell: { "1.0-r1": ["CVE-2031-0001"] } });
    },
    dawn: (nights) => wasAffected(nights, "CVE-2031-0001"),
    published: ["owl:2", "tit:1"],
    holds: { "tit:1": { bell: "1.0-r1" }, "owl:2": { bell: "1.0-r1" } },
    says: [/bell 1\.0-r0 → 1\.0-r1 \(CVE-2031-0001\)/],
  },
  {
    what: "the same package moves, and fixes nothing: not for who waits for fixes",
    happens: (nights) => nights.put("3.22", "bell", "1.0-r2"),
    published: ["owl:2"],
    holds: { "owl:2": { bell: "1.0-r2" } },
    says: [/no security fix/],
  },
  { what: "nothing happens" },
  {
    what: "a package moves while the mirror is away",
    happens: async (nights) => {
      await nights.put("3.22", "song", "1.0-r2");
      await nights.mirror.stop();
    },
    dawn: (nights) => nights.mirror.start(),
    exit: 1,
    says: [/no answer: connect ECONNREFUSED/],
  },
  {
    what: "the mirror is back",
    published: ["wren:1", "wren:2"],
    holds: { "wren:1": { song: "1.0-r2" }, "wren:2": { song: "1.0-r2" } },
  },
  {
    what: "a package moves while the registry is away",
    happens: (nights) => nights.putBird("3.22", "jay-1", "1.1.0-r0", []),
    run: async (nights) => {
      await away(nights);
      return nights.run();
    },
    dawn: back,
    exit: 1,
    says: [/could not read the manifest lock: HTTP 503/, /→ check that .* runs and can be reached/],
  },
  {
    what: "the registry is back",
    published: ["jay:1"],
    holds: { "jay:1": { "jay-1": "1.1.0-r0" } },
  },
  {
    what: "a program is broken, and another one moves",
    happens: async (nights) => {
      await nights.putBird("3.22", "wren-1", "1.1.0-r0", SONG, "goodbye");
      await nights.putBird("3.22", "owl-2", "2.1.0-r0", BELL);
    },
    published: ["owl:2"],
    failed: ["wren:1"],
    builds: ["owl-2", "owl-2-dev", "wren-1", "wren-1-dev"],
    holds: { "owl:2": { "owl-2": "2.1.0-r0" } },
    exit: 1,
    says: [/wren:1-dev should print \\?"hello, world\\?" but printed: goodbye/],
  },
  {
    what: "it is broken still: tested again, and not built again",
    failed: ["wren:1"],
    builds: [],
    exit: 1,
    says: [/printed: goodbye/],
  },
  {
    what: "it is mended",
    happens: (nights) => nights.putBird("3.22", "wren-1", "1.1.0-r1", SONG),
    published: ["wren:1"],
    holds: { "wren:1": { "wren-1": "1.1.0-r1" } },
  },
  {
    what: "a package cannot be installed",
    happens: (nights) => nights.put("3.22", "bell", "1.1-r0", ["ghost"]),
    failed: ["owl:2"],
    builds: ["owl-2", "owl-2-dev"],
    exit: 1,
    says: [/ghost/],
  },
  {
    what: "nor the night after",
    failed: ["owl:2"],
    builds: ["owl-2", "owl-2-dev"],
    exit: 1,
    says: [/ghost/],
  },
  {
    what: "it can be",
    happens: (nights) => nights.put("3.22", "bell", "1.1-r1"),
    published: ["owl:2"],
    holds: { "owl:2": { bell: "1.1-r1" } },
  },
  {
    what: "a run is killed when it begins to publish",
    happens: (nights) => nights.put("3.22", "song", "1.0-r3"),
    run: (nights) => nights.runKilled(isPublishing),
    builds: ["wren-2", "wren-2-dev"],
    exit: null,
    says: [/SIGKILL/],
  },
  {
    what: "the next one finishes, and builds only what that one had not",
    published: ["wren:1", "wren:2"],
    builds: ["wren-1", "wren-1-dev"],
    holds: { "wren:1": { song: "1.0-r3" }, "wren:2": { song: "1.0-r3" } },
  },
  {
    what: "the catalog gains a version",
    happens: async (nights) => {
      await nights.putBird("3.22", "wren-3", "3.0.0-r0", SONG);
      await nights.writeCatalog(withWrens("1", "2", "3"));
    },
    published: ["wren:3"],
    holds: { "wren:3": { "wren-3": "3.0.0-r0", song: "1.0-r3" } },
  },
  {
    what: "the catalog loses a version, and a package of it moves: its tags stay as they are",
    happens: async (nights) => {
      await nights.putBird("3.22", "wren-1", "1.2.0-r0", SONG);
      await nights.writeCatalog(withWrens("2", "3"));
    },
  },
  {
    what: "the base image of a branch moves: dev stands on it, and not for who waits for fixes",
    happens: moveBase,
    published: ["jay:1", "owl:2", "wren:2", "wren:3"],
    builds: ["jay-1-dev", "owl-2-dev", "wren-2-dev", "wren-3-dev"],
    says: [/base sha256:\w+… → sha256:\w+…/],
  },
  { what: "a branch has ended" },
  {
    what: "a package moves on the branch that has ended",
    happens: (nights) => nights.put("3.21", "bell", "1.0-r9"),
  },
  {
    what: "a package moves",
    happens: (nights) => nights.put("3.22", "bell", "1.1-r2"),
    published: ["owl:2"],
    holds: { "owl:2": { bell: "1.1-r2" } },
  },
  {
    what: "a maintainer went back by day: there is still reason to move on, and nothing to build for it",
    happens: async (nights) => {
      const { exitCode, said } = await nights.run("rollback", "owl:2");
      if (exitCode !== 0) throw new Error(said);
      const bell = (await nights.packages("owl:2")).get("bell");
      if (bell !== "1.1-r1") throw new Error(`owl:2 did not go back: it has bell ${bell}`);
    },
    published: ["owl:2"],
    builds: [],
    says: [/bell 1\.1-r1 → 1\.1-r2/],
  },
  {
    what: "an image is older than it may be: what its policy held back comes along",
    published: ["tit:1"],
    holds: { "tit:1": { bell: "1.1-r2" } },
    says: [/published 21 days ago, at most 20/],
  },
  { what: "nothing happens" },
  {
    what: "another machine runs, which remembers nothing: all that it needs is in the registry",
    happens: (nights) => nights.forget(),
  },
];
