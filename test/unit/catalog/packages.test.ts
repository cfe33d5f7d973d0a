import { describe, expect, it } from "vitest";
import {
  type KnownPackages,
  type Offer,
  parseTable,
  whyNotToBeHad,
  wrongWords,
} from "../../support/known-packages.ts";

describe("a word of a world", () => {
  const main: Offer[] = [{ name: "nodejs", version: "22.16.0-r1", package: "nodejs", repository: "main" }];
  const known: KnownPackages = {
    offers: new Map([["nodejs", main]]),
    repositories: new Set(["main", "community"]),
  };

  it.each(["nodejs", "nodejs~22", "nodejs~22.16", "nodejs>=20", "!nosuch", "cmd:node"])(
    "%s is good",
    (word) => {
      expect(whyNotToBeHad(word, known)).toBeUndefined();
    },
  );

  it("is wrong when nothing has its name, or has another version than it asks for", () => {
    expect(whyNotToBeHad("nosuch", known)).toBe("no such package in main or community");
    expect(whyNotToBeHad("nodejs~24", known)).toBe("there is only nodejs 22.16.0-r1 (main)");
    expect(whyNotToBeHad("nodejs~2", known)).toBe("there is only nodejs 22.16.0-r1 (main)");
  });

  it("is not known where a repository is not known, unless another has its name", () => {
    const half = { ...known, repositories: new Set(["main"] as const) };
    expect(whyNotToBeHad("nosuch", half)).toBeUndefined();
    expect(whyNotToBeHad("nodejs~24", half)).toBe("there is only nodejs 22.16.0-r1 (main)");
  });

  it("is not wrong where only a provided name is known, and the package may be in the other repository", () => {
    const provided: Offer = { name: "nodejs", package: "nodejs-current", repository: "community" };
    const offers = new Map([["nodejs", [provided]]]);
    expect(whyNotToBeHad("nodejs~12", { offers, repositories: new Set(["community"]) })).toBeUndefined();
    expect(whyNotToBeHad("nodejs~12", { ...known, offers })).toBe("there is only nodejs-current (community)");
  });

  it("that is wrong is told of once, with its branch and all its targets", () => {
    const target = { branch: "3.22", version: "22", world: ["nodejs~22", "nosuch"] };
    const targets = [
      { ...target, name: "node:22" },
      { ...target, name: "node:22-dev" },
      { ...target, name: "node:24", branch: "3.24" },
    ];
    const branches = new Map([
      ["3.22", known],
      ["3.24", known],
    ]);
    expect(wrongWords(targets, branches)).toEqual([
      "nosuch on 3.22: no such package in main or community (node:22, node:22-dev)",
      "nosuch on 3.24: no such package in main or community (node:24)",
    ]);
  });
});

it("the table of packages is read without what cannot be installed on a release", () => {
  const text = [
    "# how it was made",
    "name\tv3.18\tv3.22\tarch\torigin",
    "php82\t8.2.5-r2/c\t8.2.28-r1/t\tall\tphp82",
    "dmd\t-\t2.111.0-r0/c!\tx86_64\tdmd",
    "musl\t1.2.4-r0/m\t1.2.5-r10/m\tall\tmusl",
  ].join("\n");
  expect([...parseTable(text)]).toEqual([
    [
      "3.18",
      [
        { name: "php82", version: "8.2.5-r2", package: "php82", repository: "community" },
        { name: "musl", version: "1.2.4-r0", package: "musl", repository: "main" },
      ],
    ],
    ["3.22", [{ name: "musl", version: "1.2.5-r10", package: "musl", repository: "main" }]],
  ]);
});
