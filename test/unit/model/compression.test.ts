import { expect, it } from "vitest";
import { compressionOf, unusualCompression } from "../../../scripts/model/compression.ts";

it.each([
  ["gzip", { format: "gzip" }, undefined],
  ["gzip:9", { format: "gzip", level: 9 }, "gzip:9"],
  ["zstd", { format: "zstd" }, "zstd"],
  ["zstd:19", { format: "zstd", level: 19 }, "zstd:19"],
] as const)("%s", (text, compression, unusual) => {
  expect(compressionOf(text)).toEqual(compression);
  expect(unusualCompression(compressionOf(text))).toBe(unusual);
});

it("is what engines do by themselves where nothing is said", () => {
  expect(unusualCompression(undefined)).toBeUndefined();
});
