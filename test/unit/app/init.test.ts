import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type AskPerson, answersOf, type InitOptions } from "../../../scripts/app/init-answers.ts";
import { asksForBirdhouse, initFiles, writeFilesOf } from "../../../scripts/app/init-files.ts";
import { workflowsOf } from "../../../scripts/app/init-workflow.ts";
import { loadCatalog } from "../../../scripts/catalog/load.ts";
import type { Target } from "../../../scripts/model/target.ts";
import { VERSION } from "../../../scripts/system/environment.ts";
import { UserError } from "../../../scripts/system/errors.ts";
import { PROJECT } from "../../support/code.ts";
import { catalogFolder } from "../catalog/catalog-folder.ts";

const TODAY = new Date("2026-11-29T12:00:00Z");
let parent: readonly Target[];
beforeAll(async () => {
  parent = (await loadCatalog(join(PROJECT, "catalog.yaml"))).targets;
});

/** @param typed what a person types, question by question; undefined where there is nobody */
async function answers(options: Partial<InitOptions>, typed?: readonly string[]) {
  const asked: string[] = [];
  const told: string[] = [];
  const waiting = [...(typed ?? [])];
  const ask: AskPerson = async (question, offered) => {
    asked.push(`${question} [${offered}]`);
    return waiting.shift() || offered;
  };
  const place = { folder: "/home/team/Base Images", parent, today: TODAY };
  const found = await answersOf(
    { yes: false, ...options },
    place,
    typed && ask,
    (text) => void told.push(text),
  );
  return { ...found, images: Object.fromEntries(found.images), asked, told };
}

const USUAL = { static: ["3.24"], base: ["3.24"], go: ["1.26"], node: ["24"], python: ["3.14"] };

describe("what a new catalog is to hold", () => {
  it("is the usual, where nobody is to be asked", async () => {
    expect(await answers({ yes: true })).toEqual({
      registry: "127.0.0.1:5000/base-images",
      platforms: ["linux/amd64", "linux/arm64"],
      images: USUAL,
      asked: [],
      told: [],
    });
  });

  it("is what was said, and then nobody is asked", async () => {
    const options = {
      registry: "ghcr.io/birds",
      platform: ["linux/arm64"],
      images: "node:lts, python lua:5.4-dev",
    };
    expect(await answers(options as Partial<InitOptions>)).toMatchObject({
      registry: "ghcr.io/birds",
      platforms: ["linux/arm64"],
      images: { node: ["24"], python: undefined, lua: ["5.4"] },
    });
  });

  it("is what a person answers, who hears what is wrong and is asked again", async () => {
    const found = await answers({ images: "lua" }, ["birds", "ghcr.io/birds", "linux/amd46", "linux/amd64"]);
    expect(found).toMatchObject({ registry: "ghcr.io/birds", platforms: ["linux/amd64"] });
    expect(found.asked).toEqual([
      ...Array(2).fill("Where are images published? [127.0.0.1:5000/base-images]"),
      ...Array(2).fill("For which platforms? [linux/amd64,linux/arm64]"),
    ]);
    expect(found.told[0]).toContain("the namespace is missing");
    expect(found.told[1]).toBe('platforms: expected some of linux/amd64,linux/arm64, found "linux/amd46"');
  });

  it("is asked of nobody where there is no terminal", async () => {
    await expect(answers({ registry: "ghcr.io/birds" })).rejects.toThrow(
      new UserError(
        "there is no terminal to ask you on",
        "use --yes for the usual answers, or give all of --registry, --platform and --images",
      ),
    );
  });

  it.each([
    [{ images: "nodee:24" }, "images: there is no nodee:24; did you mean node?"],
    [{ images: "node:99" }, 'there is no target "node:99"; node has node:26'],
    [{ images: " , " }, "images: expected some such as node:24,python"],
    [{ registry: "ghcr.io" }, "the namespace is missing"],
  ])("is not %j", async (options, message) => {
    await expect(answers({ yes: true, ...options })).rejects.toThrow(message);
  });
});

