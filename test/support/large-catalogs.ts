import { GOOD_CATALOG } from "../unit/catalog/good-catalog.ts";

const HEAD = GOOD_CATALOG.slice(0, GOOD_CATALOG.indexOf("images:"));

/** Catalogs of that many versions in all: what is large in each, and its text. All are right. */
export function largeCatalogs(versions: number): [what: string, text: string][] {
  const images = Array.from({ length: versions / 50 }, (_, n) => image(`a${n}`, 50));
  return [
    [`one image with ${versions} versions`, `${HEAD}images:\n${image("a", versions)}`],
    [`${images.length} images with 50 versions each`, `${HEAD}images:\n${images.join("")}`],
  ];
}

/** Catalogs that have so many times the same mistake: what is wrong in each, and its text. */
export function wrongCatalogs(times: number): [what: string, text: string][] {
  const each = (line: (n: number) => string) => Array.from({ length: times }, (_, n) => line(n)).join("");
  const past = 'branches: { "3.21": { eol: 2027-01-01 } }\n';
  return [
    ["a misspelt key in each version", `${HEAD}images:\n${image("a", times, ", brnch: 1")}`],
    ["a branch that there is not in each version", `${HEAD}${past}images:\n${image("a", times)}`],
    [
      "images that extend each other, each the one before",
      `${HEAD}images:\n${image("a0", 1)}${each((n) => `  a${n + 1}: { extends: a${n} }\n`)}`,
    ],
    [
      "images that extend each other in circles",
      `${HEAD}images:\n${each((n) => `  a${n}: { extends: a${n ^ 1} }\n`)}`,
    ],
    [
      "images that extend others that there are not",
      `${HEAD}images:\n${each((n) => `  a${n}: { extends: b${n} }\n`)}`,
    ],
  ];
}

function image(name: string, versions: number, more = ""): string {
  const lines = Array.from({ length: versions }, (_, n) => {
    return `      "${Math.floor(n / 100) + 1}.${n % 100}": { branch: "3.22"${more} }\n`;
  });
  return `  ${name}:
    description: d
    package: nodejs
    runtime: { packages: ["nodejs~{{version}}"] }
    smoke: { run: [node] }
    versions:
${lines.join("")}`;
}
