import { readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { run, tryRun } from "../../scripts/system/process/process.ts";
import { smallCatalog } from "../support/catalogs.ts";
import { unpackCosign } from "../support/cosign.ts";
import { type OwnSigstore, openSigstore, SIGSTORE, sigstorePrograms } from "../support/own-sigstore.ts";
import { titleOf } from "../support/peers.ts";
import { rememberBuilds } from "../support/remembered-builds.ts";
import { World } from "../support/world.ts";

rememberBuilds();

const programs = await sigstorePrograms();

const EMAIL = "birds@example.com";

const titled = (name: "rekor" | "fulcio") => titleOf(programs ? SIGSTORE[name] : undefined, name);

describe.skipIf(!programs).each([
  [titled("rekor"), "key"],
  [titled("fulcio"), "keyless"],
] as const)("%s", (_, kind) => {
  let sigstore: OwnSigstore;
  let world: World;
  /** The words by which a user says whose signature it must be. */
  let whose: string[];

  beforeAll(async () => {
    const bin = await unpackCosign("forky");
    sigstore = await openSigstore(programs ?? "", join(bin, "cosign"));
    const { signingConfig, trustedRoot } = sigstore.files;
    const files = `sigstore: { signingConfig: ${signingConfig}, trustedRoot: ${trustedRoot} }`;
    const identity = `keyless: true, identity: ${EMAIL}, issuer: "${sigstore.issuer}"`;
    const by = kind === "key" ? "key: cosign.key, log: true" : identity;
    world = await World.open(`sign: { ${by}, ${files} }\n${smallCatalog(["lua"])}`);
    vi.stubEnv("PATH", `${bin}${delimiter}${process.env.PATH}`);
    vi.stubEnv("COSIGN_PASSWORD", "a password");
    vi.stubEnv("SIGSTORE_ID_TOKEN", sigstore.token(EMAIL));
    // What the public Sigstore says of itself would be kept here.
    vi.stubEnv("TUF_ROOT", world.path("tuf"));
    await world.startRegistry();
    await run(["cosign", "generate-key-pair"], { cwd: world.directory });
    whose =
      kind === "key"
        ? ["--key", "cosign.pub"]
        : ["--certificate-identity", EMAIL, "--certificate-oidc-issuer", sigstore.issuer];
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await world?.close();
    await sigstore?.close();
  });

  const verify = async (more: { root?: string; whose?: readonly string[]; attested?: string } = {}) => {
    const what = more.attested ? ["verify-attestation", "--type", more.attested] : ["verify"];
    const root = more.root ?? sigstore.files.trustedRoot;
    const words = [...(more.whose ?? whose), "--trusted-root", root, "--allow-http-registry"];
    const argv = ["cosign", ...what, ...words, `${world.namespace}/lua:5.4`];
    return tryRun(argv, { cwd: world.directory });
  };

  it("records each signature and statement of an image, and cosign finds them there without a network", async () => {
    const { exitCode, output } = await world.birdhouse("rebuild", "lua:5.4", "--engine", "buildah");
    expect(exitCode, output).toBe(0);
    const { exitCode: verified, output: said } = await verify();
    expect(verified, said).toBe(0);
    for (const attested of ["slsaprovenance1", "cyclonedx"]) {
      expect((await verify({ attested })).exitCode, attested).toBe(0);
    }
    // Runtime and dev, each with a signature and at least three statements.
    expect(await sigstore.entries()).toBeGreaterThanOrEqual(8);
  });

  it("records nothing again when the same image is published once more", async () => {
    const before = await sigstore.entries();
    expect((await world.birdhouse("publish", "lua:5.4")).exitCode).toBe(0);
    expect(await sigstore.entries()).toBe(before);
  });

  it("is not believed by who trusts another log, or expects another hand", async () => {
    const text = await readFile(sigstore.files.trustedRoot, "utf8");
    const root = JSON.parse(text) as { tlogs: { publicKey: { rawBytes: string } }[] };
    for (const log of root.tlogs) {
      const bytes = Buffer.from(log.publicKey.rawBytes, "base64");
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      log.publicKey.rawBytes = bytes.toString("base64");
    }
    await writeFile(world.path("other-root.json"), JSON.stringify(root));
    expect((await verify({ root: world.path("other-root.json") })).exitCode).not.toBe(0);
    await run(["cosign", "generate-key-pair", "--output-key-prefix", "other"], { cwd: world.directory });
    const other =
      kind === "key"
        ? ["--key", "other.pub"]
        : ["--certificate-identity", "cats@example.com", "--certificate-oidc-issuer", sigstore.issuer];
    expect((await verify({ whose: other })).exitCode).not.toBe(0);
    expect((await verify()).exitCode).toBe(0);
  });

  it("keeps every tag where it is as long as it does not answer", async () => {
    await sigstore.stopLog();
    const { exitCode, output } = await world.birdhouse("rebuild", "lua:5.1", "--engine", "buildah");
    expect(exitCode).toBe(1);
    expect(output).toMatch(/connection refused/);
    expect(await world.registry.headManifest("test/lua", "5.1")).toBeUndefined();
    // What was recorded before is verified without it.
    expect((await verify()).exitCode).toBe(0);
  });
});
