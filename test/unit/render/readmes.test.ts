import { describe, expect, it } from "vitest";
import { TEMPLATES } from "../../../scripts/app/paths.ts";
import { parseCatalog } from "../../../scripts/catalog/load.ts";
import type { Catalog } from "../../../scripts/model/target.ts";
import type { MeasuredTarget } from "../../../scripts/render/measured-sizes.ts";
import {
  type ReadmeFacts,
  renderExampleReadmes,
  renderImageReadmes,
  renderLanguages,
} from "../../../scripts/render/readmes.ts";
import { loadReadmeTemplates } from "../../../scripts/render/templates.ts";

const templates = await loadReadmeTemplates(TEMPLATES);

/** One image with all there is to tell, and one with as little as there may be. */
const CATALOG = `
registry: registry.example/base
platforms: [linux/amd64]
sources: { base: registry.example/alpine, packages: https://packages.example/alpine }
branches:
  "3.24": { eol: 2028-05-01 }
  "3.22": { eol: 2027-05-01 }
excluded:
  swift: { title: Swift, reason: "Built for glibc | only." }
defaults:
  runtime: { packages: [ca-certificates-bundle] }
  dev: { packages: [git] }
images:
  node:
    title: Node.js
    description: The JavaScript runtime Node.js, with npm in dev.
    package: nodejs
    versions:
      "26": { branch: "3.24", eol: 2029-04-30, example: false }
      "24": { branch: "3.24", eol: 2028-04-30, latest: true, tags: [lts], runtime: { budget: 34 MB } }
      "22": { branch: "3.22" }
    runtime:
      packages: ["nodejs~{{version}}", "!pyc"]
      env: { NODE_ENV: production, GREETING: a|b }
      entrypoint: [/usr/bin/env]
      cmd: [node]
      workdir: /app
      remove: [/usr/lib/node_modules, "/usr/share/man/*"]
      jlink: [java.base, java.sql]
      budget: 30 MB
    dev: { packages: ["nodejs~{{version}}", npm], budget: 150 MB }
    smoke: { version: [node, --version], run: [node, -e, "console.log('hello, world')"] }
    example:
      dependencies: [npm, install]
      test: [npm, test]
      run: [node, index.js]
      output: hello from Node.js
  plain:
    description: Next to nothing.
    package: alpine-release
    versions:
      "3.22": { branch: "3.22" }
    runtime: { packages: ["alpine-release~{{version}}"] }
    smoke: { run: [./hello] }
`;

const MEASURED: MeasuredTarget = {
  branch: "3.22",
  index: "v3.22.2-206",
  date: "2025-11-16",
  packages: 25,
  installed: 80783113,
  compressed: 29509662,
  largest: { nodejs: 19609168, libcrypto3: 1979875 },
};

const FACTS: ReadmeFacts = {
  sizes: {
    targets: {
      "node:22": MEASURED,
      "node:22-dev": { ...MEASURED, compressed: 130e6, leftOut: { npm: "community" } },
    },
    savings: {
      "without bytecode": saving("ca-certificates-bundle !pyc", "ca-certificates-bundle"),
      "certificates as one file": saving("ca-certificates-bundle", "ca-certificates"),
      "of another language": saving("ruby", "ruby-full"),
      "not made use of": saving("git", "git ca-certificates-bundle"),
    },
  },
  published: {
    targets: {
      "node:26": {
        digest: "sha256:1",
        created: "2026-11-20T08:00:00Z",
        platforms: {
          "linux/amd64": { compressed: 34_100_000, unpacked: 91_000_000 },
          "linux/arm64": { compressed: 33_900_000, unpacked: 90_000_000 },
        },
      },
    },
  },
  examples: new Set(["node", "gone"]),
};

const NO_FACTS: ReadmeFacts = {
  sizes: { targets: {}, savings: {} },
  published: { targets: {} },
  examples: new Set(),
};

function saving(world: string, insteadOf: string) {
  const { branch, index, date } = MEASURED;
  return { branch, index, date, world, insteadOf, installed: 10755286, compressed: 4168900 };
}

function catalogOf(text = CATALOG): Catalog {
  return parseCatalog("catalogs/catalog.yaml", text);
}

