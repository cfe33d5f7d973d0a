import { Spec, Validation } from "@cyclonedx/cyclonedx-library";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attestedBy, isAttestation } from "../../scripts/formats/oci/attestation.ts";
import { imageIndexSchema, parseDocument } from "../../scripts/formats/oci/types.ts";
import { readAttachment } from "../../scripts/registry/referrers.ts";
import { smallCatalog } from "../support/catalogs.ts";
import { rememberBuilds } from "../support/remembered-builds.ts";
import { type Document, World } from "../support/world.ts";

interface Inspected {
  readonly digest: string;
  readonly tags: string[];
  readonly platforms: { packages: { name: string; version: string }[] }[];
  readonly attached: { artifactType: string }[];
}

rememberBuilds();

function raise(): never {
  throw new Error("there is no statement in the index");
}

describe("what is attached to a published image", () => {
  let world: World;
  let rebuilt: Document;

  beforeAll(async () => {
    world = await World.open(smallCatalog(["lua"]));
    await world.startRegistry();
    const { exitCode, document } = await world.json("rebuild", "lua:5.4", "--engine", "buildah");
    expect(exitCode).toBe(0);
    rebuilt = document;
  });
  afterAll(() => world.close());

  const print = async (...args: readonly string[]) => {
    const { exitCode, stdout, stderr } = await world.birdhouse("inspect", ...args);
    expect(exitCode, stderr).toBe(0);
    return stdout;
  };
  const installed = (target: string) => {
    const outcome = rebuilt.outcomes.find((one) => one.target === target);
    return outcome?.platforms[0]?.packages.toSorted();
  };

  it.each(["lua:5.4", "lua:5.4-dev"])(
    "%s: the SBOM is valid, and lists exactly what is installed",
    async (target) => {
      const text = await print(target, "--sbom");
      const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
      expect(await validator.validate(text)).toBeNull();
      const { components } = JSON.parse(text) as {
        components: { type: string; name: string; version: string }[];
      };
      const listed = components.filter(({ type }) => type === "library");
      expect(listed.map(({ name, version }) => `${name}-${version}`).toSorted()).toEqual(installed(target));
    },
  );

  it("the provenance is about the image's digest, and names what it was made of", async () => {
    const statement = JSON.parse(await print("lua:5.4-dev", "--provenance")) as {
      subject: { digest: { sha256: string } }[];
      predicateType: string;
      predicate: {
        runDetails: { builder: { id: string } };
        buildDefinition: { resolvedDependencies: { uri: string; digest?: object }[] };
      };
    };
    const head = await world.registry.headManifest("test/lua", "5.4-dev");
    expect(`sha256:${statement.subject[0]?.digest.sha256}`).toBe(head?.digest);
    expect(statement.predicateType).toBe("https://slsa.dev/provenance/v1");
    expect(statement.predicate.runDetails.builder.id).toMatch(/^(urn:birdhouse:workstation|https:)/);
    const [base, ...packages] = statement.predicate.buildDefinition.resolvedDependencies;
    expect(base?.digest).toBeDefined();
    expect(packages.some(({ uri }) => uri.startsWith("pkg:apk/debian/lua5.4@5.4"))).toBe(true);
  });

  it("the index has each platform's list of contents too, where docker looks, and no package of Debian's is Alpine's", async () => {
    const { bytes } = (await world.registry.getManifest("test/lua", "5.4")) ?? { bytes: Buffer.from("{}") };
    const { manifests } = parseDocument(imageIndexSchema, bytes, "lua:5.4");
    const [statement] = manifests.filter((one) => isAttestation(one));
    expect(manifests.map(({ digest }) => digest)).toContain(statement && attestedBy(statement));
    const listed = await readAttachment(
      { registry: world.registry, repository: "test/lua" },
      statement ?? raise(),
    );
    const { predicateType, predicate } = JSON.parse(listed ?? "{}");
    expect(predicateType).toBe("https://spdx.dev/Document");
    expect(JSON.stringify(predicate)).toContain("pkg:apk/debian/lua5.4@");
    expect(JSON.stringify(predicate)).not.toContain("pkg:apk/alpine/");
  });

  it("inspect tells of the image, for people and for programs", async () => {
    const { inspected } = JSON.parse(await print("lua:5.4", "--json")) as { inspected: Inspected[] };
    const [one] = inspected;
    expect(one?.tags).toContain("5.4");
    expect(one?.attached.map(({ artifactType }) => artifactType).toSorted()).toEqual([
      "application/spdx+json",
      "application/vnd.cyclonedx+json",
      "application/vnd.in-toto+json",
      "application/vnd.in-toto+json",
    ]);
    expect(one?.platforms[0]?.packages.map(({ name, version }) => `${name}-${version}`).toSorted()).toEqual(
      installed("lua:5.4"),
    );
    const text = await print("lua:5.4");
    for (const word of [one?.digest ?? "", "lua5.4", "to download"]) expect(text).toContain(word);
  });

  it("asks for one target where a document is wanted", async () => {
    const { exitCode, stderr } = await world.birdhouse("inspect", "lua", "--sbom");
    expect(exitCode).toBe(2);
    expect(stderr).toContain("name one");
  });

  it("is not sent again with an image that is there", async () => {
    const { document } = await world.json("publish", "lua:5.4", "--engine", "buildah");
    expect(document.outcomes.map(({ uploadedBytes }) => uploadedBytes)).toEqual([0, 0]);
  });
});
