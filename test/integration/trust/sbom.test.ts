import { Spec, Validation } from "@cyclonedx/cyclonedx-library";
import { describe, expect, it } from "vitest";
import { parseInstalled } from "../../../scripts/formats/alpine/installed.ts";
import { type SbomSubject, uuidOf } from "../../../scripts/formats/sbom/subject.ts";
import { sbomDocument } from "../../../scripts/trust/sbom.ts";
import { digest } from "../../unit/report/sample-outcomes.ts";

const DATABASE = `C:Q1qKcZ+j23xssAXmgQhkOO8dHnbWw=
P:nodejs
V:22.16.0-r2
A:x86_64
S:10
I:20
T:JavaScript runtime
U:https://nodejs.org
L:MIT
o:nodejs
m:Jakub Jirutka <jakub@jirutka.cz>
D:so:libz.so.1 so:libc.musl-x86_64.so.1
p:cmd:node=22.16.0-r2

C:Q1bTtF5526tETKfL+lnigzIDvm+2o=
P:zlib
V:1.3.1-r2
A:x86_64
S:10
I:20
T:compression
U:https://zlib.net
L:Zlib
o:zlib
D:so:libc.musl-x86_64.so.1
p:so:libz.so.1=1.3.1

C:Q1Yx0cV7z5hZz0fP5Hf0q4YwUo1Wk=
P:musl
V:1.2.5-r10
A:x86_64
S:10
I:20
T:the C library
U:https://musl.libc.org
L:MIT AND (GPL-2.0-or-later OR custom:mine)
o:musl
p:so:libc.musl-x86_64.so.1=1
`;

const SUBJECT: SbomSubject = {
  name: "node:22",
  digest: digest("a"),
  platform: "linux/amd64",
  branch: "3.22",
  time: 1_750_000_000,
  tool: "1.2.3",
  installed: parseInstalled(DATABASE),
};

interface Component {
  readonly name: string;
  readonly version: string;
  readonly purl?: string;
  readonly type: string;
  readonly licenses?: unknown;
}
interface Bom {
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

describe("an SBOM", () => {
  it("is CycloneDX 1.6 by its own schema", async () => {
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
    expect(await validator.validate(await sbomDocument(SUBJECT, "ghcr.io/birdhouse"))).toBeNull();
  });

  it("lists exactly what is installed, and what needs what", async () => {
    const bom = JSON.parse(await sbomDocument(SUBJECT, "ghcr.io/birdhouse")) as Bom;
    const libraries = bom.components.filter(({ type }) => type === "library");
    expect(libraries.map(({ name, version }) => `${name}-${version}`).toSorted()).toEqual([
      "musl-1.2.5-r10",
      "nodejs-22.16.0-r2",
      "zlib-1.3.1-r2",
    ]);
    const purl = (name: string) => libraries.find((one) => one.name === name)?.purl ?? "";
    expect(purl("zlib")).toContain("pkg:apk/alpine/zlib@1.3.1-r2?arch=x86_64&distro=alpine-3.22");
    const node = bom.dependencies.find(({ ref }) => ref === purl("nodejs"));
    expect(node?.dependsOn?.toSorted()).toEqual([purl("musl"), purl("zlib")].toSorted());
  });

  it("has what the NTIA wants of one: who made it, with what, when, and who supplies each part", async () => {
    const { metadata, components } = JSON.parse(await sbomDocument(SUBJECT, "ghcr.io/birdhouse"));
    expect(metadata).toMatchObject({
      timestamp: "2025-06-15T15:06:40.000Z",
      authors: [{ name: "Birdhouse" }],
      supplier: { name: "Birdhouse" },
      tools: { components: [{ name: "birdhouse", version: "1.2.3" }] },
      component: { hashes: [{ alg: "SHA-256", content: "a".repeat(64) }] },
    });
    expect(metadata.component.purl).toContain("repository_url=ghcr.io%2Fbirdhouse%2Fnode");
    const [system, ...libraries] = components.toSorted((a: Component) => (a.type === "library" ? 1 : -1));
    expect(system).toMatchObject({ type: "operating-system", name: "alpine", version: "3.22" });
    for (const one of libraries) expect(one).toMatchObject({ supplier: { name: "Alpine Linux" } });
  });

  it("tells scanners the source package, and the hash that apk knows a package by", async () => {
    const bom = JSON.parse(await sbomDocument(SUBJECT, "ghcr.io/birdhouse"));
    const zlib = bom.components.find(({ name }: Component) => name === "zlib");
    expect(zlib.hashes).toEqual([{ alg: "SHA-1", content: "6d3b45e79dbab444ca7cbfa59e2833203be6fb6a" }]);
    const properties = zlib.properties.map(({ name, value }: Record<string, string>) => `${name}=${value}`);
    expect(properties).toContain("aquasecurity:trivy:SrcName=zlib");
    expect(properties).toContain("aquasecurity:trivy:SrcVersion=1.3.1-r2");
  });

  it("takes for an SPDX expression only what is one", async () => {
    const bom = JSON.parse(await sbomDocument(SUBJECT, "ghcr.io/birdhouse")) as Bom;
    const licenses = Object.fromEntries(bom.components.map(({ name, licenses: one }) => [name, one]));
    expect(licenses.zlib).toEqual([{ license: { id: "Zlib" } }]);
    expect(licenses.musl).toEqual([{ license: { name: "MIT AND (GPL-2.0-or-later OR custom:mine)" } }]);
  });

  it("is the same for the same image, and another's has another number", async () => {
    expect(await sbomDocument(SUBJECT, "ghcr.io/birdhouse")).toBe(
      await sbomDocument(SUBJECT, "ghcr.io/birdhouse"),
    );
    expect(uuidOf("a")).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(uuidOf("a")).not.toBe(uuidOf("b"));
  });
});