describe("the files of a new catalog", () => {
  const filesFor = async (options: Partial<InitOptions>, folder: string) => {
    const place = { folder, parent, today: TODAY };
    return initFiles(
      await answersOf({ yes: true, ...options }, place, undefined, () => {}),
      folder,
      undefined,
    );
  };

  it("are a catalog of exactly those images, and what goes with it", async () => {
    const folder = await catalogFolder({});
    const files = await filesFor({ registry: "ghcr.io/birds", images: "node:24,lua" }, folder);
    expect([...files.keys()]).toEqual([
      "catalog.yaml",
      "package.json",
      ".gitignore",
      ".github/workflows/birdhouse.yml",
      "renovate.json",
      "README.md",
    ]);
    await writeFilesOf(folder, files);
    const { targets, registry } = await loadCatalog(join(folder, "catalog.yaml"));
    expect(registry).toBe("ghcr.io/birds");
    const runtimes = targets.filter(({ variant }) => variant === "runtime").map(({ name }) => name);
    expect(runtimes).toEqual(
      ["lua:5.5", "lua:5.4", "lua:5.3", "lua:5.2", "lua:5.1", "node:24"].sort(byImage(runtimes)),
    );
    expect(targets.every(({ example }) => example === undefined)).toBe(true);
    expect(files.get("catalog.yaml")).toMatch(/^# yaml-language-server: \$schema=\S+catalog\.schema\.json\n/);
    expect(JSON.parse(files.get("package.json") ?? "")).toMatchObject({
      dependencies: { birdhouse: VERSION },
    });
    expect(JSON.parse(files.get("renovate.json") ?? "")).toHaveProperty("extends");
    expect([...files.values()].join("")).not.toMatch(/@[A-Z]+@/);
  });

  it.each([
    ["ghcr.io/birds", "docker/login-action", "ghcr.io"],
    ["registry.example:5443/birds", "docker/login-action", "registry.example:5443"],
    ["123456789012.dkr.ecr.eu-west-1.amazonaws.com/birds", "aws-actions/amazon-ecr-login", "eu-west-1"],
  ])("for %s have a workflow that logs in by %s", async (registry, action, host) => {
    const text = (await filesFor({ registry }, "/none")).get(".github/workflows/birdhouse.yml") ?? "";
    const { jobs, permissions } = parse(text);
    const steps = jobs.rebuild.steps as { uses?: string; run?: string; with?: Record<string, string> }[];
    expect(steps.find(({ uses }) => uses?.startsWith(`${action}@`))).toBeDefined();
    expect(text).toContain(host);
    expect(permissions).toMatchObject({ contents: "read" });
    expect(steps.flatMap(({ run }) => run ?? [])).toContain("npx birdhouse rebuild --profile catalog");
  });

  it("call Birdhouse's workflows where that is wanted, and Renovate renews both together", async () => {
    const place = { folder: "/none", parent, today: TODAY };
    const answered = await answersOf({ yes: true, registry: "hub.example/x" }, place, undefined, () => {});
    const files = await initFiles(answered, "/none", workflowsOf("birds/birdhouse"));
    const text = files.get(".github/workflows/birdhouse.yml") ?? "";
    expect(text).toContain(`uses: birds/birdhouse/.github/workflows/rebuild.yml@v${VERSION}\n`);
    expect(parse(text).jobs.rebuild).toMatchObject({
      with: { "login-server": "hub.example", "login-user": `\${{ vars.LOGIN_USER }}` },
      secrets: { "login-password": `\${{ secrets.LOGIN_PASSWORD }}` },
    });
    expect(JSON.parse(files.get("renovate.json") ?? "").packageRules).toContainEqual({
      matchPackageNames: ["birdhouse", "birds/birdhouse"],
      groupName: "birdhouse",
    });
    expect(() => workflowsOf("birds")).toThrow(
      'workflows: expected OWNER/REPOSITORY of GitHub, found "birds"',
    );
    // No repository of somebody else is ever called unasked.
    expect(workflowsOf(undefined)).toBeUndefined();
  });

  it("leave what is there as it is, links and all", async () => {
    const folder = await catalogFolder({ "README.md": "# Ours\n", "package.json": '{ "name": "x" }\n' });
    const { written, left } = await writeFilesOf(folder, await filesFor({}, folder));
    expect(left).toEqual(["package.json", "README.md"]);
    expect(written).toContain("catalog.yaml");
    expect(readFileSync(join(folder, "README.md"), "utf8")).toBe("# Ours\n");
    expect(await asksForBirdhouse(folder)).toBe(false);
    expect((await writeFilesOf(folder, await filesFor({ images: "lua" }, folder))).written).toEqual([]);
  });
});

/** In the order of the catalog that is extended. */
function byImage(order: readonly string[]) {
  return (a: string, b: string) => order.indexOf(a) - order.indexOf(b);
}
