/**
 * `npm run mutation` changes the code a little at a time, and tells which changes no unit test notices: by hand, for it
 * takes an hour. `npm run mutation -- -m scripts/plan/reasons.ts` looks at one file. The report can be browsed at
 * .birdhouse/mutation/index.html.
 */
export default {
  mutate: ["scripts/{plan,publish,report}/**/*.ts", "scripts/app/{tag-door,publish-lock}.ts"],
  testRunner: "vitest",
  plugins: ["@stryker-mutator/vitest-runner"],
  vitest: { configFile: "test/mutation/vitest.config.ts" },
  coverageAnalysis: "perTest",
  // What a module does once, when it is loaded, would have to be tried against all tests.
  ignoreStatic: true,
  // TypeScript 7 has no API that Stryker could read tsconfig.json with: this names no file.
  tsconfigFile: "none.json",
  reporters: ["clear-text", "html", "progress-append-only"],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  htmlReporter: { fileName: ".birdhouse/mutation/index.html" },
  tempDirName: ".birdhouse/mutation/work",
  ignorePatterns: [".birdhouse"],
  concurrency: 2,
  timeoutMS: 20_000,
  thresholds: { high: 95, low: 90, break: 90 },
};
