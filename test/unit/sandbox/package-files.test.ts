import { describe, expect, it } from "vitest";
import { packageFiles } from "../../../sandbox/mirror/package-files.ts";
import type { PackagePlan } from "../../../sandbox/mirror/package-plan.ts";
import type { Recipe } from "../../../sandbox/mirror/recipe.ts";
import type { TarItem } from "../../../sandbox/mirror/tar-source.ts";

type Item = Partial<Omit<TarItem, "content">> & { text?: string };

async function* tar(items: readonly Item[]): AsyncGenerator<TarItem> {
  for (const { text = "", ...given } of items) {
    const content = async () => Buffer.from(text);
    yield { path: "", type: "file", mode: 0o644, target: "", ...given, content };
  }
}

/** What a recipe makes of the given tars, as lines such as `usr/bin/sh -> busybox` and `etc/passwd 644 text`. */
async function files(recipe: Recipe, tars: Record<string, readonly Item[]> = {}): Promise<string[]> {
  const plan: PackagePlan = {
    name: "package",
    version: "1-r0",
    description: "",
    depends: [],
    debian: [...(recipe.holds ?? []), ...Object.keys(recipe.takes ?? {})],
    ...(recipe.npm && { npm: recipe.npm }),
    recipe,
  };
  const open = (name: string) => tar(tars[name] ?? []);
  const lines: string[] = [];
  for await (const entry of packageFiles(plan, { debian: open, npm: open })) {
    if (entry.type === "link") lines.push(`${entry.path} -> ${entry.target}`);
    else if (entry.type === "directory") lines.push(`${entry.path}/ ${entry.mode.toString(8)}`);
    else lines.push(`${entry.path} ${entry.mode.toString(8)} ${Buffer.from(entry.content)}`);
  }
  return lines;
}

describe("packageFiles", () => {
  it("moves what is in the root's own directories below /usr, with the links to it", async () => {
    const libc = [
      { path: "./", type: "directory", mode: 0o755 },
      { path: "./lib/", type: "directory", mode: 0o755 },
      { path: "./lib/gnu/libm.so.6", text: "m" },
      { path: "./lib/gnu/libm.so", type: "symlink", target: "libm.so.6" },
      { path: "./usr/lib/gnu/libz.so", type: "symlink", target: "../../../lib/gnu/libz.so.1" },
      { path: "./usr/bin/tool", type: "symlink", target: "/bin/other" },
      { path: "./usr/bin/same", type: "symlink", target: "../share/tool/run" },
    ];
    expect(await files({ holds: ["libc6"] }, { libc6: libc })).toEqual([
      "usr/ 755",
      "usr/lib/ 755",
      "usr/lib/gnu/ 755",
      "usr/lib/gnu/libm.so.6 644 m",
      "usr/lib/gnu/libm.so -> libm.so.6",
      "usr/lib/gnu/libz.so -> /usr/lib/gnu/libz.so.1",
      "usr/bin/ 755",
      "usr/bin/tool -> /usr/bin/other",
      "usr/bin/same -> ../share/tool/run",
    ]);
  });

  it("makes hard links symbolic", async () => {
    const perl = [
      { path: "./usr/bin/perl", mode: 0o755, text: "perl" },
      { path: "./usr/lib/git-core/perl", type: "link", target: "./usr/bin/perl" },
    ];
    expect(await files({ holds: ["perl"] }, { perl })).toContain("usr/lib/git-core/perl -> ../../bin/perl");
  });

  it("leaves out documents and device files", async () => {
    const items = [
      { path: "./usr/share/doc/tool/README", text: "read me" },
      { path: "./dev/null", type: "character-device" },
    ];
    expect(await files({ holds: ["tool"] }, { tool: items })).toEqual([]);
  });

  it("lets the recipe's own files win, and writes no directory twice", async () => {
    const recipe = { holds: ["a", "b"], links: { "usr/bin/python3": "python3.11" } };
    const a = [{ path: "./usr/bin/python3", text: "another" }];
    const b = [
      { path: "./usr/bin/", type: "directory", mode: 0o755 },
      { path: "./usr/bin/b", text: "b" },
    ];
    expect(await files(recipe, { a, b })).toEqual([
      "usr/ 755",
      "usr/bin/ 755",
      "usr/bin/python3 -> python3.11",
      "usr/bin/b 644 b",
    ]);
  });

  it("joins many files into one, and keeps only that", async () => {
    const recipe = { holds: ["certs"], joins: { from: "usr/share/certs/", into: "etc/all.crt" } };
    const certs = [
      { path: "./usr/share/certs/", type: "directory", mode: 0o755 },
      { path: "./usr/sbin/update-certs", text: "a script" },
      { path: "./usr/share/certs/a.crt", text: "A\n" },
      { path: "./usr/share/certs/b.crt", text: "B\n" },
    ];
    expect(await files(recipe, { certs })).toEqual(["etc/ 755", "etc/all.crt 644 A\nB\n"]);
  });

  it("takes the wanted folders of an npm package, its programs executable", async () => {
    const recipe = { npm: { spec: "node@22", only: ["bin/"], into: "usr" } };
    const npm = [
      { path: "package/bin/node", mode: 0o644, text: "node" },
      { path: "package/README.md", text: "read me" },
    ];
    expect(await files(recipe, { "node@22": npm })).toEqual([
      "usr/ 755",
      "usr/bin/ 755",
      "usr/bin/node 755 node",
    ]);
  });

  it("takes of another Debian package only what the recipe says, and puts files where it says", async () => {
    const tars = {
      tool: [{ path: "./usr/bin/tool", mode: 0o755, text: "run" }],
      data: [
        { path: "./usr/bin/other", text: "no" },
        { path: "./usr/share/data/x", text: "x" },
      ],
    };
    const recipe: Recipe = {
      holds: ["tool"],
      takes: { data: ["usr/share/data/"] },
      moves: { "usr/bin/tool": "usr/lib/tool" },
      programs: { "usr/bin/tool": "#!/bin/sh\n" },
    };
    const kept = (await files(recipe, tars)).filter((line) => !/\/ \d+$/.test(line));
    expect(kept).toEqual(["usr/bin/tool 755 #!/bin/sh\n", "usr/lib/tool 755 run", "usr/share/data/x 644 x"]);
  });
});
