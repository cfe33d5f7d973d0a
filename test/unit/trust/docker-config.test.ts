import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Credentials } from "../../../scripts/registry/credentials.ts";
import { dockerCredentials } from "../../../scripts/registry/credentials.ts";
import { withDockerConfig } from "../../../scripts/trust/docker-config.ts";

const lookup = (credentials?: Credentials) => async () => ({
  source: "a test",
  ...(credentials && { credentials }),
});
const PLACE = { registry: "registry.example", repository: "" };
const SECRET = { username: "bird", password: "se:cret" };

it("says nothing where the other program finds the same, or where there is nothing to say", async () => {
  const use = async (env: object) => expect(env).toEqual({});
  await withDockerConfig(PLACE, lookup(SECRET), lookup(SECRET), use);
  await withDockerConfig(PLACE, lookup(), lookup(SECRET), use);
});

it.each<[registry: string, credentials: Credentials]>([
  ["registry.example:5000", SECRET],
  ["registry.example", { identityToken: "token" }],
  ["docker.io", SECRET],
])(
  "writes what else there is as Docker would, for us alone and for a while: %s %j",
  async (registry, ours) => {
    let file = "";
    await withDockerConfig({ ...PLACE, registry }, lookup(ours), lookup(), async (env) => {
      file = join(env.DOCKER_CONFIG ?? "", "config.json");
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      expect(await readFile(file, "utf8")).not.toContain("se:cret");
      expect(await dockerCredentials(env)(registry)).toMatchObject({ credentials: ours });
    });
    expect(existsSync(file)).toBe(false);
  },
);

it("leaves nothing behind where the work fails", async () => {
  let directory = "";
  const work = withDockerConfig(PLACE, lookup(SECRET), lookup(), async (env) => {
    directory = env.DOCKER_CONFIG ?? "";
    throw new Error("no");
  });
  await expect(work).rejects.toThrow("no");
  expect(existsSync(directory)).toBe(false);
});

it("hands on what is for the repository, which the other program may not look for", async () => {
  const team = { username: "team", password: "p" };
  const found = async () => ({
    source: "a test",
    credentials: SECRET,
    paths: [{ path: "team-a", source: "a test", credentials: team }],
  });
  const login = async (repository: string) => {
    let known: unknown = "its own";
    await withDockerConfig({ ...PLACE, repository }, found, found, async (env) => {
      if (env.DOCKER_CONFIG) known = (await dockerCredentials(env)("registry.example")).credentials;
    });
    return known;
  };
  expect(await login("team-a/node")).toEqual(team);
  expect(await login("base/node")).toBe("its own");
  expect(await login("team-a")).toBe("its own");
});
