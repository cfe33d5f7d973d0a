import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { plainlyExtendsNothing, resolveProfile, withProfile } from "../../../scripts/app/open-catalog.ts";
import { UserError } from "../../../scripts/system/errors.ts";
import { type Fault, startFakeRegistry } from "../../support/fake-registry.ts";
import { sampleCatalog, sampleTarget } from "../../support/sample-target.ts";

describe("withProfile", () => {
  const HERE = { registry: "127.0.0.1:5001/x", mirrorPort: 5081 };

  it("changes the registry only, outside the sandbox, where an option names one", async () => {
    const catalog = sampleCatalog([sampleTarget({ budget: 10_000_000 })]);
    expect(await withProfile(catalog, "catalog", { mirrorPort: 5081 })).toEqual(catalog);
    expect(await withProfile(catalog, "catalog", HERE)).toEqual({ ...catalog, registry: "127.0.0.1:5001/x" });
  });

  it("publishes the sandbox to this machine where nothing is said", async () => {
    const { registry } = await withProfile(sampleCatalog(), "sandbox", { mirrorPort: 5081 });
    expect(registry).toBe("127.0.0.1:5000/birdhouse");
  });

  it("takes base images and packages from this machine, and all else as it was", async () => {
    const catalog = sampleCatalog([sampleTarget()]);
    const { sources, ...rest } = await withProfile(catalog, "sandbox", HERE);
    expect({ ...catalog, registry: "127.0.0.1:5001/x" }).toMatchObject(rest);
    expect(sources).toMatchObject({
      base: "127.0.0.1:5001/sandbox/alpine",
      packages: "http://127.0.0.1:5081",
    });
  });

  it("allows for what Debian's packages weigh more, and in dev for the sandbox's own apk", async () => {
    const budget = 10_000_000;
    const dev = { variant: "dev" } as const;
    const those = [sampleTarget({ budget }), sampleTarget({ ...dev, budget }), sampleTarget(dev)];
    const { targets } = await withProfile(sampleCatalog(those), "sandbox", HERE);
    expect(targets.map((target) => target.budget)).toEqual([30_000_000, 70_000_000, undefined]);
  });

  it.each(["ghcr.io/someone", "registry.example:5000/base", "docker.io/someone"])(
    "refuses %s",
    async (registry) => {
      const host = registry.split("/")[0];
      const publish = () => withProfile(sampleCatalog(), "sandbox", { registry, mirrorPort: 5080 });
      await expect(publish).rejects.toThrow(UserError);
      await expect(publish).rejects.toThrow(
        `the sandbox publishes to this machine only, not to ${host}: its images are for trying out`,
      );
    },
  );
});

describe("resolveProfile", () => {
  /** A mirror that answers so, and a catalog on the branch 3.21 that names it. */
  async function mirror(answer: Fault) {
    const server = await startFakeRegistry();
    server.fault = () => answer;
    const sources = { base: "registry.example/alpine", packages: `http://${server.host}/alpine` };
    const catalog = sampleCatalog([sampleTarget({ branch: "3.21" })]);
    return { server, catalog: { ...catalog, registry: "127.0.0.1:5000/birdhouse", sources } };
  }

  it("asks the catalog's mirror for the index of a branch, and takes its packages if they are there", async () => {
    const { server, catalog } = await mirror({ status: 200 });
    expect(await resolveProfile("auto", catalog)).toBe("catalog");
    expect(server.log).toEqual(["HEAD /alpine/v3.21/main/x86_64/APKINDEX.tar.gz"]);
  });

  it.each<[string, Fault]>([
    ["has nothing", { status: 404 }],
    ["fails", { status: 503 }],
    ["breaks off", "break"],
  ])("takes the sandbox when the mirror %s", async (_, answer) => {
    const { catalog } = await mirror(answer);
    expect(await resolveProfile("auto", catalog)).toBe("sandbox");
  });

  it.each(["ghcr.io/birds", "registry.example:5000/base", "192.168.1.5:5000/base"])(
    "never takes the sandbox for what is published to %s, and asks no mirror then",
    async (registry) => {
      const { server, catalog } = await mirror("break");
      expect(await resolveProfile("auto", { ...catalog, registry })).toBe("catalog");
      expect(await resolveProfile("auto", catalog, registry)).toBe("catalog");
      expect(server.log).toEqual([]);
    },
  );

  it.each(["localhost:5000/x", "127.0.0.2:5001/x", "[::1]:5000/x"])(
    "may take it for %s",
    async (registry) => {
      const { catalog } = await mirror("break");
      expect(await resolveProfile("auto", { ...catalog, registry: "ghcr.io/birds" }, registry)).toBe(
        "sandbox",
      );
    },
  );

  it.each(["catalog", "sandbox"] as const)("asks nobody when told %s", async (profile) => {
    const { server, catalog } = await mirror({ status: 404 });
    expect(await resolveProfile(profile, catalog)).toBe(profile);
    expect(server.log).toEqual([]);
  });
});

describe("a catalog that extends no other", () => {
  it("is this project's, whose images extend one another: it is remembered", () => {
    expect(plainlyExtendsNothing(readFileSync("catalog.yaml", "utf8"))).toBe(true);
  });

  it.each([
    "images:\n  a: {}\n",
    "# extends: x.yaml\nimages:\n  b:\n    extends: a\n",
    "images:\r\n  b:\r\n    extends: a\r\n",
    'images:\n\n  # "extends"\n  b:\n    extends: a\nregistry: x\n',
  ])("is plainly so: %j", (text) => {
    expect(plainlyExtendsNothing(text)).toBe(true);
  });

  it.each([
    "extends: x.yaml\nimages: {}\n",
    "images: {}\nextends: x.yaml\n",
    "images: {}\n'extends': x.yaml\n",
    '"extends": x.yaml\nimages: {}\n',
    "images: {}\nextends : x.yaml\n",
    "  extends: x.yaml\n  images: {}\n",
    "{ images: {},\n  extends: x.yaml }\n",
    "{\n  extends: x.yaml,\nimages: {}\n}\n",
    "--- {\n  extends: x.yaml,\nimages: {} }\n",
    "%YAML 1.2\n---\n{\n  extends: x.yaml,\nimages: {} }\n",
    "? extends\n: x.yaml\nimages: {}\n",
    "images: {}\n<<: { extends: x.yaml }\n",
    "images: { b: { extends: a } }\n",
    "",
  ])("may be none: %j", (text) => {
    expect(plainlyExtendsNothing(text)).toBe(false);
  });
});
