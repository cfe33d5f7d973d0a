import { describe, expect, it } from "vitest";
import { parseCatalog } from "../../scripts/catalog/load.ts";
import { largeCatalogs, wrongCatalogs } from "../support/large-catalogs.ts";
import { loadMangled } from "../support/mangled-catalogs.ts";
import { seedOf } from "../support/random.ts";
import { soaked } from "../support/soak.ts";
import { mistakesIn } from "../unit/catalog/good-catalog.ts";

const SEED = seedOf(process.env);
/** Each takes some seconds; what grows with the square of its size would take many minutes. */
const LIMIT = 120_000;

describe("a large catalog", () => {
  it.each(largeCatalogs(10_000))("of %s comes to an end", { timeout: LIMIT }, (_, text) => {
    expect(parseCatalog("catalog.yaml", text).targets).toHaveLength(20_000);
  });

  it.each(wrongCatalogs(5000))("with %s is refused", { timeout: LIMIT }, (_, text) => {
    expect(mistakesIn(text).length).toBeGreaterThan(100);
  });
});

it(`a mangled catalog loads or is refused, in hundreds of ways (TEST_SEED=${SEED})`, () => {
  console.info(`TEST_SEED=${SEED}`);
  loadMangled(soaked(2000, 700), SEED);
});
