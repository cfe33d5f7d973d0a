import { readFile, writeFile } from "node:fs/promises";
import { delimiter } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { digestOf } from "../../scripts/formats/oci/digest.ts";
import { type Descriptor, manifestSchema, parseDocument } from "../../scripts/formats/oci/types.ts";
import type { ManifestContent } from "../../scripts/registry/client.ts";
import { detach, listReferrer, referrersOf } from "../../scripts/registry/referrers.ts";
import { type ProcessResult, run, tryRun } from "../../scripts/system/process/process.ts";
import { smallCatalog } from "../support/catalogs.ts";
import { unpackCosign } from "../support/cosign.ts";
import { fakeTrivy } from "../support/fake-scanner.ts";
import { openVexSchema } from "../support/openvex.ts";
import { commandsOf } from "../support/readme.ts";
import { rememberBuilds } from "../support/remembered-builds.ts";
import { SOAK } from "../support/soak.ts";
import { World } from "../support/world.ts";

rememberBuilds();

const README = new URL("../../README.md", import.meta.url);

/** Lets one vulnerability through, of which VEX then tells. */
const GATE = `gate:
  scanner: trivy
  exceptions: [{ id: CVE-2031-1, reason: Not reached., until: 2099-01-01 }]
`;

/** What the README's images are called. */
const WRITTEN = "127.0.0.1:5000/birdhouse/node:22";

