import { describe, expect, it } from "vitest";
import { decisionsOf } from "../../../scripts/app/update-catalog.ts";
import type { Edit } from "../../../scripts/update/situation.ts";
import { writtenCatalog } from "../../../scripts/update/written.ts";
import { BRANCHES, catalogText } from "../update/situations.ts";

const GO = `package: go
news: https://go.dev/doc/go{{version}}
versions:
  "1.24": { branch: "3.22", tags: [stable] }`;
const newVersion = (version: string): Edit => ({
  ...{ kind: "new-version", image: "go", version, branch: "3.23", inherited: false, why: "" },
});

describe("what is to be decided before changes are merged", () => {
  const decide = async (text: string, ...edits: readonly Edit[]) =>
    decisionsOf(await writtenCatalog("catalog.yaml", text), edits);

  it("is which tags another version gets, and the end of a version that is new", async () => {
    expect(await decide(catalogText({ go: GO }, BRANCHES), newVersion("1.26"))).toEqual({
      moved: [
        { image: "go", tag: "1", from: "1.24", to: "1.26" },
        { image: "go", tag: "latest", from: "1.24", to: "1.26" },
      ],
      added: [{ image: "go", version: "1.26", news: "https://go.dev/doc/go1.26" }],
    });
  });

  it("is no tag where one is held, and nothing where the changes would be a mistake", async () => {
    const held = GO.replace("tags:", "latest: true, tags:").replace(/news: .*\n/, "");
    const { moved, added } = await decide(catalogText({ go: held }, BRANCHES), newVersion("1.26"));
    expect(moved.map(({ tag }) => tag)).toEqual(["1"]);
    expect(added).toEqual([{ image: "go", version: "1.26" }]);
    const wrong = await decide(catalogText({ go: GO }, BRANCHES), {
      ...newVersion("1.26"),
      branch: "9.9",
    } as Edit);
    expect(wrong).toEqual({ moved: [], added: [] });
  });
});
