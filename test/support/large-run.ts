import type { RunSummary } from "../../scripts/model/run.ts";
import {
  BASE,
  failedTarget,
  hash,
  MISSING,
  NODE,
  OPENSSL,
  PYTHON,
  sampleRun,
  sampleRunTarget,
  weigh,
} from "./sample-run.ts";

/** A run of many targets on two platforms, some of which failed. */
export function largeRun(targets: number): RunSummary {
  const images = ["node", "python", "ruby", "java-minimal", "erlang", "ghc", "php", "gcc", "go", "dotnet"];
  return sampleRun({
    exitCode: 1,
    seconds: 7512,
    targets: Array.from({ length: targets }, (_, index) => {
      const version = Math.floor(index / (2 * images.length)) + 1;
      const image = `${images[Math.floor(index / 2) % images.length]}:${version}`;
      const target = index % 2 === 0 ? image : `${image}-dev`;
      const chance = hash(target) % 1000;
      if (chance < 60) return failedTarget(target, `${target}: expected ${chance}, found nothing`);
      const now = 1 + chance / 10;
      const before = chance % 7 === 0 ? now : now + (chance % 41) / 20 - 1;
      return sampleRunTarget({
        target,
        reasons: [[OPENSSL], [OPENSSL, PYTHON], [BASE], [NODE, BASE], [MISSING]][chance % 5] ?? [],
        platforms: [weigh(now, before), weigh(now * 1.1, before * 1.1, "linux/arm64")],
        seconds: { build: 4 + chance / 9, smoke: chance / 40, publish: chance / 200 },
        uploadedBytes: chance * 41_000,
      });
    }),
  });
}
