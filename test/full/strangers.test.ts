import { mkdir, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openLocalRegistry } from "../../scripts/registry/local.ts";
import { type ProcessResult, tryRun } from "../../scripts/system/process/process.ts";
import { smallCatalog } from "../support/catalogs.ts";
import { rememberBuilds } from "../support/remembered-builds.ts";
import {
  allOf,
  deleteAnswer,
  mountAnswer,
  referrersAnswer,
  refusesNestedIndexes,
} from "../support/strange-registries.ts";
import { Stranger, showsNothingBeforeThePush, type WholeRequest } from "../support/stranger.ts";
import { type Document, freePort, World } from "../support/world.ts";

rememberBuilds();

const PAIR = "wren:right";

describe("a registry that is GitLab, Artifactory, Harbor and Quay at once", () => {
  let world: World;
  let stranger: Stranger;
  let closeRegistry: () => Promise<unknown>;

  beforeAll(async () => {
    world = await World.open(smallCatalog(["lua", "moon"]));
    const behind = `127.0.0.1:${await freePort()}`;
    const directory = world.path("state/registry");
    closeRegistry = await openLocalRegistry({ host: behind, directory, note: () => {} });
    stranger = await Stranger.open(world.registryHost, behind);
    stranger.hidesDigests = true;
    stranger.readsTagsAsDigests = true;
    const page = { headers: { "content-type": "text/html" }, body: "<html>no such page</html>" };
    const nested = refusesNestedIndexes<WholeRequest>(({ body }) => body);
    const others = allOf(
      showsNothingBeforeThePush(world.registryHost, PAIR),
      referrersAnswer({ status: 405, ...page }),
      mountAnswer({ status: 404, ...page }),
      deleteAnswer({ status: 405, ...page }),
    );
    stranger.strange = (request) => others(request) ?? nested(request);
  });
  afterAll(async () => {
    await stranger?.close();
    await closeRegistry?.();
    await world?.close();
  });

  async function run(pair: string, command: string, ...args: readonly string[]): Promise<ProcessResult> {
    const folder = world.path(`docker-${pair.length}`);
    const auth = (text: string) => ({ auth: Buffer.from(text).toString("base64") });
    const { registryHost: host } = world;
    // Another path's robot, before ours: it is nobody's business but that path's.
    const auths = { [`${host}/team-a`]: auth("robot:of-team-a"), [host]: auth(pair) };
    await mkdir(folder, { recursive: true });
    await writeFile(`${folder}/config.json`, JSON.stringify({ auths }));
    return tryRun(world.commandLine(command, ...args), { env: { DOCKER_CONFIG: folder } });
  }
  const documentOf = ({ stdout, stderr }: ProcessResult): Document => {
    if (!stdout.startsWith("{")) throw new Error(stderr);
    return JSON.parse(stdout) as Document;
  };
  const due = (document: Document) => document.plan.filter(({ rebuild }) => rebuild);

  it("is told apart from one that does not know us", async () => {
    const { exitCode, stdout, stderr } = await run("wren:wrong!", "plan");
    expect(exitCode).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain("credentials: auths in ");
    expect(stderr).not.toContain("wrong!");
  });

  it("is planned for, though it shows nothing of what is not there yet", async () => {
    const planned = await run(PAIR, "plan", "--json");
    expect(planned.exitCode, planned.stderr).toBe(0);
    const { plan } = documentOf(planned);
    expect(plan).toHaveLength(6);
    for (const { reasons } of plan) {
      expect(reasons.map(({ text }) => text)).toEqual(["cannot be read, perhaps not there yet (HTTP 403)"]);
    }
  });

  it("is published to, and keeps no history, which is said once", async () => {
    const rebuilt = await run(PAIR, "rebuild", "--engine", "buildah");
    expect(rebuilt.exitCode, rebuilt.stderr + rebuilt.stdout).toBe(0);
    const said = (rebuilt.stdout + rebuilt.stderr).split("keeps no history here").length - 1;
    expect(said).toBe(1);
    const moved = stranger.log.filter((line) => /^PUT \S+\/manifests\/(?!sha256)\S+ 201$/.test(line));
    for (const tag of ["lua/manifests/5.4", "lua/manifests/5.1-dev", "moon/manifests/latest"]) {
      expect(moved.filter((line) => line.includes(`/test/${tag} `))).toHaveLength(1);
    }
    expect(stranger.log.filter((line) => line.includes("mount="))).toHaveLength(1);
  });

  it("has nothing to do afterwards, and takes a new image beside the others", async () => {
    expect(due(documentOf(await run(PAIR, "plan", "--json")))).toEqual([]);
    await world.writeCatalog(smallCatalog(["lua", "moon"]).replace("  moon:", "  other:"));
    const { plan } = documentOf(await run(PAIR, "plan", "--json"));
    expect(due({ plan, outcomes: [] }).map(({ target }) => target)).toEqual(["other:5.4", "other:5.4-dev"]);
    await world.writeCatalog(smallCatalog(["lua", "moon"]));
  });

  it("is published to once more, with no journal left to repeat", async () => {
    const again = await run(PAIR, "rebuild", "--force", "lua:5.4", "--json", "--engine", "buildah");
    expect(again.exitCode, again.stderr).toBe(0);
    expect(documentOf(again).outcomes.map(({ status }) => status)).toEqual(["done", "done"]);
    expect(again.stderr).not.toContain("an earlier run ended");
  });

  it("says why nothing can be rolled back, and loses no build that no history tells of", async () => {
    const rollback = await run(PAIR, "rollback", "lua:5.4");
    expect(rollback.exitCode).toBe(2);
    expect(rollback.stderr).toContain("keeps no histories, as Quay and gcr.io do not");
    const pruned = await run(PAIR, "prune");
    expect(pruned.exitCode, pruned.stderr).toBe(0);
    expect(stranger.log.filter((line) => line.startsWith("DELETE"))).toEqual([]);
  });
});
