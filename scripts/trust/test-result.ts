import { createHash } from "node:crypto";
import { canonicalJson } from "../formats/oci/digest.ts";
import type { Target } from "../model/target.ts";

/** Source: in-toto/attestation, spec/predicates/test-result.md */
export const TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1";

/**
 * That an image has passed its tests, as a predicate: nothing else is ever published. It names no time: the same image
 * that passed the same tests says the same. Pure.
 */
export function testResultPredicate(target: Target): Readonly<Record<string, unknown>> {
  const { smoke, checks = [], example, budget } = target;
  const definition = canonicalJson({ smoke, checks, example, budget });
  return {
    result: "PASSED",
    configuration: [
      { name: "smoke", digest: { sha256: createHash("sha256").update(definition).digest("hex") } },
    ],
    passedTests: [
      ...["contents", "hello, world"],
      ...(smoke.version ? ["version"] : []),
      ...(budget === undefined ? [] : ["size"]),
      ...checks.map(({ name }) => name),
      ...(example ? ["example"] : []),
    ],
    warnedTests: [],
    failedTests: [],
  };
}