/** Whole READMEs, to be read. After a change: `npx vitest run --project unit test/unit/render -u`. */
describe("golden READMEs", () => {
  const catalog = catalogOf();

  it.each(["node", "plain"])("of the image %s", async (image) => {
    const readmes = renderImageReadmes(catalog, FACTS, templates);
    expect([...readmes.keys()]).toEqual(["node/README.md", "plain/README.md"]);
    await expect(readmes.get(`${image}/README.md`)).toMatchFileSnapshot(`golden/${image}.README.md`);
  });

  it("of an image that says how it is to be run", async () => {
    const own = CATALOG.replace(
      '    runtime: { packages: ["alpine-release~{{version}}"] }',
      `    runtime:
      packages: ["alpine-release~{{version}}"]
      files: { /etc/a: { text: a } }
      user: app:1000
      labels: { com.example.team: a|b }
      expose: [8080, 53/udp]
      volumes: [/data]
      stopsignal: SIGQUIT
      healthcheck: { test: [/hello, --check], interval: 10s, timeout: 2s, startPeriod: 1m, retries: 5 }`,
    );
    const readme = renderImageReadmes(catalogOf(own), NO_FACTS, templates).get("plain/README.md") ?? "";
    const pair = readme.slice(readme.indexOf("## The pair"), readme.indexOf("## Packages"));
    await expect(pair).toMatchFileSnapshot("golden/own-pair.README.md");
  });

  it("of an example", async () => {
    const readmes = renderExampleReadmes(catalog, FACTS, templates);
    expect([...readmes.keys()]).toEqual(["node/README.md"]);
    await expect(readmes.get("node/README.md")).toMatchFileSnapshot("golden/example.README.md");
  });

  it("with all languages", async () => {
    await expect(renderLanguages(catalog, FACTS, templates)).toMatchFileSnapshot("golden/languages.md");
  });
});

