import { test } from "vitest";
import { loadMangled } from "../../support/mangled-catalogs.ts";

const ROUNDS = 60;
const SEED = 20_240_601;

test(`of ${ROUNDS} mangled catalogs each loads, or is refused for a mistake in a line that exists`, () => {
  loadMangled(ROUNDS, SEED);
});
