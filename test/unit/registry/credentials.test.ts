import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { credentialsFor, dockerCredentials } from "../../../scripts/registry/credentials.ts";
import { UserError } from "../../../scripts/system/errors.ts";
import { temporaryDirectory } from "../formats/oci/sample-image.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");

/** What a helper that ends so would have the lookup see. */
function helper(exitCode: number, output: string) {
  return vi.fn(async () => ({ exitCode, stdout: output, stderr: "", output }));
}

async function setUp(config: unknown, run = helper(1, "no helper expected")) {
  const directory = await temporaryDirectory();
  const file = join(directory, "config.json");
  if (config !== undefined) {
    await writeFile(file, typeof config === "string" ? config : JSON.stringify(config));
  }
  return { file, run, lookup: dockerCredentials({ DOCKER_CONFIG: directory }, run) };
}

describe("dockerCredentials", () => {
  it("is anonymous where there is no file, or nothing for the registry in it", async () => {
    const none = await setUp(undefined);
    const source = `none for r.example in ${none.file}, so anonymous`;
    expect(await none.lookup("r.example")).toEqual({ source });
    const other = await setUp({ auths: { "other.example": { auth: base64("me:secret") } } });
    expect(await other.lookup("r.example")).not.toHaveProperty("credentials");
  });

  it.each([
    ["r.example:5000", "r.example:5000"],
    ["https://r.example:5000/v1/", "r.example:5000"],
    ["https://index.docker.io/v1/", "docker.io"],
  ])("finds what is stored under %s", async (key, registry) => {
    const { lookup, file } = await setUp({ auths: { [key]: { auth: base64("me:se:cret") } } });
    const credentials = { username: "me", password: "se:cret" };
    expect(await lookup(registry)).toEqual({ credentials, source: `auths in ${file}` });
  });

  it("takes a refresh token over a password, and a password as it stands", async () => {
    const { lookup } = await setUp({
      auths: {
        "a.example": { auth: base64("me:secret"), identitytoken: "refresh" },
        "b.example": { username: "me", password: "plain" },
      },
    });
    expect((await lookup("a.example")).credentials).toEqual({ identityToken: "refresh" });
    expect((await lookup("b.example")).credentials).toEqual({ username: "me", password: "plain" });
  });

  it("asks the registry's own helper before the general store", async () => {
    const run = helper(0, '{"ServerURL":"r.example","Username":"me","Secret":"kept"}');
    const { lookup } = await setUp({ credHelpers: { "r.example": "ecr-login" }, credsStore: "pass" }, run);
    const credentials = { username: "me", password: "kept" };
    expect(await lookup("r.example")).toEqual({ credentials, source: "docker-credential-ecr-login" });
    expect(run).toHaveBeenLastCalledWith(["docker-credential-ecr-login", "get"], { input: "r.example" });
    await lookup("docker.io");
    const input = "https://index.docker.io/v1/";
    expect(run).toHaveBeenLastCalledWith(["docker-credential-pass", "get"], { input });
  });

  it("understands a helper's refresh token", async () => {
    const run = helper(0, '{"Username":"<token>","Secret":"refresh"}');
    const { lookup } = await setUp({ credsStore: "pass" }, run);
    expect((await lookup("r.example")).credentials).toEqual({ identityToken: "refresh" });
  });

  it("falls back to the file when the helper has nothing", async () => {
    const run = helper(1, "credentials not found in native keychain");
    const auths = { "r.example": { auth: base64("me:secret") } };
    const { lookup, file } = await setUp({ credsStore: "pass", auths }, run);
    expect((await lookup("r.example")).source).toBe(`auths in ${file}`);
  });

  it("says which helper failed, and which file names it", async () => {
    const { lookup, file } = await setUp({ credsStore: "pass" }, helper(127, "command not found"));
    await expect(lookup("r.example")).rejects.toThrow(UserError);
    await expect(lookup("r.example")).rejects.toMatchObject({
      message: "docker-credential-pass gave no credentials for r.example: command not found",
      hint: expect.stringContaining(file),
    });
    const talkative = await setUp({ credsStore: "pass" }, helper(0, "hello"));
    await expect(talkative.lookup("r.example")).rejects.toThrow(
      /did not answer with a Username and a Secret/,
    );
  });

  it.each([
    ["{", "is not JSON"],
    [{ auths: { "r.example": "me:secret" } }, "is not as Docker writes it"],
    [{ auths: { "r.example": { auth: base64("secret") } } }, "is not USER:PASSWORD in base64"],
  ])("names a file that cannot be understood, but never a secret in it", async (config, message) => {
    const { lookup, file } = await setUp(config);
    const failure = await lookup("r.example").catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UserError);
    expect(String(failure)).toContain(file);
    expect(String(failure)).toContain(message);
    expect(String(failure)).not.toContain("secret");
  });

  it("looks in the environment, and where podman keeps its own, each only for want of one before it", async () => {
    const directory = await temporaryDirectory();
    const configOf = (user: string) =>
      JSON.stringify({ auths: { "r.example": { auth: base64(`${user}:p`) } } });
    const named = join(directory, "named.json");
    await mkdir(join(directory, "containers"));
    await writeFile(named, configOf("named"));
    await writeFile(join(directory, "config.json"), configOf("docker"));
    await writeFile(join(directory, "containers/auth.json"), configOf("podman"));
    const all = {
      DOCKER_AUTH_CONFIG: configOf("variable"),
      REGISTRY_AUTH_FILE: named,
      DOCKER_CONFIG: directory,
      XDG_RUNTIME_DIR: directory,
    };
    const find = async (env: Record<string, string>) => {
      const { credentials, source } = await dockerCredentials(env)("r.example");
      return [credentials && "username" in credentials ? credentials.username : "", source];
    };
    expect(await find(all)).toEqual(["variable", "auths in the variable DOCKER_AUTH_CONFIG"]);
    expect(await find({ ...all, DOCKER_AUTH_CONFIG: "{}" })).toEqual(["named", `auths in ${named}`]);
    expect((await find({ ...all, DOCKER_AUTH_CONFIG: "", REGISTRY_AUTH_FILE: "" }))[0]).toBe("docker");
    expect((await find({ HOME: join(directory, "none"), XDG_RUNTIME_DIR: directory }))[0]).toBe("podman");
  });
});

