import { strictEqual } from "node:assert";
import { inWords } from "./main.ts";

Deno.test("knows one from many", () => {
  strictEqual(inWords(3_600_000), "1 hour");
  strictEqual(inWords(2 * 3_600_000), "2 hours");
});

Deno.test("rounds to the nearest of the largest unit", () => {
  strictEqual(inWords(89_000), "1 minute");
  strictEqual(inWords(91_000), "2 minutes");
});
