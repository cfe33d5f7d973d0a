import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MONTH } from "../support/scripted-month.ts";
import { type NightRun, ScriptedNights } from "../support/scripted-nights.ts";
import { type Expected, tagsExpected } from "../support/scripted-tags.ts";
import { soaked } from "../support/soak.ts";

/** Each image that any night has. */
const IMAGES = ["wren", "tit", "owl", "jay"];

/** The nights stand on each other: the first ones. */
const NIGHTS = MONTH.slice(0, soaked(MONTH.length, 15));

describe(`${NIGHTS.length} nights of a month, of which nobody watches any`, () => {
  let nights: ScriptedNights;
  /** Version → the packages of the test's own that its images hold, by the script. */
  const holds = new Map<string, Readonly<Record<string, string>>>();
  let builds = 0;

  beforeAll(async () => {
    nights = await ScriptedNights.open("3.22", "3.21");
  });
  afterAll(async () => {
    await nights?.close();
    console.log(`${builds} images were built`);
  });

  it.each(NIGHTS.map((one, index) => [index + 1, one.what, one] as const))(
    "night %i: %s",
    async (...args) => {
      const [number, , night] = args;
      nights.night = number;
      await night.happens?.(nights);
      const before = await nights.tags(IMAGES);
      const run = await (night.run ?? defaultRun)(nights);
      await night.dawn?.(nights);
      builds += run.builds.length;

      expect(outline(run), run.said).toEqual({
        exitCode: night.exit === undefined ? 0 : night.exit,
        published: night.published ?? [],
        failed: night.failed ?? [],
        builds: night.builds ?? bothOf(night.published ?? []),
      });
      for (const words of night.says ?? []) expect(run.said).toMatch(words);

      for (const [version, packages] of Object.entries(night.holds ?? {})) {
        holds.set(version, { ...holds.get(version), ...packages });
      }
      const after = await nights.tags(IMAGES);
      expect(movedWithout(night.published ?? [], before, after)).toEqual([]);
      await expectTags(after);
    },
  );

  const defaultRun = (those: ScriptedNights) => those.run();

  /** What tags there are, that those of a version move together, and what is in the images that they point at. */
  async function expectTags(tags: ReadonlyMap<string, string>): Promise<void> {
    const expected: Expected[] = [...holds].map(([version, packages]) => ({ version, packages }));
    for (const { version, target, names } of tagsExpected(expected)) {
      const digests = names.map((name) => `${name} ${tags.get(name)}`);
      expect(digests, version).toEqual(names.map((name) => `${name} ${tags.get(target)}`));
      expect(tags.get(target), target).toBeDefined();
      const found = await nights.packages(target);
      const own = [...found].filter(([name]) => nights.ownPackages.has(name));
      expect(Object.fromEntries(own), target).toEqual(holds.get(version));
    }
  }
});

function outline({ exitCode, published, failed, builds }: NightRun) {
  return { exitCode, published, failed, builds };
}

/** Both images of some versions, as the engine names them. */
function bothOf(versions: readonly string[]): string[] {
  return versions
    .map((version) => version.replace(":", "-"))
    .flatMap((name) => [name, `${name}-dev`])
    .sort();
}

/** The tags that moved or came though they are not of these versions: `latest` is of what it points at then. */
function movedWithout(
  versions: readonly string[],
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): string[] {
  const theirs = new Set(versions.flatMap((version) => [after.get(version), after.get(`${version}-dev`)]));
  const histories = new Set(versions.flatMap((version) => [`${version}.history`, `${version}-dev.history`]));
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => {
    const [from, to] = [before.get(name), after.get(name)];
    return from !== to && !theirs.has(to) && !histories.has(name);
  });
}
