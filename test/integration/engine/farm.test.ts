import { access, chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { type BuildPlace, Farm } from "../../../scripts/engine/farm.ts";
import { temporaryDirectory } from "../../unit/formats/oci/sample-image.ts";

/** As buildx keeps a builder: what is not known here is handed on as it stands. */
const FARM = {
  ...{ Name: "farm", Driver: "remote", Dynamic: false },
  Nodes: ["oak", "elm", "fir"].map((Name) => ({ Name, Endpoint: `tcp://${Name}:1234`, Platforms: null })),
};

/** A buildx that asks the nodes: each answers as long as a file of its name says what it can do. */
const BUILDX = `for last; do :; done
file="$BUILDX_CONFIG/instances/$last"
name=$(sed 's/.*tcp:\\/\\/\\([a-z]*\\):.*/\\1/' "$file")
case $(grep -o tcp: "$file" | wc -l) in 1) ;; *) exit 1 ;; esac
[ -f "$ANSWERS/$name" ] && echo "Platforms: $(cat "$ANSWERS/$name")"
`;

async function openFarm(
  answers: Readonly<Record<string, string>>,
  file: string = JSON.stringify(FARM),
  askEvery?: number,
) {
  const directory = await temporaryDirectory();
  for (const folder of ["bin", "answers", "buildx/instances", "own"]) {
    await mkdir(join(directory, folder), { recursive: true });
  }
  await writeFile(join(directory, "buildx/instances/farm"), file);
  await writeFile(join(directory, "bin/docker"), `#!/bin/sh\n${BUILDX}`);
  await chmod(join(directory, "bin/docker"), 0o755);
  for (const [name, platforms] of Object.entries(answers)) {
    await writeFile(join(directory, "answers", name), platforms);
  }
  vi.stubEnv("PATH", `${join(directory, "bin")}${delimiter}${process.env.PATH}`);
  vi.stubEnv("BUILDX_CONFIG", join(directory, "buildx"));
  vi.stubEnv("ANSWERS", join(directory, "answers"));
  onTestFinished(() => void vi.unstubAllEnvs());
  const notes: string[] = [];
  const own = () => Promise.resolve(join(directory, "own"));
  const farm = await Farm.open("farm", own, (text) => notes.push(text), askEvery);
  return { farm, directory, notes };
}

const AMD = { platform: "linux/amd64" } as const;
const ALL = { oak: "linux/amd64", elm: "linux/amd64*, linux/386", fir: "linux/amd64, linux/arm64" };

/** Which node a place is. */
async function nodeOf({ words, env }: BuildPlace): Promise<string> {
  const text = await readFile(join(env.BUILDX_CONFIG ?? "", "instances", words[1] ?? ""), "utf8");
  const { Name, Nodes, ...rest } = JSON.parse(text) as typeof FARM;
  expect(rest).toEqual({ Driver: "remote", Dynamic: false });
  expect([Name, Nodes.length]).toEqual([words[1], 1]);
  expect(Nodes[0]).toEqual(FARM.Nodes.find((one) => one.Name === Nodes[0]?.Name));
  return Nodes[0]?.Name ?? "";
}

describe("a farm", () => {
  it("gives each build to the node that has the least to do, of those with its platform", async () => {
    const { farm } = await openFarm(ALL);
    expect(farm.title).toBe("builder farm with 3 of 3 nodes");
    const ends: (() => void)[] = [];
    const begin = async (platform: "linux/amd64" | "linux/arm64") => {
      let told: ((name: string) => void) | undefined;
      const name = new Promise<string>((tell) => (told = tell));
      void farm.on({ platform }, async (place) => {
        told?.(await nodeOf(place));
        await new Promise<void>((end) => ends.push(end));
      });
      return name;
    };
    expect(await begin("linux/arm64")).toBe("fir");
    expect(await begin("linux/amd64")).toBe("oak");
    expect(await begin("linux/amd64")).toBe("elm");
    expect(await begin("linux/arm64")).toBe("fir");
    expect(await begin("linux/amd64")).toBe("oak");
    for (const end of ends) end();
    // All have nothing to do now: the one that had least has this.
    expect(await farm.on(AMD, nodeOf)).toBe("elm");
  });

  it("has a platform built where it is at home, whatever others emulate", async () => {
    const { farm } = await openFarm({
      oak: "linux/amd64, linux/amd64/v2, linux/arm64",
      elm: "linux/arm64, linux/amd64, linux/arm/v7",
      // Declared, as for a machine that does it by other means: docker buildx create --platform.
      fir: "linux/arm64*, linux/amd64, linux/386",
    });
    const places = async (platform: "linux/amd64" | "linux/arm64") => {
      const three = [1, 2, 3].map(() => farm.on({ platform }, nodeOf));
      return (await Promise.all(three)).toSorted();
    };
    expect(await places("linux/amd64")).toEqual(["oak", "oak", "oak"]);
    expect(await places("linux/arm64")).toEqual(["elm", "elm", "fir"]);
  });

  it("begins without those that do not answer, and not at all where none does", async () => {
    const { elm, fir } = ALL;
    const { farm } = await openFarm({ elm, fir });
    expect(farm.title).toBe("builder farm with 2 of 3 nodes, without oak: no answer");
    expect(await farm.on(AMD, nodeOf)).toBe("elm");
    await expect(openFarm({})).rejects.toThrow("no node of the builder farm answers: oak, elm, fir");
  });

  it("builds elsewhere what a node had that falls silent, which no build of its own would ever notice", async () => {
    const { farm, notes } = await openFarm(ALL, undefined, 50);
    const answers = process.env.ANSWERS ?? "";
    const tried: string[] = [];
    const build = async (place: BuildPlace, signal?: AbortSignal) => {
      const name = await nodeOf(place);
      tried.push(name);
      if (name !== "oak") return name;
      await rm(join(answers, "oak"));
      // As buildx does whose machine has lost its network: it waits.
      return new Promise<string>((_, reject) =>
        signal?.addEventListener("abort", () => reject(signal.reason)),
      );
    };
    expect(await farm.on(AMD, build)).toBe("elm");
    expect(tried).toEqual(["oak", "elm"]);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain("the node oak of the builder farm answers no more");
  });

  it("gives up a build whose builder is one machine that falls silent, and says so", async () => {
    const one = JSON.stringify({ ...FARM, Nodes: FARM.Nodes.slice(0, 1) });
    const { farm } = await openFarm(ALL, one, 50);
    await rm(join(process.env.ANSWERS ?? "", "oak"));
    const building = farm.on(
      AMD,
      (_, signal) =>
        new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason))),
    );
    await expect(building).rejects.toThrow("the machine that built it has not answered for a while");
  });

  it("leaves a build alone whose node was silent once, and ends one that its user ends", async () => {
    const { farm, notes } = await openFarm(ALL, undefined, 400);
    const answers = process.env.ANSWERS ?? "";
    const user = new AbortController();
    const building = farm.on({ ...AMD, signal: user.signal }, async (_, signal) => {
      await rm(join(answers, "oak"));
      await sleep(600);
      await writeFile(join(answers, "oak"), ALL.oak);
      await sleep(1500);
      expect(signal?.aborted).toBe(false);
      user.abort(new Error("enough"));
      signal?.throwIfAborted();
    });
    await expect(building).rejects.toThrow(/^enough$/);
    expect(notes).toEqual([]);
  });

  it("builds elsewhere what a node had that goes away, says so once, and takes a failure for one otherwise", async () => {
    const { farm, notes } = await openFarm(ALL);
    const failing = (message: string) => farm.on(AMD, () => Promise.reject(new Error(message)));
    await expect(failing("no such package")).rejects.toThrow(/^no such package$/);
    const answers = process.env.ANSWERS ?? "";
    await rm(join(answers, "elm"));
    const builds = Array.from({ length: 6 }, () =>
      farm.on(AMD, async (place) => {
        const name = await nodeOf(place);
        if (name === "elm") throw new Error("unexpected EOF");
        return name;
      }),
    );
    expect(new Set(await Promise.all(builds))).toEqual(new Set(["oak", "fir"]));
    const said = (name: string) =>
      `the node ${name} of the builder farm answers no more: the others build what it had, and it gets no more builds`;
    expect(notes).toEqual([said("elm")]);
    await rm(answers, { recursive: true });
    await expect(failing("EOF")).rejects.toThrow("no node of the builder farm answers any more\nEOF");
    expect(notes.toSorted()).toEqual([said("elm"), said("fir"), said("oak")]);
    await expect(failing("EOF")).rejects.toThrow(/^no node of the builder farm answers any more$/);
  });

  it("takes a run that was ended for no node that went away", async () => {
    const { farm } = await openFarm(ALL);
    await rm(process.env.ANSWERS ?? "", { recursive: true });
    const ended = { ...AMD, signal: AbortSignal.abort(new Error("ended")) };
    await expect(farm.on(ended, () => Promise.reject(new Error("ended")))).rejects.toThrow(/^ended$/);
  });

  it.each([
    ["one node", JSON.stringify({ ...FARM, Nodes: FARM.Nodes.slice(0, 1) })],
    ["a file that is none of buildx's", "[]"],
    ["names that lead elsewhere", JSON.stringify({ ...FARM, Nodes: [{ Name: "../a" }, { Name: "/b" }] })],
  ])("leaves %s to buildx, and writes nothing", async (_, file) => {
    const { farm, directory } = await openFarm({}, file);
    expect(farm.title).toBe("builder farm");
    expect(await farm.on(AMD, (place) => Promise.resolve(place))).toEqual({
      ...{ words: ["--builder", "farm"], env: {} },
    });
    await expect(access(join(directory, "own/buildx"))).rejects.toThrow();
    await expect(farm.on(AMD, () => Promise.reject(new Error("oh")))).rejects.toThrow(/^oh$/);
  });
});
