import { describe, expect, it } from "vitest";
import { changedInputs, inputsOf } from "../../../scripts/model/inputs.ts";
import { hostPlatform } from "../../../scripts/model/platform.ts";
import type { Catalog } from "../../../scripts/model/target.ts";
import { sampleCatalog, sampleTarget } from "../../support/sample-target.ts";

const catalog = sampleCatalog();
const DOCKERFILE = "# a comment\nFROM scratch\n# another\nCOPY a b\n";

describe("inputsOf", () => {
  it("names all that decides what a build makes", () => {
    const target = sampleTarget({
      world: ["nodejs~22", "tzdata"],
      env: { NODE_ENV: "production", EMPTY: "" },
      links: { "/usr/bin/js": "node" },
      entrypoint: ["node"],
      cmd: ["-v", "a b"],
      workdir: "/app",
    });
    const { dockerfile, ...named } = inputsOf(target, catalog, DOCKERFILE);
    expect(named).toEqual({
      branch: "3.22",
      platforms: [hostPlatform()],
      sources: ["registry.example/alpine", "https://packages.example/alpine"],
      packages: ["nodejs~22", "tzdata"],
      env: ["NODE_ENV=production", "EMPTY="],
      links: ["/usr/bin/js→node"],
      config: ['entrypoint=["node"]', 'cmd=["-v","a b"]', "workdir=/app"],
    });
    expect(dockerfile).toMatch(/^[0-9a-f]{12}$/);
  });

  it("names how an image is to be run, and its files, only where that is said", () => {
    const healthcheck = { test: ["a"], interval: "1s" };
    const content = { digest: "0123456789ab", lines: [] };
    const target = sampleTarget({
      user: { name: "app", uid: 1000, gid: 1000 },
      labels: { a: "b" },
      expose: ["80"],
      volumes: ["/data"],
      stopsignal: "SIGINT",
      healthcheck,
      files: { "/etc/a": { content, mode: "0644", owner: "root" } },
    });
    expect(inputsOf(target, catalog, DOCKERFILE)).toMatchObject({
      labels: ["a=b"],
      files: ["/etc/a 0644 root 0123456789ab"],
      config: [
        "user=app:1000:1000",
        "expose=80",
        "volume=/data",
        "stopsignal=SIGINT",
        `healthcheck=${JSON.stringify(healthcheck)}`,
      ],
    });
    expect(Object.keys(inputsOf(sampleTarget(), catalog, DOCKERFILE))).not.toContain("labels");
  });

  it("has an empty list for what a target does not set", () => {
    expect(inputsOf(sampleTarget(), catalog, DOCKERFILE)).toMatchObject({ env: [], links: [], config: [] });
  });

  it("counts a Dockerfile's instructions, not its comments", () => {
    const hash = (text: string) => inputsOf(sampleTarget(), catalog, text).dockerfile;
    expect(hash("# in other words\nFROM scratch\nCOPY a b\n")).toBe(hash(DOCKERFILE));
    expect(hash("FROM scratch\nCOPY a c\n")).not.toBe(hash(DOCKERFILE));
    // A # that does not begin its line is part of an instruction.
    expect(hash("FROM scratch\nCOPY a b #c\n")).not.toBe(hash(DOCKERFILE));
  });
});

describe("changedInputs", () => {
  it("finds nothing where nothing changed", () => {
    const inputs = { branch: "3.22", packages: ["a", "b"], env: [] };
    expect(changedInputs(inputs, inputs)).toEqual([]);
  });

  it("does not mind the order of a list", () => {
    expect(changedInputs({ packages: ["a", "b"] }, { packages: ["b", "a"] })).toEqual([]);
  });

  it("says by name what is gone and what came", () => {
    const before = { branch: "3.21", packages: ["patch", "git"], env: ["A=1"] };
    const now = { branch: "3.22", packages: ["git", "make"], env: ["A=1"] };
    expect(changedInputs(before, now)).toEqual([
      { input: "branch", removed: ["3.21"], added: ["3.22"] },
      { input: "packages", removed: ["patch"], added: ["make"] },
    ]);
  });

  it("sees inputs that only one side knows, as after an update of Birdhouse", () => {
    expect(changedInputs({ old: "1" }, { links: ["a→b"], empty: [] })).toEqual([
      { input: "old", removed: ["1"], added: [] },
      { input: "links", removed: [], added: ["a→b"] },
    ]);
  });

  it("takes a text and a list of that one text for the same", () => {
    expect(changedInputs({ branch: "3.22" }, { branch: ["3.22"] })).toEqual([]);
  });

  it("tells of the Dockerfile only when nothing else explains its change", () => {
    const before = { packages: ["a"], dockerfile: "111" };
    expect(changedInputs(before, { packages: ["b"], dockerfile: "222" })).toEqual([
      { input: "packages", removed: ["a"], added: ["b"] },
    ]);
    expect(changedInputs(before, { packages: ["a"], dockerfile: "222" })).toEqual([
      { input: "dockerfile", removed: ["111"], added: ["222"] },
    ]);
  });
});

describe("the repositories of a branch", () => {
  it("are an input where the catalog says them, and none where it does not: what was published stays as it is", () => {
    const of = (branches: Catalog["branches"]) =>
      inputsOf(sampleTarget(), { ...sampleCatalog(), branches }, "FROM scratch\n");
    expect(of({ "3.22": { eol: "2027-05-01" } })).toEqual(of({}));
    expect(changedInputs(of({}), of({ "3.22": { eol: "2027-05-01", repositories: ["main"] } }))).toEqual([
      { input: "repositories", removed: [], added: ["main"] },
    ]);
  });
});

it("how layers are compressed is an input, unless it is as it always was", () => {
  const of = (compression?: Catalog["compression"]) =>
    inputsOf(sampleTarget(), { ...sampleCatalog(), compression }, "FROM scratch\n");
  const zstd = of({ format: "zstd", level: 9 });
  expect(of({ format: "gzip" })).toEqual(of());
  expect(changedInputs(of(), zstd)).toEqual([{ input: "compression", removed: [], added: ["zstd:9"] }]);
  expect(changedInputs(zstd, of())).toEqual([{ input: "compression", removed: ["zstd:9"], added: [] }]);
});
