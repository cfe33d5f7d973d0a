import { Command } from "commander";
import { expect, it } from "vitest";
import { addEngineOptions, addTestingOptions, parseHold } from "../../../scripts/app/options.ts";
import { addPromoteOptions } from "../../../scripts/app/verb-options.ts";

const optionsOf = (...args: string[]) =>
  addEngineOptions(new Command().exitOverride().configureOutput({ writeErr: () => {} }))
    .parse(args, { from: "user" })
    .opts();

it("is what it was where nothing is said", () => {
  const { concurrency, builder, ...options } = optionsOf();
  expect(concurrency).toBeGreaterThan(0);
  expect(options).toEqual({
    catalog: "catalog.yaml",
    json: false,
    profile: "catalog",
    state: ".birdhouse",
    mirrorPort: 5080,
    engine: "auto",
    lease: 600,
  });
});

it("a lease is of a day at most, as a lock that claims more is not believed", () => {
  expect(optionsOf("--lease", "86400").lease).toBe(86_400);
  expect(() => optionsOf("--lease", "86401")).toThrow("Expected at most 86400 seconds, a day.");
  for (const text of ["0", "-1", "x", ""]) {
    expect(() => optionsOf("--lease", text)).toThrow("Expected a number of at least 1.");
  }
});

it.each([
  ["--since", "7d", "since", 7],
  ["--deadline", "1h30m", "deadline", 5_400],
  ["--platform", "linux/arm64,linux/amd64", "platform", ["linux/arm64", "linux/amd64"]],
  ["--sign", "env://KEY", "sign", "env://KEY"],
  ["--policy", "security", "policy", "security"],
])("%s %s", (option, text, name, value) => {
  expect(optionsOf(option, text)[name]).toEqual(value);
});

it.each([
  ["--since", "7", 'Expected a number of days such as "7d".'],
  ["--deadline", "90", "Expected a time such as 2h, 90m, 1h30m or 45s."],
  ["--platform", "linux/arm64,arm", "Expected some of linux/amd64,"],
  ["--sign", "", "keyless or off."],
  ["--policy", "nothing", "Allowed choices are anything, security."],
  ["--mirror-port", "0", "Expected a number of at least 1."],
])("%s %j is refused, with what is expected", (option, text, words) => {
  expect(() => optionsOf(option, text)).toThrow(words);
});

it("a hold is of a year at most", () => {
  expect(parseHold("12h")).toBe(43_200_000);
  for (const text of ["", "7", "53w"]) expect(() => parseHold(text)).toThrow("of a year at most");
});

it("what only builds takes no options about tests", () => {
  const pods = ["--smoke-pods", "smoke", "--smoke-platforms", "linux/arm64"];
  const quiet = () => new Command().exitOverride().configureOutput({ writeErr: () => {} });
  expect(addTestingOptions(quiet()).parse(pods, { from: "user" }).opts()).toMatchObject({
    smokePods: "smoke",
    smokePlatforms: ["linux/arm64"],
  });
  expect(() => addEngineOptions(quiet()).parse(pods, { from: "user" })).toThrow("unknown option");
});

it("promote shows no --registry, since it goes where it is told, and takes one, to say so", () => {
  const promote = addPromoteOptions(new Command());
  expect(promote.helpInformation()).not.toContain("--registry");
  expect(promote.parse(["--registry", "r/ns"], { from: "user" }).opts()).toMatchObject({ registry: "r/ns" });
});