describe.each([
  ["2", "trixie", "tags"],
  ["3", "forky", "bundles"],
  ["3 that signs as 2 does", "forky", "tags"],
] as const)("signatures, with the real cosign %s and a real registry", (name, suite, manner) => {
  const isAsBefore = name === "3 that signs as 2 does";
  /** What the two before have shown, each for one half of this: the manner, and the cosign. */
  const itOfTwo = it.skipIf(isAsBefore && !SOAK);
  let world: World;
  /** What the README tells people to type, for an image of this world. */
  let commands: string[];

  beforeAll(async () => {
    const asBefore = isAsBefore ? ", bundle: false" : "";
    world = await World.open(`sign: { key: cosign.key${asBefore} }\n${GATE}${smallCatalog(["lua"])}`);
    const programs = [await unpackCosign(suite), world.path("bin")].join(delimiter);
    vi.stubEnv("PATH", `${programs}${delimiter}${process.env.PATH}`);
    vi.stubEnv("COSIGN_PASSWORD", "a password");
    await fakeTrivy(world.path("bin"), [
      { VulnerabilityID: "CVE-2031-1", PkgName: "lua5.4", InstalledVersion: "5.4.7-r0", Severity: "HIGH" },
    ]);
    await world.startRegistry();
    await run(["cosign", "generate-key-pair"], { cwd: world.directory });
    commands = commandsOf(await readFile(README, "utf8"))
      .split("\n")
      .filter((line) => line.startsWith("cosign verify"))
      .map((line) => line.replace(WRITTEN, `${world.namespace}/lua:5.4`));
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await world.close();
  });

  const type = (command: string): Promise<ProcessResult> =>
    tryRun(["sh", "-c", command], { cwd: world.directory });
  const verifications = async () => {
    const exitCodes: number[] = [];
    for (const command of commands) exitCodes.push((await type(command)).exitCode);
    return exitCodes;
  };
  const read = async (reference: string): Promise<ManifestContent> => {
    const manifest = await world.registry.getManifest("test/lua", reference);
    if (!manifest) throw new Error(`there is no ${reference}`);
    return manifest;
  };
  const place = () => ({ registry: world.registry, repository: "test/lua" });
  /** Where cosign 2 keeps what it has to say of an image. */
  const besideOf = async (tag: string, kind: "sig" | "att") =>
    `${(await read(tag)).digest.replace(":", "-")}.${kind}`;
  /** The digests of all by which an image is signed. */
  const signaturesOf = async (tag: string): Promise<string[]> => {
    if (manner === "bundles") return (await bundlesOf(tag)).map(({ digest }) => digest);
    const tags = [await besideOf(tag, "sig"), await besideOf(tag, "att")];
    const found = await Promise.all(tags.map((one) => world.registry.headManifest("test/lua", one)));
    return found.flatMap((one) => one?.digest ?? []);
  };
  /** What cosign 3 attaches to an image. */
  const bundlesOf = async (tag: string): Promise<Descriptor[]> => {
    const listed = await referrersOf(place(), (await read(tag)).digest);
    const isBundle = async ({ digest }: Descriptor) =>
      parseDocument(manifestSchema, (await read(digest)).bytes, digest).artifactType?.includes("sigstore");
    const which = await Promise.all(listed.map((one) => isBundle(one)));
    return listed.filter((_, index) => which[index]);
  };
  /** A manifest whose content has one changed byte, put into the registry. */
  const spoilt = async (reference: string): Promise<ManifestContent> => {
    const manifest = await read(reference);
    const document = parseDocument(manifestSchema, manifest.bytes, reference);
    const layers = [];
    for (const layer of document.layers) {
      const bytes = await world.registry.getBlob("test/lua", layer);
      if (!bytes) throw new Error(`${reference} has no content`);
      // Of a base64 text or of a name: it is still what it was by its form.
      const at = Math.floor(bytes.length / 2);
      bytes[at] = bytes[at] === 0x61 ? 0x62 : 0x61;
      const path = world.path("changed");
      await writeFile(path, bytes);
      const blob = { digest: digestOf(bytes), size: bytes.length };
      await world.registry.uploadBlob("test/lua", { path, ...blob });
      layers.push({ ...layer, ...blob });
    }
    const bytes = Buffer.from(JSON.stringify({ ...document, layers }));
    return { ...manifest, bytes, digest: digestOf(bytes) };
  };

  it("the README's commands name the image, and cover signature and attestation", () => {
    expect(commands.length).toBeGreaterThanOrEqual(2);
    for (const command of commands) expect(command).toContain(`${world.namespace}/lua:5.4`);
    expect(commands.some((command) => command.startsWith("cosign verify-attestation "))).toBe(true);
  });

  it("signs what it publishes, and the README's commands verify it", async () => {
    const { exitCode, stdout, stderr } = await world.birdhouse("rebuild", "lua:5.4", "--engine", "buildah");
    expect(`${stdout}${stderr}`).toContain("2 targets published, 0 failed, 0 held back.");
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/^signing with the key .*cosign\.key$/m);
    for (const command of commands) {
      const result = await type(command);
      expect(result.exitCode, result.output).toBe(0);
    }
    const dev = (commands[0] ?? "").replace("lua:5.4", "lua:5.4-dev");
    expect((await type(dev)).exitCode).toBe(0);
  });

  itOfTwo("the provenance says what was asked for", async () => {
    const command = commands.find((line) => line.includes("slsaprovenance1")) ?? "";
    const { payload } = JSON.parse((await type(command)).stdout) as { payload: string };
    const statement = JSON.parse(Buffer.from(payload, "base64").toString("utf8")) as Statement;
    const { digest } = await read("5.4");
    expect(statement.subject[0]?.digest.sha256).toBe(digest.replace("sha256:", ""));
    expect(statement.predicate.buildDefinition.buildType).toMatch(/^\w+:/);
    expect(JSON.stringify(statement.predicate)).toContain("lua:5.4");
  });

  itOfTwo("the VEX says what was let through, and is attested like the rest", async () => {
    const verify = "cosign verify-attestation --key cosign.pub --insecure-ignore-tlog=true";
    const command = `${verify} --allow-http-registry --type https://openvex.dev/ns ${world.namespace}/lua:5.4`;
    const { stdout, output } = await type(command);
    expect(stdout, output).not.toBe("");
    const { payload } = JSON.parse(stdout) as { payload: string };
    const { predicate } = JSON.parse(Buffer.from(payload, "base64").toString("utf8")) as Statement;
    const { statements } = openVexSchema.parse(predicate);
    expect(statements.map((one) => `${one.vulnerability.name} ${one.status}`)).toEqual([
      "CVE-2031-1 affected",
    ]);
    const { stdout: attached } = await world.birdhouse("inspect", "lua:5.4", "--vex");
    expect(JSON.parse(attached)).toEqual(predicate);
  });

  itOfTwo("signs nothing again when the same image is published once more", async () => {
    const before = await signaturesOf("5.4");
    expect(before.length).toBeGreaterThanOrEqual(2);
    expect((await world.birdhouse("publish", "lua:5.4")).exitCode).toBe(0);
    expect(await signaturesOf("5.4")).toEqual(before);
  });

  it("is where it belongs, and status finds it", async () => {
    const tag = await besideOf("5.4", "sig");
    const inTag = await world.registry.headManifest("test/lua", tag);
    expect(inTag === undefined).toBe(manner === "bundles");
    expect((await bundlesOf("5.4")).length > 0).toBe(manner === "bundles");
    const { stdout } = await world.birdhouse("status", "lua:5.4", "--json");
    expect(signedIn(stdout)).toEqual([true]);
  });

  itOfTwo("the same commands verify what was exported and imported", async () => {
    const far = `${world.registryHost}/far`;
    expect((await world.birdhouse("export", "lua:5.4", "--to", world.path("gap.tar"))).exitCode).toBe(0);
    const { exitCode, output } = await world.birdhouse("import", world.path("gap.tar"), "--registry", far);
    expect(exitCode, output).toBe(0);
    for (const command of commands) {
      const there = command.replace(`${world.namespace}/`, `${far}/`);
      expect((await type(there)).exitCode, there).toBe(0);
    }
  });

  itOfTwo("another key verifies nothing", async () => {
    await run(["cosign", "generate-key-pair", "--output-key-prefix", "other"], { cwd: world.directory });
    for (const command of commands) {
      expect((await type(command.replace("cosign.pub", "other.pub"))).exitCode).not.toBe(0);
    }
  });

  itOfTwo("one changed byte of the image fails all of them", async () => {
    const image = await read("5.4");
    // Somewhere in the name of a platform or a note: it is still an index.
    const bytes = Buffer.from(image.bytes);
    const at = bytes.lastIndexOf("lua");
    bytes[at] = "k".charCodeAt(0);
    const changed = { ...image, bytes, digest: digestOf(bytes) };
    await world.registry.putManifest("test/lua", "5.4", changed);
    const exitCodes = await verifications();
    await world.registry.putManifest("test/lua", "5.4", image);
    expect(exitCodes).not.toContain(0);
    expect(await verifications()).toEqual(commands.map(() => 0));
  });

  it.skipIf(manner === "bundles" || (isAsBefore && !SOAK)).each(["sig", "att"] as const)(
    "one changed byte of what is signed fails it (%s)",
    async (kind) => {
      const tag = await besideOf("5.4", kind);
      await world.registry.putManifest("test/lua", tag, await spoilt(tag));
      const concerned = commands.filter((line) => line.startsWith("cosign verify ") === (kind === "sig"));
      for (const command of concerned) expect((await type(command)).exitCode).not.toBe(0);

      // What is no good signature is made again.
      expect((await world.birdhouse("publish", "lua:5.4")).exitCode).toBe(0);
      expect(await verifications()).toEqual(commands.map(() => 0));
    },
  );

  it.skipIf(manner === "tags")("one changed byte of what is signed fails it", async () => {
    const { digest: subject } = await read("5.4");
    for (const bundle of await bundlesOf("5.4")) {
      const manifest = await spoilt(bundle.digest);
      await world.registry.putManifest("test/lua", manifest.digest, manifest);
      await detach(place(), subject, bundle);
      const { mediaType, digest, bytes } = manifest;
      await listReferrer(place(), subject, { ...bundle, mediaType, digest, size: bytes.length });
    }
    expect(await verifications()).not.toContain(0);

    expect((await world.birdhouse("publish", "lua:5.4")).exitCode).toBe(0);
    expect(await verifications()).toEqual(commands.map(() => 0));
  });

  itOfTwo("ends before anything is done where the key cannot be used", async () => {
    const missing = await world.birdhouse("publish", "lua:5.4", "--sign", world.path("no.key"));
    expect(missing.exitCode).toBe(2);
    expect(missing.stderr).toMatch(/cosign cannot use the key .*no\.key: .*no such file/);
    vi.stubEnv("COSIGN_PASSWORD", "another");
    const wrong = await world.birdhouse("publish", "lua:5.4");
    vi.stubEnv("COSIGN_PASSWORD", "a password");
    expect(wrong.exitCode).toBe(2);
    expect(wrong.stderr).toContain("→ give its password in COSIGN_PASSWORD");
  });

  it.skipIf(name !== "2" && !SOAK)("--sign off leaves an image unsigned", async () => {
    const args = ["lua:5.1", "--engine", "buildah", "--sign", "off"];
    expect((await world.birdhouse("rebuild", ...args)).exitCode).toBe(0);
    expect(await signaturesOf("5.1")).toEqual([]);
    const { stdout } = await world.birdhouse("status", "lua:5.1", "--json");
    expect(signedIn(stdout)).toEqual([false]);
  });
});

