import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadCatalog } from "../../../scripts/catalog/load.ts";
import type { Target } from "../../../scripts/model/target.ts";
import { commandLine } from "../../../scripts/system/shown/started.ts";

/**
 * Every command in every README and in docs/ is of a kind that tests execute, or the paragraph before its block
 * says that it needs the internet, a cluster or systemd.
 */

/** The folders of the examples that there are: those that have what a consumer builds. */
const examples = filesIn("examples").filter((folder) => existsSync(join(folder, "Dockerfile")));

const FILES = [
  "README.md",
  ...filesIn("docs").filter((path) => path.endsWith(".md")),
  ...[...filesIn("images"), ...examples].map((folder) => join(folder, "README.md")),
].filter((path) => existsSync(path));

/** What is in a directory, none where it does not exist. */
function filesIn(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory).map((name) => join(directory, name)) : [];
}

interface Command {
  readonly file: string;
  readonly text: string;
}

/** What a fence for commands begins with; in `console` blocks they follow `$ ` and the rest is output. */
const FENCE = /^\s*```(sh|bash|shell|console)\b/;

/** The commands of a Markdown text, but for those in blocks that are marked. */
function commandsIn(file: string, markdown: string): Command[] {
  const lines = markdown.replaceAll(/\\\n\s*/g, "").split("\n");
  return lines.flatMap((line, begin) => {
    const [, language] = FENCE.exec(line) ?? [];
    if (language === undefined || isMarked(lines.slice(0, begin))) return [];
    const length = lines.slice(begin + 1).findIndex((each) => each.trim() === "```");
    const typed = lines.slice(begin + 1, begin + 1 + length).flatMap((each) => typedIn(language, each));
    return typed.map((text) => ({ file, text }));
  });
}

