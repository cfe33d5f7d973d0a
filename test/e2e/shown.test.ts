import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tryRun } from "../../scripts/system/process/process.ts";
import { smallCatalog } from "../support/catalogs.ts";
import { rememberBuilds } from "../support/remembered-builds.ts";
import { type Answer, SecretServer } from "../support/secret-servers.ts";
import { BIRDHOUSE } from "../support/world.ts";

rememberBuilds();

/**
 * A registry in which a stranger has written: terminal escapes, commands of CI systems and markup stand in everything
 * that an image can say of itself. It is shown, and nothing obeys it.
 */

const SPITE =
  "\x1b[2J\x1b]0;owned\x07\x9b31m\u202e\n::error file=a::owned\r::add-path::/tmp\n##vso[task.complete]##[error]owned <img src=x> [l](https://evil.example) ![i](https://evil.example/i.png)";

const DIGEST = (bytes: string) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
const INDEX = "application/vnd.oci.image.index.v1+json";

/** An index that says spiteful things of itself in the words of Birdhouse. */
const IMAGE = JSON.stringify({
  ...{ schemaVersion: 2, mediaType: INDEX, manifests: [], artifactType: SPITE },
  annotations: {
    "birdhouse.inputs": JSON.stringify({ [SPITE]: SPITE, branch: SPITE, packages: [SPITE] }),
    "birdhouse.packages": JSON.stringify({
      [SPITE]: { [SPITE]: [SPITE, 1] },
      "linux/amd64": { [SPITE]: [SPITE, 2] },
    }),
    "birdhouse.sizes": JSON.stringify({
      [SPITE]: { compressed: 1, unpacked: 2 },
      "linux/amd64": { compressed: 1, unpacked: 2 },
    }),
    "org.opencontainers.image.base.digest": SPITE,
    "birdhouse.version": SPITE,
  },
});

const LOCK = JSON.stringify({
  ...{ schemaVersion: 2, mediaType: INDEX, manifests: [] },
  ...{ artifactType: "application/vnd.birdhouse.lock.v1" },
  annotations: {
    "birdhouse.lock.owner": SPITE,
    "birdhouse.lock.token": SPITE,
    "birdhouse.lock.until": new Date(Date.now() + 120_000).toISOString(),
  },
});

const answer: Answer = (request, response) => {
  const [, name, , reference] = /^\/v2\/(.*)\/(manifests|tags)\/([^?]*)/.exec(request.url ?? "") ?? [];
  const send = (text: string, type: string) => {
    response.writeHead(200, { "content-type": type, "docker-content-digest": DIGEST(text) });
    response.end(request.method === "HEAD" ? undefined : text);
  };
  if (request.url === "/v2/") return send("{}", "application/json");
  if (reference === "list")
    return send(JSON.stringify({ name, tags: ["5.4", "5.4-dev", SPITE] }), "application/json");
  if (name?.endsWith("/birdhouse") && reference === "lock") return send(LOCK, INDEX);
  const isImage = reference === "5.4" || reference === "5.4-dev" || reference === DIGEST(IMAGE);
  if (name?.endsWith("/lua") && isImage) return send(IMAGE, INDEX);
  response.writeHead(404, { "content-type": "application/json" });
  response.end(JSON.stringify({ errors: [{ code: SPITE, message: SPITE }] }));
};

/** What a terminal or a CI would obey; of JSON too, where the escapes are another text. */
function obeyed(text: string): string[] {
  const patterns = [/(?![\n\t])[\p{Cc}\p{Cf}\u2028\u2029]/u, /^\s*::/m, /##\w*\[/];
  return patterns.flatMap((pattern) => {
    const found = pattern.exec(text);
    return found
      ? [`${pattern}: ${JSON.stringify(text.slice(Math.max(0, found.index - 60), found.index + 40))}`]
      : [];
  });
}

describe("what a stranger wrote into a registry", () => {
  let server: SecretServer;
  let directory: string;

  beforeAll(async () => {
    server = await SecretServer.open(answer);
    directory = await mkdtemp(join(tmpdir(), "birdhouse-shown-"));
    const catalog = smallCatalog(["lua"])
      .replace("127.0.0.1:5000/test", `${server.host}/test`)
      .replace("https://dl-cdn.alpinelinux.org/alpine", `http://${server.host}/alpine`)
      .replace("docker.io/library/alpine", `${server.host}/library/alpine`);
    await writeFile(join(directory, "catalog.yaml"), catalog);
  });
  afterAll(async () => {
    await server.close();
    await rm(directory, { recursive: true, force: true });
  });

  const run = ([verb = "", ...args]: readonly string[]) => {
    const catalog = verb === "runs" ? [] : ["--catalog", join(directory, "catalog.yaml")];
    const words = [...BIRDHOUSE, verb, ...args, ...catalog, "--state", join(directory, "state")];
    return tryRun(words, { env: { DOCKER_CONFIG: directory } });
  };

  it.each([
    ["inspect", "lua:5.4"],
    ["inspect", "lua:5.4", "--json"],
    ["sizes", "lua:5.4"],
    ["sizes", "lua:5.4", "--json"],
    ["explain", "lua:5.4"],
    ["plan", "lua:5.4"],
    ["plan", "lua:5.4", "--json"],
    ["plan", "lua:5.4", "--debug"],
    ["prune", "--dry-run"],
    ["history", "lua:5.4"],
    ["doctor"],
  ])("is not obeyed where %s %s %s shows it", async (...words) => {
    const { stdout, stderr } = await run(words);
    expect(obeyed(stdout)).toEqual([]);
    expect(obeyed(stderr)).toEqual([]);
    expect(stdout + stderr).not.toBe("");
  });

  it("is shown, as far as it can be read", async () => {
    const { stdout, stderr } = await run(["sizes", "lua:5.4"]);
    expect(stderr).toBe("");
    expect(stdout).toContain(": :error file=a::owned : :add-path::/tmp ## vso[task.complete]## [error]owned");
  });

  it("is in the account of a run as text alone, wherever that is read", async () => {
    const { exitCode, stdout, stderr } = await run(["rebuild", "lua:5.4"]);
    expect(stderr).toContain("publish");
    expect([exitCode, obeyed(stdout), obeyed(stderr)]).toEqual([3, [], []]);
    expect(stderr).toContain("owned");
    const listed = await run(["runs"]);
    const told = await run(["runs", "show"]);
    const json = await run(["runs", "show", "--json"]);
    expect(told.stdout).toContain("owned");
    for (const { stdout: text } of [listed, told, json]) expect(obeyed(text)).toEqual([]);
    for (const form of ["md", "html"]) {
      const page = await readFile(join(directory, `state/runs/latest.${form}`), "utf8");
      expect(page).toContain("owned");
      expect(obeyed(page)).toEqual([]);
      // In Markdown it stands in a block of code.
      if (form === "html") expect(page).not.toContain("<img");
    }
  });
});
