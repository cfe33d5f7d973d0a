import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { loadCatalog } from "../../../scripts/catalog/load.ts";
import { supportOf } from "../../../scripts/model/end-of-life.ts";
import { releasesOf, type Target } from "../../../scripts/model/target.ts";
import { readMeasuredSizes } from "../../../scripts/render/measured-sizes.ts";

const PROJECT = resolve(import.meta.dirname, "../../..");
const catalog = await loadCatalog(join(PROJECT, "catalog.yaml"));
const images = [...new Set(catalog.targets.map(({ image }) => image))];

/** The packages that a target has and not every other one too. */
function ownPackages({ world, shared }: Target): string[] {
  return world.filter((item) => !shared.includes(item));
}

/** The images none of whose checks is called so, in the catalog's order. */
function imagesWithout(check: string): string[] {
  const lacking = catalog.targets.filter(({ checks = [] }) => !checks.some(({ name }) => name === check));
  return [...new Set(lacking.map(({ image }) => image))];
}

/** Why an image has no check of TLS. A language that is added later has one, or a reason here. */
const WITHOUT_TLS: Readonly<Record<string, string>> = {
  static: "C has none",
  base: "busybox asks for no certificate",
  gcc: "C and C++ have none",
  rust: "its standard library has none",
  micropython: "it asks for no certificate unless it is given one",
  raku: "it has none without a module",
  haskell: "GHC comes without",
  ocaml: "its standard library has none",
  mono: "it has a store of its own, which is for whoever uses it to fill",
  lua: "it has none without a module",
  luajit: "it has none without a module",
  tcl: "it has none without a package",
  fortran: "it has none",
  ada: "GNAT has none",
  d: "its standard library loads curl, which is not in the image",
  nim: "it loads OpenSSL, which is not in the image",
  crystal: "it is linked with OpenSSL, which is not in the image",
  zig: "what it is linked with is up to the program",
  vala: "GLib has none without glib-networking",
  guile: "it has none without GnuTLS",
  chicken: "it has none without an egg",
  racket: "it asks for no certificate unless it is told to",
  sbcl: "it has none without a library",
  janet: "it has none without a module",
};

