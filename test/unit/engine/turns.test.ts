import { readFileSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { passingStages, StageTurns } from "../../../scripts/engine/turns.ts";

const set = (...names: string[]) => new Set(names);

/** Begins builds, and tells which run. */
function setUp() {
  const turns = new StageTurns();
  const running: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const begin = (name: string, ...stages: string[]) =>
    turns.take(set(...stages), () => {
      running.push(name);
      return new Promise<string>((resolve, reject) => {
        ends.set(name, (error) => {
          running.splice(running.indexOf(name), 1);
          if (error) reject(error);
          else resolve(name);
        });
      });
    });
  return { begin, running, end: (name: string, error?: Error) => ends.get(name)?.(error) };
}

describe("builds that have a stage in common", () => {
  it("take turns, and others go on meanwhile", async () => {
    const { begin, running, end } = setUp();
    const all = [begin("a", "x", "y"), begin("b", "y"), begin("c", "y", "z"), begin("d", "z"), begin("e")];
    await turn();
    expect(running).toEqual(["a", "d", "e"]);
    end("a");
    await turn();
    expect(running).toEqual(["d", "e", "b"]);
    end("b");
    await turn();
    expect(running).toEqual(["d", "e"]);
    end("d");
    await turn();
    expect(running).toEqual(["e", "c"]);
    for (const name of ["c", "e"]) end(name);
    expect(await Promise.all(all)).toEqual(["a", "b", "c", "d", "e"]);
  });

  it("do not wait for one that has failed", async () => {
    const { begin, running, end } = setUp();
    const failing = begin("a", "x");
    const waiting = begin("b", "x");
    end("a", new Error("it fails"));
    await expect(failing).rejects.toThrow("it fails");
    await turn();
    expect(running).toEqual(["b"]);
    end("b");
    expect(await waiting).toBe("b");
  });
});

describe("the stages of a Dockerfile that pass", () => {
  it("are all but the last, whatever stands before the first", () => {
    expect(
      passingStages(
        "ARG BASE\nFROM $BASE AS a\nRUN x\nFROM a AS b\nRUN y\nFROM scratch\nCOPY --from=b / /\n",
      ),
    ).toEqual(set("$BASE AS a\nRUN x\n", "a AS b\nRUN y\n"));
    expect(passingStages("FROM scratch\nCOPY x /\n")).toEqual(set());
    expect(passingStages("")).toEqual(set());
  });

  it.each(["images/go/1.26/Dockerfile", "images/go/1.26/dev/Dockerfile"])("are one of %s", (file) => {
    expect(passingStages(readFileSync(file, "utf8")).size).toBe(1);
  });
});
