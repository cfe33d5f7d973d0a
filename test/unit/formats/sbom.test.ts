import { describe, expect, it } from "vitest";
import { parseInstalled } from "../../../scripts/formats/alpine/installed.ts";
import { spdxDocument } from "../../../scripts/formats/sbom/spdx.ts";
import { imageUrl, packageUrl, type SbomSubject, sha1Of } from "../../../scripts/formats/sbom/subject.ts";
import { digest } from "../report/sample-outcomes.ts";

const DATABASE = `C:Q1qKcZ+j23xssAXmgQhkOO8dHnbWw=
P:gtk+3.0
V:3.24.43-r0
A:x86_64
T:The GTK Toolkit
U:https://www.gtk.org
L:LGPL-2.1-or-later
o:gtk
m:Ann Other <ann@alpinelinux.org>
D:so:libz.so.1 !gtk2

C:Q1bTtF5526tETKfL+lnigzIDvm+2o=
P:zlib
V:1.3.1-r2
A:x86_64
L:Zlib-ish
o:zlib
p:so:libz.so.1=1.3.1
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

describe("an SPDX document", () => {
  it("says who made it, with what and when, and of which image", async () => {
    const document = JSON.parse(await spdxDocument(SUBJECT, "ghcr.io/birdhouse"));
    expect(document).toMatchObject({
      spdxVersion: "SPDX-2.3",
      creationInfo: {
        created: "2025-06-15T15:06:40Z",
        creators: ["Tool: birdhouse-1.2.3", "Organization: Birdhouse"],
      },
    });
    const [image] = document.packages;
    expect(image).toMatchObject({
      ...{ name: "node:22", primaryPackagePurpose: "CONTAINER" },
      checksums: [{ algorithm: "SHA256", checksumValue: "a".repeat(64) }],
      externalRefs: [{ referenceLocator: imageUrl(SUBJECT, "ghcr.io/birdhouse") }],
    });
  });

  it("says of each package who supplies it, what it was built from, its licence if that is one, and its hash", async () => {
    const [, gtk, zlib] = JSON.parse(await spdxDocument(SUBJECT)).packages;
    expect(gtk).toEqual({
      ...{ SPDXID: "SPDXRef-Package-gtk-2b-3.0", name: "gtk+3.0", versionInfo: "3.24.43-r0" },
      ...{ downloadLocation: "NOASSERTION", filesAnalyzed: false, copyrightText: "NOASSERTION" },
      ...{ supplier: "Organization: Alpine Linux", originator: "Person: Ann Other (ann@alpinelinux.org)" },
      ...{ summary: "The GTK Toolkit", homepage: "https://www.gtk.org" },
      ...{ licenseConcluded: "NOASSERTION", licenseDeclared: "LGPL-2.1-or-later" },
      sourceInfo: "built package from: gtk 3.24.43-r0",
      checksums: [{ algorithm: "SHA1", checksumValue: "a8a719fa3db7c6cb005e681086438ef1d1e76d6c" }],
      externalRefs: [
        {
          ...{ referenceCategory: "PACKAGE-MANAGER", referenceType: "purl" },
          referenceLocator: "pkg:apk/alpine/gtk%2B3.0@3.24.43-r0?arch=x86_64&distro=alpine-3.22&upstream=gtk",
        },
      ],
    });
    expect(zlib).toMatchObject({ licenseDeclared: "NOASSERTION" });
    expect(zlib).not.toHaveProperty("originator");
  });

  it("relates everything to the image, and packages to what they need", async () => {
    const { relationships } = JSON.parse(await spdxDocument(SUBJECT)) as {
      relationships: Record<string, string>[];
    };
    expect(relationships.map((one) => Object.values(one).sort().join(" "))).toEqual([
      "DESCRIBES SPDXRef-DOCUMENT SPDXRef-Image",
      "CONTAINS SPDXRef-Image SPDXRef-Package-gtk-2b-3.0",
      "CONTAINS SPDXRef-Image SPDXRef-Package-zlib",
      "DEPENDS_ON SPDXRef-Package-gtk-2b-3.0 SPDXRef-Package-zlib",
    ]);
  });
});

describe("purls", () => {
  it("say where an image is published, where that is known", () => {
    const bare = `pkg:oci/node@sha256%3A${"a".repeat(64)}?arch=linux%2Famd64`;
    expect(imageUrl(SUBJECT)).toBe(`${bare}&tag=22`);
    expect(imageUrl(SUBJECT, "ghcr.io/b")).toBe(`${bare}&repository_url=ghcr.io%2Fb%2Fnode&tag=22`);
  });

  it("do not call Debian's packages Alpine's", () => {
    const installed = SUBJECT.installed.map((one) => ({ ...one, url: "https://www.debian.org/" }));
    const [first] = installed;
    const purl = first && packageUrl({ ...SUBJECT, installed }, first);
    expect(purl).toBe("pkg:apk/debian/gtk%2B3.0@3.24.43-r0?arch=x86_64&distro=debian-3.22&upstream=gtk");
  });
});

describe("sha1Of", () => {
  it("is none of a checksum of another kind", () => {
    expect(sha1Of({ checksum: "Q2qKcZ+j23xssAXmgQhkOO8dHnbWw=" })).toBeUndefined();
    expect(sha1Of({ checksum: "Q1AAAA" })).toBeUndefined();
  });
});