describe("credentials for some paths of a registry (R7)", () => {
  const auth = (user: string) => ({ auth: base64(`${user}:p`) });

  /** Who we are to each repository; `-` for nobody. */
  async function users(config: unknown, registry: string, repositories: readonly string[]) {
    const { lookup } = await setUp(config);
    const found = await lookup(registry);
    return repositories.map((repository) => {
      const { credentials } = credentialsFor(found, repository);
      return credentials && "username" in credentials ? credentials.username : "-";
    });
  }

  it("are those of the longest path that a repository lies under, else the host's", async () => {
    const auths = {
      "harbor.example/team-a": auth("a"),
      "harbor.example": auth("host"),
      "harbor.example/team-a/deep": auth("deep"),
      "harbor.example/team-b": auth("b"),
    };
    const asked = [
      "base",
      "base/node",
      "team-a",
      "team-a/x",
      "team-a/deep/x",
      "team-a/deeper",
      "team-ab/x",
      "team",
    ];
    const expected = ["host", "host", "a", "a", "deep", "a", "host", "host"];
    expect(await users({ auths }, "harbor.example", asked)).toEqual(expected);
    const reversed = Object.fromEntries(Object.entries(auths).reverse());
    expect(await users({ auths: reversed }, "harbor.example", asked)).toEqual(expected);
  });

  it("are never another path's, nor another port's", async () => {
    const auths = { "harbor.example/team-a": auth("a"), "harbor.example:8443/base": auth("port") };
    expect(await users({ auths }, "harbor.example", ["base/node", "team-a/x"])).toEqual(["-", "a"]);
    expect(await users({ auths }, "harbor.example:8443", ["base/node", "team-a/x"])).toEqual(["port", "-"]);
  });

  it.each([
    ["https://harbor.example/v1/", "host"],
    ["https://harbor.example/v2/", "host"],
    ["http://HARBOR.example", "host"],
    ["harbor.example/", "host"],
    ["harbor.example/v1/", "host"],
    ["https://harbor.example/team-a/", "-"],
    ["harbor.example.org", "-"],
    ["sub.harbor.example", "-"],
  ])("have a key in any form: %s", async (key, user) => {
    expect(await users({ auths: { [key]: auth("host") } }, "harbor.example", ["base/node"])).toEqual([user]);
  });

  it.each(["docker.io", "index.docker.io", "https://index.docker.io/v1/", "registry-1.docker.io"])(
    "know Docker Hub as %s, and its paths",
    async (key) => {
      const auths = { [key]: auth("me"), "docker.io/team": auth("team") };
      expect(await users({ auths }, "docker.io", ["base/node", "team/node"])).toEqual(["me", "team"]);
    },
  );

  it("leave out a path that an empty entry stands for, and are asked of a helper that is named for a path", async () => {
    const run = helper(0, '{"Username":"kept","Secret":"p"}');
    const config = {
      auths: { "r.example/team": {}, "r.example": auth("host") },
      credHelpers: { "r.example/x": "h" },
    };
    const { lookup } = await setUp(config, run);
    const found = await lookup("r.example");
    expect(credentialsFor(found, "team/node").credentials).toMatchObject({ username: "host" });
    expect(credentialsFor(found, "x/node").credentials).toMatchObject({ username: "kept" });
    expect(run.mock.calls).toEqual([[["docker-credential-h", "get"], { input: "r.example/x" }]]);
  });

  it("say where they come from, and are of the first place that has some", async () => {
    const directory = await temporaryDirectory();
    const named = join(directory, "named.json");
    await writeFile(named, JSON.stringify({ auths: { "r.example/team": auth("named") } }));
    await writeFile(
      join(directory, "config.json"),
      JSON.stringify({ auths: { "r.example": auth("docker"), "r.example/team/deep": auth("late") } }),
    );
    const env = { REGISTRY_AUTH_FILE: named, DOCKER_CONFIG: directory };
    const found = await dockerCredentials(env)("r.example");
    expect(credentialsFor(found, "team/deep/x")).toMatchObject({
      credentials: { username: "named" },
      source: `auths of r.example/team in ${named}`,
    });
    expect(credentialsFor(found, "base/x")).toMatchObject({ credentials: { username: "docker" } });
  });
});
