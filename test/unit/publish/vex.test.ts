import { describe, expect, it } from "vitest";
import { isSaid, newestVex, readVexNames } from "../../../scripts/publish/vex.ts";
import { VEX_MEDIA_TYPE } from "../../../scripts/trust/vex.ts";
import { digest } from "../report/sample-outcomes.ts";

/** A VEX as a registry lists it. */
const vex = (letter: string, annotations?: Record<string, string>) => ({
  ...{ mediaType: "application/vnd.oci.image.manifest.v1+json", digest: digest(letter), size: 1 },
  artifactType: VEX_MEDIA_TYPE,
  ...(annotations && { annotations }),
});
const said = (letter: string, created: string, id = letter) =>
  vex(letter, { "org.opencontainers.image.created": created, "birdhouse.vex.id": id });
const [OLD, NEW] = [said("a", "2026-11-01T00:00:00.000Z"), said("b", "2026-11-02T00:00:00.000Z")];

describe("the VEX that counts", () => {
  it("is the youngest, in whatever order they are listed", () => {
    const oldest = said("c", "2026-10-01T00:00:00.000Z");
    for (const listed of [
      [OLD, NEW, oldest],
      [NEW, OLD, oldest],
      [oldest, NEW, OLD],
    ]) {
      expect(newestVex(listed)).toBe(NEW);
    }
  });

  it("is none of what else is attached, however young", () => {
    const sbom = { ...said("d", "2026-11-09T00:00:00.000Z"), artifactType: "application/spdx+json" };
    expect(newestVex([NEW, sbom])).toBe(NEW);
    expect(newestVex([sbom])).toBeUndefined();
    expect(newestVex([])).toBeUndefined();
  });

  it("is one that says no time only where none does", () => {
    const bare = vex("e");
    const unnamed = vex("f", { "birdhouse.vex.id": "f" });
    for (const none of [bare, unnamed]) {
      expect(newestVex([none, OLD])).toBe(OLD);
      expect(newestVex([OLD, none])).toBe(OLD);
      expect(newestVex([none])).toBe(none);
    }
  });
});

describe("a VEX that is to be attached", () => {
  const document = (id: string) => JSON.stringify({ "@id": id });

  it("is said already where the youngest has its id, and only there", () => {
    expect(isSaid([OLD, NEW], document("b"))).toBe(true);
    expect(isSaid([OLD, NEW], document("a"))).toBe(false);
    expect(isSaid([], document("a"))).toBe(false);
  });

  it("is not said by one that names none, nor is what has no id", () => {
    expect(isSaid([vex("e")], document("a"))).toBe(false);
    for (const text of ["", "{}"]) expect(isSaid([OLD, vex("e")], text)).toBe(false);
  });
});

describe("the vulnerabilities that a VEX has its word about", () => {
  it("are all that its statements name, each once", () => {
    const names = ["CVE-2026-1", "CVE-2026-2", "CVE-2026-1"];
    const statements = names.map((name) => ({ vulnerability: { name }, status: "affected" }));
    expect([...readVexNames(JSON.stringify({ statements }))]).toEqual(["CVE-2026-1", "CVE-2026-2"]);
  });

  it.each(["", "{", "{}", '{"statements":[{}]}', '{"statements":{}}'])("are none in %j", (text) => {
    expect([...readVexNames(text)]).toEqual([]);
  });
});
