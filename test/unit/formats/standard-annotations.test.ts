import { describe, expect, it } from "vitest";
import {
  type AboutImage,
  licenseExpression,
  standardAnnotations,
} from "../../../scripts/formats/standard-annotations.ts";

const ABOUT: AboutImage = {
  title: "node:22-dev",
  description: "Node.js.",
  version: "22.16.0",
  time: 1_750_000_000,
  licenses: ["MIT"],
  origin: {},
};

const URL = "https://github.com/birdhouse/images";

/** Without the part of the names that all have. */
function told(changes: Partial<AboutImage>): Record<string, string> {
  const entries = Object.entries(standardAnnotations({ ...ABOUT, ...changes }));
  return Object.fromEntries(
    entries.map(([key, text]) => [key.replace("org.opencontainers.image.", ""), text]),
  );
}

describe("standardAnnotations", () => {
  it("tell all that is known, by the names that others look for", () => {
    const origin = { url: URL, revision: "4f0c6a1b", folder: "images/node" };
    const base = { name: "docker.io/library/alpine:3.22", digest: "sha256:1" };
    expect(told({ origin, base, endOfLife: "2027-04-30" })).toEqual({
      title: "node:22-dev",
      description: "Node.js.",
      version: "22.16.0",
      created: "2025-06-15T15:06:40Z",
      licenses: "MIT",
      source: URL,
      url: URL,
      documentation: `${URL}/blob/4f0c6a1b/images/node/README.md`,
      revision: "4f0c6a1b",
      vendor: "birdhouse",
      "base.name": "docker.io/library/alpine:3.22",
      "base.digest": "sha256:1",
      "vnd.microsoft.artifact.lifecycle.end-of-life.date": "2027-04-30",
    });
  });

  it("say nothing of what is not known", () => {
    expect(Object.keys(told({}))).toEqual(["title", "description", "version", "created", "licenses"]);
  });

  it.each([
    ["https://gitlab.example/a/b", "https://gitlab.example/a/b/-/blob/HEAD/images/node/README.md"],
    ["https://git.example/a/b", "https://git.example/a/b"],
  ])("at %s, point to %s", (url, documentation) => {
    expect(told({ origin: { url, folder: "images/node" } }).documentation).toBe(documentation);
  });
});

describe("licenseExpression", () => {
  it.each([
    [["MIT", "Zlib", "MIT"], "MIT AND Zlib"],
    [["MIT", "GPL-2.0-only OR MIT"], "(GPL-2.0-only OR MIT) AND MIT"],
    [["GPL-2.0-only OR MIT"], "GPL-2.0-only OR MIT"],
    [
      ["GPL-3.0-or-later WITH GCC-exception-3.1", "(A AND B) OR C"],
      "((A AND B) OR C) AND GPL-3.0-or-later WITH GCC-exception-3.1",
    ],
    [["custom", "GPL2 GPL3", "(odd"], "LicenseRef-GPL2-GPL3 AND LicenseRef-custom AND LicenseRef-odd"],
    [["", " "], ""],
  ])("of %j is %s", (licenses, expression) => {
    expect(licenseExpression(licenses)).toBe(expression);
  });
});
