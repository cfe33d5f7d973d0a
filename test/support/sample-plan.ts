import { inputsOf } from "../../scripts/model/inputs.ts";
import type { Package } from "../../scripts/model/package.ts";
import type { Platform } from "../../scripts/model/platform.ts";
import type { ImageSizes, Published } from "../../scripts/model/published.ts";
import type { Sources } from "../../scripts/model/sources.ts";
import type { Target } from "../../scripts/model/target.ts";
import { obstacleOf } from "../../scripts/plan/availability.ts";
import { type Offer, offerOf } from "../../scripts/plan/offer.ts";
import { type PlannedTarget, plan, withObstacles } from "../../scripts/plan/plan.ts";
import { choosePlatforms, type EngineFacts } from "../../scripts/plan/platforms.ts";
import type { Comparison, Offered } from "../../scripts/plan/reasons.ts";
import type { Fixes } from "../../scripts/upstream/upstream.ts";
import { samplePackage } from "../unit/report/sample-outcomes.ts";
import { sampleCatalog, sampleRelease, sampleTarget } from "./sample-target.ts";

/** A plan in which there is some of everything that a plan can tell, made by the functions that make plans. */

export const TODAY = new Date("2026-11-28T03:00:00Z");
const BOTH: readonly Platform[] = ["linux/amd64", "linux/arm64"];

export const DIGESTS = ["1", "2", "3", "4", "5"].map((digit) => `sha256:${digit.repeat(64)}`);
const [BASE = "", NEW_BASE = "", NODE = "", LUA = ""] = DIGESTS;

/** Name → version, and how many bytes it takes. */
type Contents = Readonly<Record<string, readonly [version: string, bytes: number]>>;

const NODE_CONTENTS: Contents = {
  "alpine-baselayout-data": ["3.6.8-r1", 12_288],
  "ca-certificates-bundle": ["20241121-r1", 233_472],
  "icu-data-en": ["74.2-r1", 2_600_000],
  libcrypto3: ["3.3.2-r0", 4_489_216],
  libssl3: ["3.3.2-r0", 831_488],
  musl: ["1.2.5-r8", 667_648],
  nodejs: ["22.16.0-r1", 53_000_000],
  "nghttp2-libs": ["1.64.0-r0", 86_016],
  zlib: ["1.3.1-r1", 102_400],
};

/** What an image holds on both platforms. */
export function sizesOf(contents: Contents): ImageSizes {
  const packages = new Map(
    Object.entries(contents).map(([name, [version, unpacked]]) => [name, { version, unpacked }]),
  );
  const unpacked = Object.values(contents).reduce((sum, [, bytes]) => sum + bytes, 40_960);
  return new Map(
    BOTH.map((platform, index) => [platform, { compressed: 24_500_000 + index, unpacked, packages }]),
  );
}

function packagesOf(
  versions: Readonly<Record<string, string>>,
  origins: Readonly<Record<string, string>> = {},
) {
  return new Map<string, Package[]>(
    Object.entries(versions).map(([name, version]) => [
      name,
      [{ ...samplePackage, name, version, origin: origins[name] ?? name }],
    ]),
  );
}

const CURRENT = Object.fromEntries(
  Object.entries(NODE_CONTENTS).map(([name, [version]]) => [name, version] as const),
);
const MOVED = {
  ...CURRENT,
  libcrypto3: "3.3.2-r1",
  libssl3: "3.3.2-r1",
  "nghttp2-libs": "1.64.0-r1",
  nodejs: "22.16.0-r2",
  musl: "1.2.5-r9",
  zlib: "1.3.1-r2",
};
const ORIGINS = { libcrypto3: "openssl", libssl3: "openssl" };

/** What Alpine has fixed; none where a sample is to be without. */
const FIXES: Fixes = new Map([
  ["openssl", [["3.3.2-r1", ["CVE-2024-9143", "CVE-2024-12797", "CVE-2025-9230", "CVE-2026-31789"]]]],
]);