describe("the README of an image", () => {
  /** The README of the catalog's first image. */
  function readmeOf(text: string, facts = NO_FACTS): string {
    return renderImageReadmes(catalogOf(text), facts, templates).get("node/README.md") ?? "";
  }

  it("links an example only where there is one", () => {
    expect(readmeOf(CATALOG)).not.toContain("examples/");
    expect(readmeOf(CATALOG, FACTS)).toContain("](../../examples/node/README.md)");
  });

  it("folds what ended before the newest branch came, which is two years before that one ends", () => {
    const text = CATALOG.replace('"22": { branch: "3.22" }', '"22": { branch: "3.22", eol: 2026-05-01 }');
    const readme = readmeOf(text);
    expect(readme).toMatch(
      /<summary>1 version that ended before Alpine 3\.24 came: .*<\/summary>\n\n\| version .*\n.*\n\| 22 \| ended 2026-05-01 \|/,
    );
    expect(readme).toContain("| 24 | until 2028-04-30 | `24` `lts` `latest` |");
    expect(readmeOf(text.replace("2026-05-01", "2026-05-02"))).not.toContain("<details>");
    // Of an image that nobody supports all that there is is shown.
    const dead = text
      .replace("eol: 2029-04-30", "eol: 2020-01-01")
      .replace("eol: 2028-04-30", "eol: 2020-01-01");
    expect(readmeOf(dead)).not.toContain("<details>");
    expect(readmeOf(dead)).toContain("| 26 | ended 2020-01-01 |");
  });

  it("leads to its page where the catalog says where that is", () => {
    expect(readmeOf(CATALOG)).not.toContain("Its page");
    const readme = readmeOf(`site: https://images.example.com${CATALOG}`);
    expect(readme).toContain("[Its page](https://images.example.com/images/node.html)");
    expect(readme).toContain("(https://images.example.com/images/node.html#use)");
  });

  it("shows the commands of the newest version that has the example, where latest has none", () => {
    const text = CATALOG.replace("latest: true, tags: [lts]", "latest: true, example: false");
    const readme = readmeOf(text);
    expect(readme).toContain("registry.example/base/node:22-dev npm install\n");
    expect(readme).toContain("docker run --rm registry.example/base/node:24 node --version\n");
  });

  it("asks dev for the version where runtime lacks the program", () => {
    const text = CATALOG.replace('packages: ["nodejs~{{version}}", "!pyc"]', "packages: []");
    expect(readmeOf(text)).toContain("docker run --rm registry.example/base/node:24-dev node --version\n");
  });

  it("adds a package that the image lacks", () => {
    expect(readmeOf(CATALOG)).toContain("--no-scripts tzdata \\\n");
    expect(readmeOf(CATALOG.replace('"!pyc"', "tzdata"))).toContain("--no-scripts curl \\\n");
  });

  it("takes no exact tag that another version has", () => {
    const text = CATALOG.replace('"26": {', '"24.1": {');
    const { targets } = catalogOf(text);
    expect(targets.map(({ name }) => name)).toContain("node:24.1");
    expect(readmeOf(text)).toContain("24.1.0 in it, `node:24` is also `24.1.0`.");
  });

  it("says that there is no date where the catalog knows none", () => {
    const text = CATALOG.replace(/branches:\n(.*eol.*\n)+/, "");
    expect(readmeOf(text)).toContain("| 22 | no date | 3.22 main | no date |\n");
    expect(readmeOf(text)).toContain("| 24 | 2028-04-30 | 3.24 main | no date |\n");
  });

  it("has what else a user has to know, as it is written, where there is something", () => {
    expect(readmeOf(CATALOG)).not.toContain("## Good to know");
    const text = CATALOG.replace(
      "    smoke: { version: [node",
      "    notes: |\n      **Mind** `{{version}}`:\n\n      - <a> & b\n    smoke: { version: [node",
    );
    expect(text).not.toBe(CATALOG);
    expect(readmeOf(text)).toContain("\n\n## Good to know\n\n**Mind** `24`:\n\n- <a> & b\n\n## Packages\n");
  });

  it("says of stopping what becomes of the signal that the image names", () => {
    const ends = CATALOG.replace(
      "    smoke: { version: [node",
      "    stop: { run: [node], ends: true }\n    smoke: { version: [node",
    );
    expect(ends).not.toBe(CATALOG);
    expect(readmeOf(ends)).toContain("asks for it: a program ends on SIGTERM by itself");
    const quits = ends.replace("    runtime:\n", "    runtime:\n      stopsignal: SIGQUIT\n");
    expect(readmeOf(quits)).toContain("names, `SIGQUIT`, and\nkills it some seconds later.");
    expect(readmeOf(quits)).toContain("asks for it: it does what it has begun, and ends by itself.\n");
  });

  it("gives a catalog of one's own that is right", () => {
    const [, yaml = ""] = /```yaml\n([^`]*)```/.exec(readmeOf(CATALOG)) ?? [];
    expect(yaml.split("\n").slice(3)).toEqual([
      "  node-tzdata:",
      "    extends: node",
      '    versions: { "24": {} }',
      "    runtime: { packages: [tzdata] }",
      "",
    ]);
    const own = yaml.replace(/^extends.*\nregistry.*\nimages:\n/, "");
    const target = catalogOf(`${CATALOG}${own}`).targets.find(({ name }) => name === "node-tzdata:24");
    expect(target?.world).toEqual(["!pyc", "ca-certificates-bundle", "nodejs~24", "tzdata"]);
  });
});

describe("the README of an example", () => {
  /** The lines to type in the README of the example of node. */
  function commandsOf(changes: (text: string) => string): string[] {
    const readmes = renderExampleReadmes(catalogOf(changes(CATALOG)), FACTS, templates);
    const blocks = [...(readmes.get("node/README.md") ?? "").matchAll(/^```sh\n([^`]*)```$/gm)];
    return blocks.flatMap(([, text = ""]) => text.trimEnd().split("\n"));
  }

  const inDev =
    'docker run --rm -u "$(id -u):$(id -g)" -v "$PWD":/usr/src/app -w /usr/src/app registry.example/base/node:24-dev';

  it("has exactly the commands of the catalog, quoted for a shell", () => {
    const build = "      build: [npm, run, 'a \"b\" $c']\n      run: [node, index.js]";
    expect(commandsOf((text) => text.replace("      run: [node, index.js]", build))).toEqual([
      `${inDev} npm install`,
      `${inDev} npm test`,
      `${inDev} npm run 'a "b" $c'`,
      "docker build -t hello-node .",
      "docker run --rm hello-node",
    ]);
  });

  it("runs as root what needs it, and nothing else", () => {
    const lines = commandsOf((text) =>
      text.replace("      test: [npm, test]", "      root: true\n      test: [npm, test]"),
    );
    expect(lines.slice(0, 2)).toEqual([
      `${inDev.replace('-u "$(id -u):$(id -g)" ', "")} npm install`,
      `${inDev} npm test`,
    ]);
  });

  it("says nothing of dependencies where there are none", () => {
    const [first] = commandsOf((text) => text.replace("      dependencies: [npm, install]\n", ""));
    expect(first).toBe(`${inDev} npm test`);
  });
});
