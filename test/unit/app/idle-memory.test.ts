import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  type ComparedFingerprints,
  fingerprintsOf,
  type IdleTargets,
  maybeIdle,
  rememberIdle,
  wholeReleases,
} from "../../../scripts/app/idle-memory.ts";
import { PLATFORMS, type Platform } from "../../../scripts/model/platform.ts";
import type { Target } from "../../../scripts/model/target.ts";
import type { PlannedTarget } from "../../../scripts/plan/plan.ts";
import type { Upstream } from "../../../scripts/upstream/upstream.ts";
import { sampleCatalog, samplePlanned, sampleRelease, sampleTarget } from "../../support/sample-target.ts";

const node = sampleRelease();
const lua = sampleRelease({ image: "lua", version: "5.4" });
const all = [node.runtime, node.dev, lua.runtime, lua.dev];
const names = (targets: readonly Target[]) => targets.map(({ name }) => name);

function known(...targets: readonly Target[]): IdleTargets {
  return new Map(targets.map(({ name }) => [name, { digest: `sha256:${name}`, fingerprint: "today" }]));
}

function now(fingerprint = "today", isVerified = true): ComparedFingerprints {
  return new Map(all.map(({ name }) => [name, { fingerprint, isVerified }]));
}

const unknownPlatform = [{ platform: "linux/arm64", because: "no engine", isUnknown: true }] as const;

function idle(target: Target, changes: Partial<PlannedTarget> = {}): PlannedTarget {
  const published = { digest: `sha256:${target.name}`, inputs: undefined };
  return samplePlanned(target, { published, ...changes });
}

describe("what may be idle", () => {
  it("is what was, compared with the same that was verified", () => {
    expect(names(maybeIdle(all, known(...all), now()))).toEqual(names(all));
    expect(maybeIdle(all, known(...all), now("tomorrow"))).toEqual([]);
    expect(maybeIdle(all, known(...all), now("today", false))).toEqual([]);
    expect(maybeIdle(all, known(...all), new Map())).toEqual([]);
  });

  it("is both variants of a version or none", () => {
    expect(names(maybeIdle(all, known(node.runtime, lua.runtime, lua.dev), now()))).toEqual(
      names([lua.runtime, lua.dev]),
    );
  });

  it("is no tag whose pair was moved meanwhile", () => {
    const unmoved = [node.dev, lua.runtime, lua.dev];
    expect(names(wholeReleases(unmoved, all))).toEqual(names([lua.runtime, lua.dev]));
  });
});

describe("what is remembered", () => {
  const before = known(lua.runtime);

  it("is what had nothing to do, and what was known of the others", () => {
    const after = rememberIdle(before, [idle(node.runtime), idle(node.dev)], now("today", false));
    expect(after).toEqual(known(lua.runtime, node.runtime, node.dev));
  });

  it("is nothing that was due, held back, not fully known or not published", () => {
    const reason = { kind: "missing" } as const;
    for (const found of [
      idle(lua.runtime, { reasons: [reason] }),
      idle(lua.runtime, { held: [{ reason, because: "no security fix" }] }),
      idle(lua.runtime, { offered: { packages: new Map(), fixes: new Map(), unknown: ["mirror away"] } }),
      idle(lua.runtime, { skipped: unknownPlatform }),
      idle(lua.runtime, { published: undefined }),
    ]) {
      expect(rememberIdle(before, [found], now())).toEqual(new Map());
    }
    expect(rememberIdle(before, [idle(lua.runtime)], new Map())).toEqual(new Map());
  });
});

describe("the fingerprint of what a target is compared with", () => {
  const TODAY = new Date("2026-11-23T03:00:00Z");
  const editions = { x86_64: "1", aarch64: "1" };
  const amd64 = sampleTarget({ platforms: ["linux/amd64"] });

  /** With a mirror whose index for an architecture is of such an edition. */
  async function fingerprint(
    target: Target,
    of: Readonly<Record<string, string | undefined>> = editions,
    {
      identity = "us",
      chosen = undefined as readonly Platform[] | undefined,
      templates = [] as readonly string[],
    } = {},
  ) {
    const upstream: Pick<Upstream, "base" | "edition"> = {
      base: async () => ({ value: "sha256:base" }),
      async edition(_, architecture) {
        const digest = of[architecture];
        return digest === undefined ? { problem: "away" } : { value: { digest, isKnown: digest !== "new" } };
      },
    };
    const context = { today: TODAY, chosenPlatforms: chosen, catalog: { ...sampleCatalog(), templates } };
    return (await fingerprintsOf(identity, [target], upstream, context)).get(target.name);
  }

  it("is another when a platform has got packages, or the machine an emulator", async () => {
    const target = sampleTarget({ platforms: PLATFORMS });
    const before = await fingerprint(target);
    expect(before).toMatchObject({ isVerified: true });
    expect(await fingerprint(target)).toEqual(before);
    const moved = await fingerprint(target, { ...editions, aarch64: "2" });
    const emulated = await fingerprint(target, editions, { identity: "us, with an emulator" });
    for (const after of [moved, emulated]) expect(after?.fingerprint).not.toBe(before?.fingerprint);
    // What the catalog does not want counts where the user wants it.
    const chosen = { chosen: PLATFORMS };
    expect(await fingerprint(amd64, editions, chosen)).toEqual(before);
    expect(await fingerprint(amd64)).not.toEqual(before);
  });

  it("is another when a template of the catalog's own was edited", async () => {
    const folder = await mkdtemp(join(tmpdir(), "templates-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const now = () => fingerprint(amd64, editions, { templates: [folder] });
    await writeFile(join(folder, "dev.hbs"), "one");
    const before = await now();
    expect(await now()).toEqual(before);
    await writeFile(join(folder, "dev.hbs"), "two");
    expect((await now())?.fingerprint).not.toBe(before?.fingerprint);
  });

  it("is verified where an earlier run has read all that is offered", async () => {
    const target = sampleTarget({ platforms: PLATFORMS });
    expect(await fingerprint(target, { ...editions, aarch64: "new" })).toMatchObject({ isVerified: false });
  });

  it("is none where not all is known, or where the age of an image counts", async () => {
    const target = sampleTarget({ platforms: PLATFORMS });
    expect(await fingerprint(target, { x86_64: "1" })).toBeUndefined();
    const policy = { ...target.policy, maxAge: 7 };
    expect(await fingerprint({ ...target, policy })).toBeUndefined();
    expect(await fingerprint({ ...target, policy: { ...target.policy, notWithin: 7 } })).toBeUndefined();
  });
});
