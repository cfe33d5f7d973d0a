import { compareVersions } from "../../scripts/formats/alpine/version.ts";

/** A version such as `wren:2`, and the packages of the test's own that its images hold. */
export interface Expected {
  readonly version: string;
  readonly packages: Readonly<Record<string, string>>;
}

/** Tags that point at one image. */
export interface ExpectedTags {
  readonly version: string;
  /** `wren:2-dev` */
  readonly target: string;
  /** All of them: `wren:2.0-dev`, `wren:dev` */
  readonly names: readonly string[];
}

/** The moving tags that there are of some versions, each both variants. */
export function tagsExpected(expected: readonly Expected[]): ExpectedTags[] {
  return expected.flatMap(({ version, packages }) => {
    const [image = "", track = ""] = version.split(":");
    const exact = (packages[`${image}-${track}`] ?? "").replace(/-r\d+$/, "");
    const parts = exact.split(".");
    const tags = parts.map((_, index) => parts.slice(0, index + 1).join("."));
    const isNewest = expected.every(
      (other) =>
        !other.version.startsWith(`${image}:`) ||
        compareVersions(other.version.split(":")[1] ?? "", track) <= 0,
    );
    const named = (tag: string) => `${image}:${tag}`;
    const runtime = [...tags, ...(isNewest ? ["latest"] : [])].map((one) => named(one));
    const dev = [...tags.map((tag) => `${tag}-dev`), ...(isNewest ? ["dev"] : [])].map((one) => named(one));
    return [
      { version, target: version, names: runtime },
      { version, target: `${version}-dev`, names: dev },
    ];
  });
}
