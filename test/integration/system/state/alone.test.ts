import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { alone } from "../../../../scripts/system/state/alone.ts";
import { processIdentity } from "../../../../scripts/system/state/identity.ts";
import { temporaryDirectory } from "../../../unit/formats/oci/sample-image.ts";

const file = async () => join(await temporaryDirectory(), "below/making");

/** A process of this machine that has ended: no number is as large. */
const GONE = (processIdentity() ?? "").replace(/ \d+ (\d+)$/, " 99999999 $1");

const MINUTE = 60 * 1000;

describe("what one process does alone", () => {
  it("is done by one after the other, and leaves nothing", async () => {
    const path = await file();
    const did: string[] = [];
    const waits: string[] = [];
    const work = (name: string) =>
      alone(path, { onWait: () => void waits.push(name) }, async () => {
        did.push(`${name} begins`);
        expect(await readFile(path, "utf8")).toBe(processIdentity());
        await sleep(300);
        did.push(`${name} ends`);
        return name;
      });
    const first = work("one");
    while (did.length === 0) await sleep(5);
    expect(await Promise.all([first, work("two")])).toEqual(["one", "two"]);
    expect(did).toEqual(["one begins", "one ends", "two begins", "two ends"]);
    // Told once, however often it looked.
    expect(waits).toEqual(["two"]);
    expect(existsSync(path)).toBe(false);
  });

  it("is free again when it fails, with its error", async () => {
    const path = await file();
    const failing = alone(path, { onWait: () => {} }, () => Promise.reject(new Error("no disk")));
    await expect(failing).rejects.toThrow("no disk");
    expect(await alone(path, { onWait: () => {} }, async () => "done")).toBe("done");
  });

  it("waits no longer when the signal says so, and leaves the other one's file", async () => {
    const path = await file();
    await alone(path, { onWait: () => {} }, async () => {
      const ending = new AbortController();
      const waiting = alone(
        path,
        { onWait: () => ending.abort(new Error("interrupted")), signal: ending.signal },
        async () => "never",
      );
      await expect(waiting).rejects.toThrow();
      expect(existsSync(path)).toBe(true);
    });
  });

  it.each([
    ["a process that has ended", GONE, 0, true],
    ["one of another machine", "elsewhere pid:[1] 1 1", 0, false],
    ["one of another machine, a minute ago", "elsewhere pid:[1] 1 1", MINUTE + 1000, true],
    ["nobody, just now", "", 0, false],
    ["nobody, a minute ago", "", MINUTE + 1000, true],
  ])("takes over from %s: %s", async (_, who, age, isTakenOver) => {
    const path = await file();
    await alone(path, { onWait: () => {} }, async () => {});
    await writeFile(path, who);
    const then = new Date(Date.now() - age);
    await utimes(path, then, then);
    const ending = new AbortController();
    const work = alone(
      path,
      { onWait: () => ending.abort(new Error("waits")), signal: ending.signal },
      async () => true,
    );
    expect(await work.catch(() => false)).toBe(isTakenOver);
    expect(existsSync(path)).toBe(!isTakenOver);
  });

  it("gives a sign of life, by which those on other machines know", async () => {
    const path = await file();
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    try {
      await alone(path, { onWait: () => {} }, async () => {
        const long = new Date(Date.now() - MINUTE);
        await utimes(path, long, long);
        vi.advanceTimersByTime(5_000);
        await vi.waitFor(async () => {
          expect(Date.now() - (await stat(path)).mtimeMs).toBeLessThan(MINUTE / 2);
        });
        expect(await readFile(path, "utf8")).toBe(processIdentity());
      });
      expect(existsSync(path)).toBe(false);
      vi.advanceTimersByTime(60_000);
      await sleep(20);
      expect(existsSync(path)).toBe(false);
    } finally {
      vi.useRealTimers();
    }
  });

  it("says what has the place of the file, where it is no file, and does not wait for it", async () => {
    const path = await file();
    await mkdir(path, { recursive: true });
    const doing = alone(path, { onWait: () => {} }, async () => "never");
    await expect(doing).rejects.toThrow(/^there is a directory where a file is needed.*making/s);
  });

  it("waits for what a link to nothing may be, and can be interrupted", async () => {
    const path = await file();
    await mkdir(dirname(path), { recursive: true });
    await symlink("nowhere", path);
    const ending = new AbortController();
    const onWait = () => ending.abort(new Error("interrupted"));
    await expect(alone(path, { onWait, signal: ending.signal }, async () => "never")).rejects.toThrow();
  });

  it("is one's alone, where several take over from one that has ended", async () => {
    const path = await file();
    await alone(path, { onWait: () => {} }, async () => {});
    await writeFile(path, GONE);
    let now = 0;
    const work = () =>
      alone(path, { onWait: () => {} }, async () => {
        now += 1;
        expect(now).toBe(1);
        await sleep(30);
        now -= 1;
      });
    await Promise.all([1, 2, 3, 4].map(() => work()));
    expect(await readdir(dirname(path))).toEqual([]);
  });
});
