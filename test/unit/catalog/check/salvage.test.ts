import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import {
  flawlessImage,
  type SalvagedImage,
  salvageImage,
} from "../../../../scripts/catalog/check/salvage.ts";
import { readEntry } from "../../../../scripts/catalog/load.ts";
import { readSource } from "../../../../scripts/catalog/text/source.ts";
import { GOOD_CATALOG } from "../good-catalog.ts";

const OURS = readFileSync(new URL("../../../../catalog.yaml", import.meta.url), "utf8");

/** An image as far as the rules look at it. */
function seen({ package: own, debug, versionKeys, runtime, dev, versions }: SalvagedImage) {
  const ofVersions = Object.entries(versions).map(([key, version]) => {
    const { branch, latest, tags } = version;
    const packages = [version.runtime.packages, version.dev.packages];
    return { key, branch, latest, tags, package: version.package, packages };
  });
  return { own, debug, versionKeys, packages: [runtime.packages, dev.packages], ofVersions };
}

it.each([
  ["the good catalog", GOOD_CATALOG],
  ["our own", OURS],
])("what nothing is wrong with comes to the same, looked at again or not: %s", (_, text) => {
  const images = readEntry(readSource("catalog.yaml", text), undefined).entry?.images ?? {};
  expect(Object.keys(images).length).toBeGreaterThan(1);
  for (const [name, image] of Object.entries(images)) {
    expect(seen(flawlessImage(name, image))).toEqual(seen(salvageImage(name, image, image)));
  }
});
