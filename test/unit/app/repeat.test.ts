import { describe, expect, it } from "vitest";
import type { EngineOptions } from "../../../scripts/app/options.ts";
import { repeatCommand, typedCommand } from "../../../scripts/app/repeat.ts";

/** The options of a command line on which nothing was said. */
const DEFAULTS: EngineOptions = {
  catalog: "catalog.yaml",
  json: false,
  profile: "catalog",
  state: ".birdhouse",
  mirrorPort: 5080,
  engine: "auto",
  lease: 600,
  concurrency: 2,
};

describe("repeatCommand", () => {
  it("is short where nothing was said", () => {
    expect(repeatCommand("node:22", "build", "catalog", DEFAULTS)).toBe(
      "npm run -s birdhouse -- build node:22",
    );
  });

  it("repeats how images are signed", () => {
    expect(repeatCommand("node:22", "publish", "catalog", { ...DEFAULTS, sign: "keyless" })).toBe(
      "npm run -s birdhouse -- publish node:22 --sign keyless",
    );
  });

  it("says of Pods where these test, and not to what only builds", () => {
    const options: EngineOptions = { ...DEFAULTS, smokePods: "smoke", smokePlatforms: ["linux/arm64"] };
    expect(repeatCommand("node:22", "smoke", "catalog", options)).toBe(
      "npm run -s birdhouse -- smoke node:22 --smoke-pods smoke --smoke-platforms linux/arm64",
    );
    expect(repeatCommand("node:22", "build", "catalog", options)).toBe(
      "npm run -s birdhouse -- build node:22",
    );
  });

  it("repeats what was said, as far as it changes what is done", () => {
    const options: EngineOptions = {
      ...DEFAULTS,
      json: true,
      catalog: "my catalog.yaml",
      registry: "127.0.0.1:5001/x",
      state: "/tmp/state",
      mirrorPort: 5081,
      engine: "buildah",
      platform: ["linux/amd64", "linux/arm64"],
      concurrency: 8,
    };
    expect(repeatCommand("node:22-dev", "smoke", "catalog", options)).toBe(
      "npm run -s birdhouse -- smoke node:22-dev --engine buildah --catalog 'my catalog.yaml' " +
        "--registry 127.0.0.1:5001/x --state /tmp/state --mirror-port 5081 --platform linux/amd64,linux/arm64",
    );
  });

  it("names the profile that was found, not that one was to be found", () => {
    expect(repeatCommand("node:22", "publish", "sandbox", { ...DEFAULTS, profile: "auto" })).toBe(
      "npm run -s birdhouse -- publish node:22 --profile sandbox",
    );
    expect(repeatCommand("node:22", "publish", "catalog", { ...DEFAULTS, profile: "auto" })).toBe(
      "npm run -s birdhouse -- publish node:22",
    );
  });
});

describe("typedCommand", () => {
  it("is what was typed, in short", () => {
    const typed = { verb: "rebuild", patterns: ["node:22", "lua"], options: DEFAULTS };
    expect(typedCommand("catalog", typed)).toBe("npm run -s birdhouse -- rebuild node:22 lua");
    const options = { ...DEFAULTS, engine: "buildah", force: true, verify: true, limit: 5 } as const;
    expect(typedCommand("sandbox", { verb: "rebuild", patterns: [], options })).toBe(
      "npm run -s birdhouse -- rebuild --profile sandbox --engine buildah --force --verify --limit 5",
    );
    const late = { verb: "rebuild", patterns: [], options: { ...DEFAULTS, deadline: 5400 } };
    expect(typedCommand("catalog", late)).toBe("npm run -s birdhouse -- rebuild --deadline 1h30m");
  });
});