function offered(
  versions: Readonly<Record<string, string>>,
  fixes: Fixes,
  rest: Partial<Offered> = {},
): Offered {
  const packages = packagesOf(versions, ORIGINS);
  return { packages: new Map(BOTH.map((platform) => [platform, packages])), fixes, unknown: [], ...rest };
}

const inputs = (target: Target, dockerfile = "FROM scratch\n") =>
  inputsOf(target, sampleCatalog(), dockerfile);

/** What the registry has of a target, as it was made from what it is made from now. */
export function publishedOf(target: Target, changes: Partial<Published> = {}): Published {
  return {
    ...{ digest: NODE, inputs: inputs(target), sizes: sizesOf(NODE_CONTENTS), platforms: [...BOTH] },
    at: new Date("2026-11-20T03:10:00Z"),
    ...changes,
  };
}

type Compared = Comparison & Pick<PlannedTarget, "platforms" | "skipped">;

/** Compared with a world that has not moved. */
function same(target: Target, changes: Partial<Compared> = {}): Compared {
  return {
    ...{ target, platforms: target.platforms, inputs: inputs(target) },
    ...{ published: publishedOf(target), asked: false },
    offered: offered(CURRENT, new Map()),
    ...changes,
  };
}

/** Every kind of target that there can be. @param withFixes whether what moved closes vulnerabilities */
export function samplePlan(withFixes: boolean): PlannedTarget[] {
  const fixes = withFixes ? FIXES : new Map();
  const release = (changes: Partial<Target>) => {
    const { runtime, dev } = sampleRelease({ platforms: [...BOTH], ...changes });
    return [runtime, dev] as const;
  };
  const [node, nodeDev] = release({});
  const [lua, luaDev] = release({ image: "lua", version: "5.4", world: ["lua5.4~5.4"], package: "lua5.4" });
  const [python, pythonDev] = release({
    image: "python",
    version: "3.12",
    policy: { for: "security", keep: 10 },
  });
  const [ruby, rubyDev] = release({
    image: "ruby",
    version: "3.4",
    policy: { for: "anything", notWithin: 14, keep: 10 },
  });
  const [go, goDev] = release({
    image: "go",
    version: "1.24",
    policy: { for: "anything", maxAge: 7, keep: 10 },
  });
  const [php, phpDev] = release({ image: "php", version: "8.2", endOfLife: "2026-12-31" });
  const [java, javaDev] = release({ image: "java", version: "8", endOfLife: "2026-05-01" });
  const [perl, perlDev] = release({ image: "perl", version: "5.40" });
  const [rust, rustDev] = release({
    image: "rust",
    version: "1.99",
    package: "rust",
    world: ["rust~1.99"],
    place: "catalog.yaml:88:7",
  });
  const [web, webDev] = release({
    image: "web",
    version: "24",
    world: ["nodejs~22", "tini", "nginx"],
    branch: "3.24",
  });
  const [erlang, erlangDev] = release({
    image: "erlang",
    version: "27",
    env: { LANG: "C.UTF-8" },
    world: ["erlang27"],
  });
  const policyless = same(perl);
  const away = ["the index v3.22/main/x86_64 cannot be read: connect ECONNREFUSED 127.0.0.1:5080"];
  const moved = { offered: offered(MOVED, fixes) };
  const comparisons: Compared[] = [
    same(node, moved),
    same(nodeDev, {
      offered: offered(MOVED, fixes, { base: NEW_BASE }),
      published: publishedOf(nodeDev, { base: BASE }),
    }),
    same(lua, { published: undefined, asked: true }),
    same(luaDev, { published: publishedOf(luaDev, { digest: LUA, inputs: undefined }) }),
    same(python, { offered: offered({ ...CURRENT, zlib: "1.3.1-r2" }, new Map()) }),
    same(pythonDev),
    same(ruby, moved),
    same(rubyDev),
    same(go),
    same(goDev),
    same(php),
    same(phpDev),
    same(java),
    same(javaDev),
    { ...policyless, offered: offered(CURRENT, new Map(), { unknown: away }) },
    same(perlDev, { offered: offered(CURRENT, new Map(), { unknown: away }) }),
    same(rust, { published: undefined }),
    same(rustDev, { published: undefined }),
    ...[web, webDev].map((one) => withoutArm(one)),
    same(erlang, { inputs: inputs({ ...erlang, env: {}, world: ["erlang27", "tini"] }) }),
    same(erlangDev, { inputs: inputs(erlangDev, "FROM scratch\nUSER 0\n") }),
  ];
  return withObstacles(plan(comparisons, TODAY), (target) => obstacleOf(target, offerTo(target), SOURCES));
}

