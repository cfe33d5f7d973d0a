import { describe, expect, it } from "vitest";
import { parseDependency } from "../../../scripts/formats/alpine/dependency.ts";
import type { Package } from "../../../scripts/model/package.ts";
import { closureOf, providersIn } from "../../../scripts/plan/closure.ts";
import { groupBy } from "../../../scripts/system/group.ts";
import { samplePackage } from "../report/sample-outcomes.ts";

type Sample = Partial<Package> & Pick<Package, "name">;

/** `NAME VERSION` of what a world comes to, sorted. */
function closure(world: readonly string[], ...samples: readonly Sample[]): string[] {
  const packages = samples.map((one) => ({ ...samplePackage, version: "1-r0", provides: "", ...one }));
  const providers = providersIn(groupBy(packages, ({ name }) => name));
  const chosen = closureOf(
    world.map((item) => parseDependency(item)),
    providers,
  );
  return [...chosen].map(({ name, version }) => `${name} ${version}`).sort();
}

describe("closureOf", () => {
  it("is what is asked for and all that it needs, by whatever name", () => {
    const app = { name: "app", dependencies: "so:libz.so.1 cmd:run" };
    const found = closure(
      ["app"],
      app,
      { name: "zlib", provides: "so:libz.so.1=1.3.1", dependencies: "musl" },
      { name: "runner", provides: "cmd:run=1-r0" },
      { name: "musl" },
      { name: "other" },
    );
    expect(found).toEqual(["app 1-r0", "musl 1-r0", "runner 1-r0", "zlib 1-r0"]);
  });

  it("ends where packages need each other", () => {
    const found = closure(["a"], { name: "a", dependencies: "b" }, { name: "b", dependencies: "a" });
    expect(found).toEqual(["a 1-r0", "b 1-r0"]);
  });

  it("holds a package to what the world says of it, even where another asks for it first", () => {
    const builds = ["22.1-r0", "22.9-r0", "24.1-r0"].map((version) => ({ name: "nodejs", version }));
    const npm = { name: "npm", dependencies: "nodejs" };
    expect(closure(["npm", "nodejs~22"], npm, ...builds)).toEqual(["nodejs 22.9-r0", "npm 1-r0"]);
    expect(closure(["nodejs"], ...builds)).toEqual(["nodejs 24.1-r0"]);
  });

  it("takes a package of the name before those that only provide it, and of those the one to be preferred", () => {
    const few = [
      { name: "a", provides: "sh", providerPriority: 10 },
      { name: "b", provides: "sh", providerPriority: 100 },
    ];
    expect(closure(["sh"], ...few)).toEqual(["b 1-r0"]);
    expect(closure(["sh"], ...few, { name: "sh" })).toEqual(["sh 1-r0"]);
    expect(closure(["a", "sh"], ...few)).toEqual(["a 1-r0"]);
  });

  it("looks at the version that is provided, where one is asked for", () => {
    const old = { name: "a", provides: "lib=1", providerPriority: 100 };
    const fitting = { name: "b", provides: "lib=2" };
    expect(closure(["lib>1"], old, fitting)).toEqual(["b 1-r0"]);
    expect(closure(["lib>1"], { name: "c", provides: "lib" })).toEqual([]);
  });

  it("has what is installed by itself once all that it waits for is there", () => {
    const doc = { name: "a-doc", installIf: "docs a=1-r0", dependencies: "man" };
    const all = [{ name: "a" }, { name: "docs" }, { name: "man" }, doc];
    expect(closure(["a"], ...all)).toEqual(["a 1-r0"]);
    expect(closure(["a", "docs"], ...all)).toEqual(["a 1-r0", "a-doc 1-r0", "docs 1-r0", "man 1-r0"]);
  });

  it("has nothing of what is forbidden, nor of what nobody has", () => {
    expect(closure(["!a", "gone", "b"], { name: "a" }, { name: "b", dependencies: "!a lost" })).toEqual([
      "b 1-r0",
    ]);
  });
});
