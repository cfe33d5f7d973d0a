import { describe, expect, test } from "vitest";
import { parseCatalog } from "../../../../scripts/catalog/load.ts";
import { GOOD_CATALOG } from "../good-catalog.ts";

describe("tags", () => {
  function tagsOf(versions: string): Record<string, string> {
    const lines = versions.split("\n").map((line) => `      ${line}`);
    const text = GOOD_CATALOG.replace(/ {6}"5\.1": .*\n {6}"5\.4": .*/, () => lines.join("\n"));
    const ofLua = parseCatalog("catalog.yaml", text).targets.filter(({ image }) => image === "lua");
    return Object.fromEntries(ofLua.map(({ name, tags }) => [name.replace("lua:", ""), tags.join(" ")]));
  }

  test("the newest version has latest, by number and not by letter", () => {
    expect(tagsOf('"9": { branch: "3.22" }\n"10": { branch: "3.22" }')).toEqual({
      "10": "10 latest",
      "10-dev": "10-dev dev",
      "9": "9",
      "9-dev": "9-dev",
    });
  });

  test("a version that says so has latest, and one that says false has it never", () => {
    expect(tagsOf('"9": { branch: "3.22", latest: true }\n"10": { branch: "3.22" }')).toMatchObject({
      "9": "9 latest",
      "10": "10",
    });
    expect(tagsOf('"9": { branch: "3.22" }\n"10": { branch: "3.22", latest: false }')).toMatchObject({
      "9": "9 latest",
      "10": "10",
    });
  });

  test("a prefix belongs to the newest version that has it", () => {
    expect(
      tagsOf(
        '"3.9": { branch: "3.22" }\n"3.10": { branch: "3.22" }\n"2.7.1": { branch: "3.22" }\n"2.7.0": { branch: "3.22" }',
      ),
    ).toEqual({
      "3.10": "3.10 3 latest",
      "3.10-dev": "3.10-dev 3-dev dev",
      "3.9": "3.9",
      "3.9-dev": "3.9-dev",
      "2.7.1": "2.7.1 2.7 2",
      "2.7.1-dev": "2.7.1-dev 2.7-dev 2-dev",
      "2.7.0": "2.7.0",
      "2.7.0-dev": "2.7.0-dev",
    });
  });

  test("a prefix that is a version, or a tag of another, is left to it", () => {
    expect(tagsOf('"3": { branch: "3.20" }\n"3.10": { branch: "3.22" }')).toMatchObject({
      "3.10": "3.10 latest",
    });
    expect(tagsOf('"3.9": { branch: "3.20", tags: ["3"] }\n"3.10": { branch: "3.22" }')).toMatchObject({
      "3.9": "3.9 3",
      "3.10": "3.10 latest",
    });
  });

  test("a tag that a version has twice is there once", () => {
    expect(tagsOf('"3": { branch: "3.20", tags: ["3", lts, lts] }')).toMatchObject({ "3": "3 lts latest" });
  });
});
