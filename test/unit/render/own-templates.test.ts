import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { TEMPLATES } from "../../../scripts/app/paths.ts";
import { loadReadmeTemplates, loadTemplates } from "../../../scripts/render/templates.ts";
import { messageOf } from "../../../scripts/system/errors.ts";
import { sampleCatalog, sampleTarget } from "../../support/sample-target.ts";

/** A folder of templates of one's own, by path. */
async function ownFolder(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "templates-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

/** What is said of them, a line each, with paths from their folder. */
async function said(files: Readonly<Record<string, string>>): Promise<string[]> {
  const folder = await ownFolder(files);
  const load = async () => {
    const template = await loadTemplates(TEMPLATES, folder);
    template(sampleTarget({ variant: "runtime" }), sampleCatalog());
    template(sampleTarget({ variant: "dev" }), sampleCatalog());
    (await loadReadmeTemplates(TEMPLATES, folder)).example({});
  };
  const error = await load().then(
    () => new Error("nothing is said"),
    (thrown: unknown) => thrown,
  );
  return messageOf(error).replaceAll(`${folder}/`, "").split("\n");
}

describe("templates of a catalog's own", () => {
  const target = sampleTarget({ variant: "runtime" });

  it("stand instead of Birdhouse's of their names, the last folder first, and the rest stays", async () => {
    const parent = await ownFolder({
      "partials/tidy.hbs": "echo the parent's",
      "partials/header.hbs": "# DO NOT EDIT: rendered by us\n",
    });
    const own = await ownFolder({
      "partials/tidy.hbs": "{{> mine}} {{target.version}}",
      "partials/mine.hbs": "echo mine",
    });
    const text = (await loadTemplates(TEMPLATES, parent, own))(target, sampleCatalog());
    const usual = (await loadTemplates(TEMPLATES))(target, sampleCatalog());
    expect(text).toMatch(/^# DO NOT EDIT: rendered by us\n/);
    expect(text).toContain("echo mine 22\n");
    expect(text).not.toContain("the parent's");
    const end = (of: string) => of.slice(of.indexOf("FROM scratch"));
    expect(end(text)).toBe(end(usual));
  });

  it("may be a README of their own", async () => {
    const own = await ownFolder({ "readme.hbs": "<!-- DO NOT EDIT: rendered -->\n{{title}}\n" });
    const { image } = await loadReadmeTemplates(TEMPLATES, own);
    expect(image({ title: "Node.js" })).toBe("<!-- DO NOT EDIT: rendered -->\nNode.js\n");
  });

  it("are told of what is wrong in them, each mistake with file, line and column", async () => {
    expect(
      await said({
        "runtime.hbs":
          "{{> header}}\n\nRUN {{> tdiy}}\n{{#if (ro target.shell 1)}}\n{{/if}}\n{{jsn target.cmd}}\n",
        "runtme.hbs": "",
        "partials/user.hbs": "one\n  {{#each x}}\n",
        "partials/usr.hbs": "",
        "partials/tidy.hbs": "one\ntwo {{#if a}}{{/each}}\n",
      }),
    ).toEqual([
      'runtme.hbs:1:1: runtme.hbs: no template is called so, expected one of runtime.hbs, dev.hbs, readme.hbs, example.hbs, languages.hbs; did you mean "runtime.hbs"?',
      'runtime.hbs:3:9: tdiy: there is no partial "tdiy"; did you mean "tidy"?',
      'runtime.hbs:4:8: ro: there is no helper "ro"',
      'runtime.hbs:6:3: jsn: there is no helper "jsn"; did you mean "json"?',
      "partials/tidy.hbs:2:8: this template cannot be read: if doesn't match each",
      "partials/user.hbs:3:1: this template cannot be read: it ends before all that was opened is closed",
      'partials/usr.hbs:1:1: usr.hbs: no template uses a partial "usr"; did you mean "user"?',
    ]);
  });

  it.each([
    [
      "runtime.hbs",
      "FROM scratch AS image\n",
      "it must begin with {{> header}}, by which what is rendered is known",
    ],
    ["runtime.hbs", "{{> header}}\nFROM scratch\n", "its last stage must be called so: FROM … AS image"],
    [
      "dev.hbs",
      "{{> header}}\nFROM scratch AS image\n",
      "its first stage, which all dev images of a branch share, must be called so: FROM … AS tools",
    ],
  ])("%s of %j is refused", async (name, text, problem) => {
    expect(await said({ [name]: text })).toEqual([`${name}: what it renders cannot be used: ${problem}`]);
  });

  it("render READMEs that `render` knows for its own", async () => {
    expect(await said({ "example.hbs": "# Hello\n" })).toEqual([
      "example.hbs: its first line must say <!-- DO NOT EDIT: rendered …, by which what is rendered is known",
    ]);
  });

  it("must be in a folder that is there", async () => {
    await expect(loadTemplates(TEMPLATES, "/nowhere")).rejects.toThrow("/nowhere: there is no such folder");
  });
});
