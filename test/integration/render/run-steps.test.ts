import { chmod, mkdir, readdir, readFile, readlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { TEMPLATES } from "../../../scripts/app/paths.ts";
import { loadCatalog } from "../../../scripts/catalog/load.ts";
import { renderCatalog } from "../../../scripts/render/files.ts";
import { loadTemplates } from "../../../scripts/render/templates.ts";
import { tryRun } from "../../../scripts/system/process/process.ts";
import { sampleCatalog, sampleTarget } from "../../support/sample-target.ts";
import { PROJECT } from "../../support/workflows.ts";
import { temporaryDirectory } from "../../unit/formats/oci/sample-image.ts";

/** The shell text of each RUN of a Dockerfile, as one line. */
function runSteps(dockerfile: string): string[] {
  const lines = dockerfile
    .replace(/^#.*\n/gm, "")
    .replace(/\\\n/g, " ")
    .split("\n");
  return lines.flatMap((line) => (line.startsWith("RUN ") ? [line.slice("RUN ".length)] : []));
}

/** A step without what stands in quotes, which a shell does not read as its own signs. */
function withoutQuotes(step: string): string {
  return step.replace(/'[^']*'|"(?:\\.|[^"\\])*"/g, "_");
}

/**
 * What of a step may fail without the step failing: the left side of a pipe, what runs beside, and what is followed by
 * a `;` but for the signs of a loop.
 */
function hidden(step: string): string[] {
  const bare = withoutQuotes(step)
    .replaceAll("|| exit 1;", "&&")
    .replace(/;\s*do\b/g, "");
  return bare.match(/(?<!\|)\|(?!\|)|(?<![&>])&(?!&)|;|\|\| *(?:true|:)/g) ?? [];
}

describe("hidden", () => {
  it.each([
    ["a | b", ["|"]],
    ["a && b | while read -r x; do c; done", ["|", ";"]],
    ["a || true", ["|| true"]],
    ["a & b", ["&"]],
    ["a; b", [";"]],
    ["a > f && while read -r x; do b || exit 1; done < f", []],
    ["printf '%s|%s;' \"a|b\" && c || d", []],
  ])("in %s: %j", (step, signs) => {
    expect(hidden(step)).toEqual(signs);
  });
});

describe("the steps of the Dockerfiles", () => {
  let template: Awaited<ReturnType<typeof loadTemplates>>;

  beforeAll(async () => {
    template = await loadTemplates(TEMPLATES);
  });

  it("have nothing whose failure is hidden, in any of the catalog's", async () => {
    const rendered = renderCatalog(await loadCatalog(join(PROJECT, "catalog.yaml")), template);
    const steps = [...rendered].flatMap(([file, text]) => runSteps(text).map((step) => ({ file, step })));
    expect(steps.length).toBeGreaterThan(rendered.size);
    expect(steps.filter(({ step }) => hidden(step).length > 0)).toEqual([]);
  });

  /** What makes the applets, in a root of its own. */
  const applets = async (busybox: string) => {
    const folder = await temporaryDirectory();
    await mkdir(join(folder, "rootfs"));
    await mkdir(join(folder, "bin"));
    await writeFile(join(folder, "bin/busybox"), `#!/bin/sh\n${busybox}\n`);
    await chmod(join(folder, "bin/busybox"), 0o755);
    const target = sampleTarget({ shell: true });
    const step = runSteps(template(target, sampleCatalog([target]))).find((one) =>
      one.includes("--list-full"),
    );
    const script = (step ?? "")
      .replaceAll("/rootfs", `${folder}/rootfs`)
      .replaceAll("/applets", `${folder}/applets`);
    const env = { PATH: `${folder}/bin:${process.env.PATH}` };
    return { folder, result: await tryRun(["sh", "-c", script], { env }) };
  };

  it("make a link of each applet that has no file yet", async () => {
    const { folder, result } = await applets("printf '%s\\n' bin/ls usr/bin/a-b sbin/x");
    expect(result).toMatchObject({ exitCode: 0, output: "" });
    for (const name of ["bin/ls", "usr/bin/a-b", "sbin/x"]) {
      expect(await readlink(join(folder, "rootfs", name))).toBe("/bin/busybox");
    }
  });

  it.each([
    ["busybox dies half-way through its list", "echo bin/ls; exit 1"],
    ["a link in the middle cannot be made", "printf '%s\\n' bin/ls bin/ls/no bin/cat"],
  ])("fail where %s", async (_, busybox) => {
    expect((await applets(busybox)).result.exitCode).not.toBe(0);
  });

  it("of the examples hide no failure either", async () => {
    const files = (await readdir(join(PROJECT, "examples"), { recursive: true }))
      .filter((name) => name.endsWith("Dockerfile"))
      .concat("../schedule/kubernetes/Dockerfile");
    expect(files.length).toBeGreaterThan(10);
    for (const file of files) {
      for (const step of runSteps(await readFile(join(PROJECT, "examples", file), "utf8"))) {
        expect({ file, step, hidden: hidden(step) }).toEqual({ file, step, hidden: [] });
      }
    }
  });
});