it("what cosign 2 signed is good to cosign 3, which signs it no second time", async () => {
  const programs = { two: await unpackCosign("trixie"), three: await unpackCosign("forky") };
  const path = process.env.PATH;
  const world = await World.open(`sign: { key: cosign.key }\n${smallCatalog(["lua"])}`);
  try {
    vi.stubEnv("COSIGN_PASSWORD", "");
    vi.stubEnv("PATH", `${programs.two}${delimiter}${path}`);
    await world.startRegistry();
    await run(["cosign", "generate-key-pair"], { cwd: world.directory });
    expect((await world.birdhouse("rebuild", "lua:5.4", "--engine", "buildah")).exitCode).toBe(0);
    const listed = async () => (await world.registry.listTags("test/lua")).toSorted();
    const before = await listed();
    const { digest } = (await world.registry.headManifest("test/lua", "5.4")) ?? { digest: "" };
    const attached = await referrersOf({ registry: world.registry, repository: "test/lua" }, digest);
    vi.stubEnv("PATH", `${programs.three}${delimiter}${path}`);
    expect((await world.birdhouse("publish", "lua:5.4")).exitCode).toBe(0);
    expect(await listed()).toEqual(before);
    expect(await referrersOf({ registry: world.registry, repository: "test/lua" }, digest)).toEqual(attached);
  } finally {
    vi.unstubAllEnvs();
    await world.close();
  }
});

/** Whether each target is signed, as `status --json` has it. */
function signedIn(stdout: string): unknown[] {
  const { status } = JSON.parse(stdout) as { status: { signed: boolean | null }[] };
  return status.map(({ signed }) => signed);
}

interface Statement {
  readonly subject: readonly { digest: { sha256: string } }[];
  readonly predicate: { buildDefinition: { buildType: string } };
}
