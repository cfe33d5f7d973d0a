import { describe, expect, it } from "vitest";
import { tagsOf } from "../../../scripts/publish/tags.ts";
import { sampleTarget } from "../../support/sample-target.ts";

describe("tagsOf", () => {
  it("adds the exact versions to the catalog's tags, from the coarse to the fine", () => {
    const target = sampleTarget({ tags: ["22", "lts", "latest"] });
    expect(tagsOf(target, "22.16.0", [target])).toEqual(["22", "lts", "latest", "22.16", "22.16.0"]);
  });

  it("says -dev after each of dev's", () => {
    const target = sampleTarget({ variant: "dev", tags: ["22-dev", "dev"] });
    expect(tagsOf(target, "22.16.0", [target])).toEqual(["22-dev", "dev", "22.16-dev", "22.16.0-dev"]);
  });

  it("adds nothing coarser than the version that the catalog names", () => {
    const target = sampleTarget({ version: "3.12", tags: ["3.12"] });
    expect(tagsOf(target, "3.12.11", [target])).toEqual(["3.12", "3.12.11"]);
  });

  it("gives each tag once, where the catalog names the exact version", () => {
    const target = sampleTarget({ version: "5.4.7", tags: ["5.4.7", "5.4", "5"] });
    expect(tagsOf(target, "5.4.7", [target])).toEqual(["5.4.7", "5.4", "5"]);
  });

  it("leaves to another version the tag that the catalog gives it", () => {
    const target = sampleTarget({ version: "3", tags: ["3"] });
    const other = sampleTarget({ version: "3.12", tags: ["3.12"] });
    const elsewhere = sampleTarget({ image: "python", version: "3.12.4", tags: ["3.12.4"] });
    expect(tagsOf(target, "3.12.4", [target, other, elsewhere])).toEqual(["3", "3.12.4"]);
  });
});