describe("the project's own catalog", () => {
  it("offers at least 25 languages and 150 targets", () => {
    expect(images.length).toBeGreaterThanOrEqual(25);
    expect(catalog.targets.length).toBeGreaterThanOrEqual(150);
  });

  it("knows of every branch it builds on when it ends", () => {
    expect(catalog.targets.filter(({ branch }) => !catalog.branches[branch])).toEqual([]);
  });

  it("has ended what is in community of a branch that another one came after", () => {
    const today = new Date("2026-11-29");
    const ends = ["php:8.2", "go:1.25", "deno:2.3", "go:1.26", "node:22"].map((name) => {
      const target = catalog.targets.find((one) => one.name === name);
      return `${name} ${target && supportOf(target, today)}`;
    });
    expect(ends).toEqual([
      ...["php:8.2 archived", "go:1.25 archived", "deno:2.3 archived"],
      ...["go:1.26 supported", "node:22 supported"],
    ]);
  });

  it("has packages and a smoke test for every version", () => {
    const bare = releasesOf(catalog.targets).filter(
      ({ runtime, dev }) => ownPackages(runtime).length + ownPackages(dev).length === 0,
    );
    expect(bare.map(({ runtime }) => runtime.name)).toEqual([]);
    const untested = catalog.targets.filter(({ smoke }) => smoke.run.length === 0);
    expect(untested.map(({ name }) => name)).toEqual([]);
  });

  it("has a smoke test that asks every language for its version", () => {
    const silent = catalog.targets.filter(
      ({ smoke, package: name }) => !smoke.version && name !== "alpine-release",
    );
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  it("proves of every language that it knows the time of a place", () => {
    expect(imagesWithout("time")).toEqual([]);
  });

  it("proves of every image that anybody can run it, where nothing can be written but /tmp", () => {
    expect(catalog.targets.filter(({ smoke }) => smoke.writes).map(({ name }) => name)).toEqual([]);
  });

  it("has a budget for every dev image whose size Alpine's index tells, not far above that", async () => {
    const { targets } = await readMeasuredSizes(join(PROJECT, "sizes.json"));
    const dev = catalog.targets.filter(({ variant }) => variant === "dev");
    const measured = dev.filter(({ name, branch }) => branch === "3.22" && targets[name]);
    // A budget is for all versions of an image.
    const largest = (image: string) =>
      Math.max(...dev.map((one) => (one.image === image && targets[one.name]?.compressed) || 0));
    const wrong = measured.filter(
      ({ image, budget = Infinity }) => budget < largest(image) || budget > largest(image) * 1.35,
    );
    expect(wrong.map(({ name }) => name)).toEqual([]);
    expect(measured.length).toBeGreaterThanOrEqual(14);
  });

  it("proves of every language that speaks TLS by itself whom it trusts", () => {
    expect(imagesWithout("tls").toSorted()).toEqual(Object.keys(WITHOUT_TLS).toSorted());
  });

  it("proves of every language that is extended in C that what dev compiles loads in runtime", () => {
    const proving = images.filter((image) => !imagesWithout("native").includes(image));
    expect(proving).toEqual(["node", "python", "ruby", "php", "php-fpm", "perl", "lua", "luajit"]);
    const built = catalog.targets.flatMap(({ name, checks = [] }) =>
      checks.flatMap((check) => (check.name === "native" ? [{ ...check, name }] : [])),
    );
    const halves = built.filter(({ build, variants }) => !build || !variants.includes("runtime"));
    expect(halves.map(({ name }) => name)).toEqual([]);
  });

  it("checks what an image promises in both variants, or says which", () => {
    const checks = catalog.targets.flatMap(({ name, checks = [] }) =>
      checks.map((check) => ({ target: name, ...check })),
    );
    // Of PHP's extensions it is the contract: what dev has runtime has.
    const contracts = checks.filter(({ name }) => name === "modules" || name === "fpm-modules");
    const keepers = contracts.map(({ target, name }) => `${target} ${name}`);
    expect(keepers).toEqual(
      expect.arrayContaining(["php:8.4 modules", "php-fpm:8.4 modules", "php-fpm:8.4 fpm-modules"]),
    );
    expect(checks.filter(({ tls, expected }) => tls && !("prints" in expected))).toEqual([]);
  });

  it("has PHP-FPM listen beyond its container as nobody in particular, and end in good order", () => {
    const fpm = catalog.targets.filter(({ image }) => image === "php-fpm");
    expect(fpm.map(({ name }) => name)).toContain("php-fpm:8.4");
    for (const { expose, stopsignal, env } of fpm) {
      expect({ expose, stopsignal, listen: env.PHP_FPM_LISTEN }).toEqual({
        ...{ expose: ["9000"], stopsignal: "SIGQUIT", listen: "0.0.0.0:9000" },
      });
    }
    expect(new Set(fpm.map(({ variant, user }) => `${variant} ${user.uid}`))).toEqual(
      new Set(["runtime 65532", "dev 0"]),
    );
  });

  it.each(images)("has a README and an example for %s", async (image) => {
    expect(existsSync(join(PROJECT, "images", image, "README.md"))).toBe(true);
    const withExample = catalog.targets.filter((target) => target.image === image && target.example);
    expect(withExample.length).toBeGreaterThan(0);
    const folder = join(PROJECT, "examples", image);
    const readme = await readFile(join(folder, "README.md"), "utf8");
    expect(readme).toContain(withExample[0]?.example?.output.trim().split("\n")[0]);
    // Built with the one variant, run on the other.
    const dockerfile = await readFile(join(folder, "Dockerfile"), "utf8");
    expect(dockerfile.match(/^FROM /gm)?.length).toBe(2);
    expect(dockerfile).toMatch(new RegExp(`^FROM \\S+/${image}:\\S+-dev AS `, "m"));
    expect(dockerfile).toMatch(new RegExp(`^FROM \\S+/${image}:[^\\s-]+$`, "m"));
  });
});