const SOURCES: Sources = { base: "registry.example/alpine", packages: "https://packages.example/alpine" };
/** On which a part of Alpine is all there is. */
const PART: Sources = { ...SOURCES, mayLack: new Set(["rust"]) };

/** A target that a part of Alpine does not have, which is nobody's mistake. */
export function unavailablePlan(): PlannedTarget[] {
  const { runtime, dev } = sampleRelease({
    image: "rust",
    version: "1.99",
    package: "rust",
    world: ["rust~1.99"],
  });
  const comparisons = [runtime, dev].map((one) => same(one, { published: undefined }));
  return withObstacles(plan(comparisons, TODAY), (target) => obstacleOf(target, new Map(), PART));
}

function offerTo({ image }: Target): Offer {
  const rust = image === "rust" ? { rust: "1.87.0-r0" } : { rust: "1.99.0-r0" };
  const rest = {
    "lua5.4": "5.4.7-r0",
    tini: "0.19.0-r3",
    nginx: "1.26.3-r0",
    erlang27: "27.3-r0",
    nodejs: "22.16.0-r2",
  };
  return offerOf([...packagesOf({ ...rest, ...rust }).values()].flat());
}

/** What is missing, and cannot be had for arm64. */
function withoutArm(target: Target): Compared {
  const offered = packagesOf({
    nginx: "1.26.3-r0",
    ...(target.variant === "dev" && { nodejs: "22.16.0-r2", tini: "0.19.0-r3" }),
  });
  const advice =
    "install an emulator (Debian, Ubuntu: apt-get install qemu-user-static) or build with docker and a builder that has a node for it (--builder)";
  const engine: EngineFacts = {
    runnable: { platforms: ["linux/amd64"], by: "this machine", advice: () => advice },
  };
  const facts = { offer: offerOf([...offered.values()].flat()), missing: [], engine };
  const choice = choosePlatforms(
    { target, host: "linux/amd64", chosen: undefined, published: undefined, support: "supported" },
    new Map([["linux/arm64", facts]]),
  );
  return same(target, {
    published: undefined,
    ...choice,
    inputs: inputsOf(target, sampleCatalog(), "FROM scratch\n", choice.platforms),
  });
}

/** Nothing is due, and nothing is wrong. */
export function idlePlan(): PlannedTarget[] {
  const { runtime, dev } = sampleRelease();
  return plan([same(runtime), same(dev)], TODAY);
}

/** Its mirror is away, so that nothing could be compared: one cause, for all of them. */
export function awayPlan(): PlannedTarget[] {
  const unknown = ["the index v3.22/main/x86_64 cannot be read: connect ECONNREFUSED 127.0.0.1:5080"];
  const targets = ["lua", "node"].flatMap((image) => Object.values(sampleRelease({ image })));
  return plan(
    targets.map((target) => same(target, { offered: offered(CURRENT, new Map(), { unknown }) })),
    TODAY,
  );
}

/** Targets as a list shows them. */
export const LISTED: readonly Target[] = [
  sampleTarget({ tags: ["22", "22.16", "22.16.0", "lts", "latest"], endOfLife: "2027-04-30" }),
  sampleTarget({ variant: "dev", world: ["build-base", "git", "make", "nodejs~22", "npm", "python3"] }),
  sampleTarget({ image: "php", version: "8.2", endOfLife: "2026-12-31", tags: ["8.2"] }),
  sampleTarget({
    image: "java",
    version: "8",
    endOfLife: "2026-05-01",
    tags: ["8"],
    world: ["openjdk8-jre-base"],
  }),
];
