import { expect, it } from "vitest";
import { lateSignal } from "../../../scripts/system/late-signal.ts";

it("hears of an interruption later, with its reason", async () => {
  const controller = new AbortController();
  const late = lateSignal(controller.signal, 30);
  const heard = new Promise((done) => late.addEventListener("abort", done));
  controller.abort(new Error("interrupted"));
  expect(late.aborted).toBe(false);
  const alive = setTimeout(() => {}, 10_000);
  await heard;
  clearTimeout(alive);
  expect(late.reason).toEqual(new Error("interrupted"));
});

it("hears of one that was before, too", async () => {
  const late = lateSignal(AbortSignal.abort(new Error("interrupted")), 1);
  await new Promise((done) => late.addEventListener("abort", done));
  expect(late.reason).toEqual(new Error("interrupted"));
});
