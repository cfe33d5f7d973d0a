import { expect, test } from "vitest";
import { bytesOf } from "../../../scripts/model/policy.ts";

test.each([
  ["0 B", 0],
  ["12 kB", 12_000],
  ["30 MB", 30_000_000],
  ["1.5GB", 1_500_000_000],
  ["2 KiB", 2048],
  ["1.5 MiB", 1_572_864],
  ["1 GiB", 1_073_741_824],
  // Bytes are whole.
  ["1.0005 kB", 1001],
])("%s are %d bytes", (size, bytes) => {
  expect(bytesOf(size)).toBe(bytes);
});

test.each(["30", "30 mb", "big", ""])("%j is not a size", (size) => {
  expect(() => bytesOf(size)).toThrow("is not a size, such as 30 MB");
});