function typedIn(language: string, line: string): string[] {
  const [, typed = ""] = (language === "console" ? /^\s*\$ (.*)$/ : /^(.*)$/).exec(line) ?? [];
  const command = typed.replace(/(^|\s+)#.*$|\s&$/, "").trim();
  return command === "" ? [] : [command];
}

/** Whether the last paragraph of these lines says that what follows needs the internet. */
function isMarked(before: readonly string[]): boolean {
  const text = before.join("\n").trimEnd();
  return /needs the internet|takes a cluster|takes a machine that systemd runs/i.test(
    text.slice(text.lastIndexOf("\n\n") + 1),
  );
}

const catalog = await loadCatalog("catalog.yaml");
const byReference = new Map<string, Target>(
  catalog.targets.flatMap((target) =>
    target.tags.map((tag) => [`${catalog.registry}/${target.image}:${tag}`, target] as const),
  ),
);

const makeTargets = new Set(
  [...readFileSync("Makefile", "utf8").matchAll(/^([a-z0-9-]+):/gm)].map(([, name = ""]) => name),
);
const npmScripts = new Set(Object.keys(JSON.parse(readFileSync("package.json", "utf8")).scripts));
const birdhouseCommands = new Set(
  [...readFileSync("scripts/birdhouse.ts", "utf8").matchAll(/\.command\("([a-z]+)/g)].map(
    ([, name = ""]) => name,
  ),
);

/** What a target's smoke test and example execute, as a shell would be told. */
function executedWith({ smoke, example }: Target): string[] {
  const commands = [smoke.version, example?.dependencies, example?.test, example?.build, example?.run];
  return commands.filter((command) => command !== undefined).map((one) => commandLine(one));
}

/** The kinds of commands that tests execute, and when a command is of that kind. */
const KINDS: readonly ((command: Command) => boolean)[] = [
  ({ text }) => makeTargets.has(/^make ([a-z0-9-]+)( [A-Z]+=("[^"]*"|\S+))*$/.exec(text)?.[1] ?? ""),
  ({ text }) => birdhouseCommands.has(/^npm run -s birdhouse -- ([a-z]+)/.exec(text)?.[1] ?? ""),
  ({ text }) => birdhouseCommands.has(/^npx birdhouse ([a-z]+)/.exec(text)?.[1] ?? ""),
  ({ text }) => text === "npx birdhouse --help",
  // test/e2e/package.test.ts installs it so.
  ({ text }) => /^npm install \.\/birdhouse-\d+\.\d+\.\d+\.tgz$/.test(text),
  ({ text }) => npmScripts.has(/^npm run (?:-s )?([a-z0-9-]+)$/.exec(text)?.[1] ?? ""),
  ({ text }) => /^(?:[A-Z_]+=\d+ )?npm run (?:-s )?bench(?: -- [a-z -]+)?$/.test(text),
  ({ text }) => existsSync(/^(?:[A-Z_]+=\S+ )*npx vitest run .*?(\S+\.test\.ts)$/.exec(text)?.[1] ?? ""),
  ({ text, file }) => existsSync(join(dirname(file), /^cd (\S+)$/.exec(text)?.[1] ?? "?")),
  ({ text }) => byReference.has(/^docker pull (\S+)$/.exec(text)?.[1] ?? ""),
  ({ text, file }) => isRunOfTarget(text, file === "README.md"),
  ({ text, file }) => text === `docker build -t hello-${exampleOf(file)} .`,
  ({ text, file }) => text === `docker run --rm hello-${exampleOf(file)}`,
  ({ text }) => byReference.has(/^skopeo inspect .*docker:\/\/(\S+)$/.exec(text)?.[1] ?? ""),
  // test/full/airgap.test.ts has it read what it exported.
  ({ text, file }) =>
    file === "docs/airgap.md" && /^skopeo inspect oci-archive:images\.tar:node:22$/.test(text),
  // test/e2e/signatures.test.ts runs those of README.md as they stand there.
  ({ text, file }) =>
    file === "README.md" &&
    byReference.has(/^cosign verify(?:-attestation)? .*?(\S+)$/.exec(text)?.[1] ?? ""),
  ({ text }) => text === "cosign generate-key-pair",
  // test/peers/farm.test.ts makes its builder so, where it has BuildKit.
  ({ text }) =>
    /^docker buildx create --name farm (?:--append )?--driver remote tcp:\/\/[a-z]+:1234$/.test(text),
];

/** Whether it runs in an image of the catalog what that image's tests run; or whatever it likes, in `free`. */
function isRunOfTarget(text: string, free: boolean): boolean {
  const [, reference = "", command = ""] =
    /^docker run --rm (?:(?:-u "\$\(id -u\):\$\(id -g\)" )?-v "\$PWD":\/usr\/src\/app -w \/usr\/src\/app )?(\S+) (.+)$/.exec(
      text,
    ) ?? [];
  const target = byReference.get(reference);
  return target !== undefined && (free || executedWith(target).includes(command));
}

function exampleOf(file: string): string | undefined {
  return /^examples\/([^/]+)\//.exec(file)?.[1];
}

describe("commands of READMEs", () => {
  const commands = FILES.flatMap((file) => commandsIn(file, readFileSync(file, "utf8")));

  it("are found", () => {
    const text = [
      ...["Type:", "```sh", "make a # b", "", "# c", "make d &", "```", "", "- or", "  ```console"],
      ...[
        "  $ make e \\",
        "    F=g",
        "  output",
        "  ```",
        "```yaml",
        "make: h",
        "```",
        "```bash",
        "make i",
        "```",
      ],
    ].join("\n");
    const found = (markdown: string) => commandsIn("x", markdown).map((command) => command.text);
    expect(found(text)).toEqual(["make a", "make d", "make e F=g", "make i"]);
    expect(found(text.replace("Type:", "This needs\nno x\n"))).toHaveLength(4);
    expect(found(text.replace("Type:", "Needs the internet:\nx"))).toEqual(["make e F=g", "make i"]);
    expect(found(text.replace("or", "needs the internet:"))).toEqual(["make a", "make d"]);
  });

  it("are in all READMEs", () => {
    const found = new Set(commands.map(({ file }) => file));
    expect(FILES.filter((file) => file.endsWith("README.md") && !found.has(file))).toEqual([]);
    expect(FILES.length).toBeGreaterThan(10);
  });

  it("are of a kind that is executed, or are marked as needing the internet", () => {
    const strange = commands.filter((command) => !KINDS.some((isOfKind) => isOfKind(command)));
    expect(strange).toEqual([]);
  });

  it("would not be, if they named what there is not", () => {
    const image = `${catalog.registry}/node:22`;
    const wrong = [
      "make nothing",
      "npm run -s birdhouse -- nothing",
      "npm run nothing",
      "npx vitest run test/nothing.test.ts",
      "cd nothing",
      "docker pull registry.example/node:22",
      `docker run --rm ${image} node --vesrion`,
      `docker run --rm --privileged ${image} node --version`,
      "docker build -t hello-other .",
      "cosign verify registry.example/node:22",
      "curl https://example.org",
    ];
    const known = wrong.filter((text) =>
      KINDS.some((isOfKind) => isOfKind({ text, file: "examples/node/README.md" })),
    );
    expect(known).toEqual([]);
  });
});

describe("links of READMEs", () => {
  /** Where a Markdown text's links lead, but for those to other hosts and within the page. */
  function linksIn(markdown: string): string[] {
    const prose = markdown.replace(/^```[\s\S]*?^```/gm, "").replace(/`[^`\n]*`/g, "");
    const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
    return targets
      .filter((target) => !/^(https?:|#)/.test(target))
      .map((target) => target.replace(/#.*/, ""));
  }

  it("are found", () => {
    const text = "[a](b.md) [`c`](d/e.md#f) [g](https://h.example) [i](#j)\n```sh\n[k](l)\n```\n`[m](n)`";
    expect(linksIn(text)).toEqual(["b.md", "d/e.md"]);
  });

  it.each(FILES)("lead to files that there are: %s", (file) => {
    const links = linksIn(readFileSync(file, "utf8"));
    expect(links.filter((target) => !existsSync(join(dirname(file), target)))).toEqual([]);
  });
});

describe("the Dockerfiles of examples", () => {
  it.each(examples)("build on the registry and version that the README speaks of: %s", (folder) => {
    const dockerfile = readFileSync(join(folder, "Dockerfile"), "utf8");
    const readme = readFileSync(join(folder, "README.md"), "utf8");
    const argument = (name: string) => new RegExp(`^ARG ${name}=(.*)$`, "m").exec(dockerfile)?.[1];
    expect(argument("REGISTRY")).toBe(catalog.registry);
    expect(readme).toContain(
      ` ${catalog.registry}/${folder.slice("examples/".length)}:${argument("VERSION")}-dev `,
    );
  });
});
