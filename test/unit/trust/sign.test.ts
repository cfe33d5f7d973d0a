import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Signing } from "../../../scripts/model/signing.ts";
import { Registry } from "../../../scripts/registry/client.ts";
import { UserError } from "../../../scripts/system/errors.ts";
import { CommandError } from "../../../scripts/system/process/process.ts";
import { type Attestation, type ImageToSign, openSigner, type Signer } from "../../../scripts/trust/sign.ts";
import { FakeCosign, IMAGE_DIGESTS, PUBLIC_KEY } from "../../support/fake-cosign.ts";
import { temporaryDirectory } from "../formats/oci/sample-image.ts";

const KEY: Signing = { kind: "key", key: "/a.key", log: false };
const [INDEX, AMD64, ARM64] = IMAGE_DIGESTS;

/** Nobody asks it for anything but its name where nothing is attached. */
const PLACE = { registry: new Registry("127.0.0.1:5000"), repository: "base/node" };

/** A Docker configuration with credentials for the registry below. */
const CONFIG = JSON.stringify({
  auths: { "127.0.0.1:5000": { auth: Buffer.from("bird:secret").toString("base64") } },
});

const provenance = (startedOn: string, target = "node:22"): Attestation => ({
  type: "slsaprovenance1",
  document: JSON.stringify({ buildDefinition: { target }, runDetails: { metadata: { startedOn } } }),
});

const image = (attestations: readonly Attestation[], manifests: readonly string[] = [AMD64]) => ({
  ...{ place: PLACE, digest: INDEX },
  ...{ manifests, attestations },
});

/** Has an image signed, and tells what that sent. */
async function signed(signer: Signer, cosign: FakeCosign, of: ImageToSign) {
  const before = cosign.sent.length;
  await signer.sign(of);
  const sent = cosign.sent.slice(before);
  return {
    signed: sent.some((one) => one.startsWith("sign ")),
    attested: sent.filter((one) => one.startsWith("attest ")).length,
  };
}

describe("a signer", () => {
  it("signs and attests once, and sends nothing when there is nothing new", async () => {
    const cosign = new FakeCosign();
    const signer = await openSigner(KEY, { run: cosign.run });
    expect(signer.title).toBe("the key /a.key");
    expect(await signed(signer, cosign, image([provenance("today")]))).toEqual({ signed: true, attested: 1 });
    expect(cosign.sent).toEqual(["sign 1", "attest 1 https://slsa.dev/provenance/v1"]);
    expect(await signed(signer, cosign, image([provenance("tomorrow")]))).toEqual({
      signed: false,
      attested: 0,
    });
    expect(cosign.sent).toHaveLength(2);
  });

  it("replaces a statement that says something else now", async () => {
    const cosign = new FakeCosign();
    const signer = await openSigner(KEY, { run: cosign.run });
    await signer.sign(image([provenance("today")]));
    const changed = image([provenance("today", "node:23")]);
    expect(await signed(signer, cosign, changed)).toEqual({ signed: false, attested: 1 });
    expect(await signed(signer, cosign, changed)).toEqual({ signed: false, attested: 0 });
  });

  it("says a statement anew beside one that is damaged, which cosign cannot replace", async () => {
    const cosign = new FakeCosign();
    const signer = await openSigner(KEY, { run: cosign.run });
    cosign.answer = (argv) =>
      argv.includes("--replace") ? { exitCode: 1, stderr: "Error: no payload\n" } : undefined;
    expect(await signed(signer, cosign, image([provenance("today")]))).toEqual({ signed: true, attested: 1 });
    expect(cosign.sent.at(-1)).toBe("attest 1 https://slsa.dev/provenance/v1");
    cosign.answer = (argv) => (argv[1] === "attest" ? { exitCode: 1, stderr: "Error: no\n" } : undefined);
    await expect(signer.sign(image([provenance("today", "node:23")]))).rejects.toThrow(CommandError);
  });

  it("keeps several statements of one type about one image beside each other", async () => {
    const cosign = new FakeCosign();
    const signer = await openSigner(KEY, { run: cosign.run });
    const bom = (name: string, serialNumber: string): Attestation => ({
      type: "cyclonedx",
      document: JSON.stringify({ name, serialNumber, metadata: { timestamp: serialNumber } }),
    });
    expect(await signed(signer, cosign, image([bom("a", "1"), bom("b", "2")]))).toEqual({
      signed: true,
      attested: 2,
    });
    expect(await signed(signer, cosign, image([bom("b", "3"), bom("a", "4")]))).toEqual({
      signed: false,
      attested: 0,
    });
    expect(await signed(signer, cosign, image([bom("b", "3")]))).toEqual({ signed: false, attested: 1 });
  });

  it("signs each of several platforms, and again if one of them lacks its signature", async () => {
    const cosign = new FakeCosign();
    const signer = await openSigner(KEY, { run: cosign.run });
    const both = image([], [AMD64, ARM64]);
    expect(await signed(signer, cosign, both)).toEqual({ signed: true, attested: 0 });
    expect(await signed(signer, cosign, both)).toEqual({ signed: false, attested: 0 });
    cosign.answer = (argv) =>
      argv[1] === "verify" && argv.at(-1)?.endsWith(ARM64) ? { exitCode: 12 } : undefined;
    expect((await signed(signer, cosign, both)).signed).toBe(true);
    expect(cosign.sent).toEqual(["sign 1 and below", "sign 1 and below"]);
  });

  it("gives cosign a password in any case, so that it takes no document for one", async () => {
    const cosign = new FakeCosign();
    const signer = await openSigner(KEY, { run: cosign.run, env: {} });
    await signer.sign(image([provenance("today")]));
    const ofWork = cosign.seen.slice(1);
    expect(ofWork.map(({ env }) => env?.COSIGN_PASSWORD)).toEqual(ofWork.map(() => ""));
    expect(ofWork.at(-1)?.env?.BIRDHOUSE_COSIGN_PUBLIC_KEY).toBe(PUBLIC_KEY);
  });

  it("signs keyless anew where nobody said whose signatures are our own", async () => {
    const cosign = new FakeCosign();
    const nobody = await openSigner({ kind: "keyless" }, { run: cosign.run });
    await nobody.sign(image([]));
    expect((await signed(nobody, cosign, image([]))).signed).toBe(true);
    const identity = { subject: "me", issuer: "https://issuer.example" };
    const someone = await openSigner({ kind: "keyless", identity }, { run: cosign.run });
    expect((await signed(someone, cosign, image([]))).signed).toBe(false);
  });

  it.each<[kind: string, env: (home: string) => Record<string, string>]>([
    ["DOCKER_AUTH_CONFIG", () => ({ DOCKER_AUTH_CONFIG: CONFIG })],
    ["REGISTRY_AUTH_FILE", (home) => ({ REGISTRY_AUTH_FILE: join(home, "auth.json") })],
    ["podman's auth.json", (home) => ({ XDG_RUNTIME_DIR: home })],
  ])("gives cosign credentials that only we find: in %s", async (_, env) => {
    const home = await temporaryDirectory();
    await writeFile(join(home, "auth.json"), CONFIG);
    await mkdir(join(home, "containers"));
    await writeFile(join(home, "containers/auth.json"), CONFIG);
    const cosign = new FakeCosign();
    const seen: unknown[] = [];
    cosign.answer = (argv) => {
      if (argv[1] !== "sign" || !argv.at(-1)?.includes("@")) return undefined;
      const {
        DOCKER_CONFIG = "nowhere",
        DOCKER_AUTH_CONFIG,
        REGISTRY_AUTH_FILE,
      } = cosign.seen.at(-1)?.env ?? {};
      seen.push(
        readFileSync(join(DOCKER_CONFIG, "config.json"), "utf8"),
        DOCKER_AUTH_CONFIG,
        REGISTRY_AUTH_FILE,
      );
      return undefined;
    };
    const signer = await openSigner(KEY, { run: cosign.run, env: { HOME: home, ...env(home) } });
    await signer.sign(image([]));
    expect(seen).toEqual([CONFIG, "", ""]);
  });

  it("leaves cosign to what it finds by itself, as a helper that docker names", async () => {
    const home = await temporaryDirectory();
    await mkdir(join(home, ".docker"));
    await writeFile(join(home, ".docker/config.json"), CONFIG);
    const cosign = new FakeCosign();
    const signer = await openSigner(KEY, { run: cosign.run, env: { HOME: home } });
    await signer.sign(image([]));
    expect(cosign.seen.filter(({ env }) => env?.DOCKER_CONFIG !== undefined)).toEqual([]);
  });

  it("signs something that goes nowhere before all else, with the very flags it will use", async () => {
    const cosign = new FakeCosign();
    const asked: string[] = [];
    cosign.answer = (argv) => void asked.push(argv.join(" "));
    await openSigner({ ...KEY, bundle: false }, { run: cosign.run });
    expect(asked.at(-1)).toBe(
      "cosign sign-blob --yes --key /a.key --tlog-upload=false --new-bundle-format=false --use-signing-config=false -",
    );
  });

  it("asks cosign 2 without the flags that only cosign 3 knows", async () => {
    const cosign = new FakeCosign();
    cosign.answer = (argv) => {
      const isNew = argv.includes("--use-signing-config=false");
      return isNew ? { exitCode: 1, stderr: "Error: unknown flag: --use-signing-config\n" } : undefined;
    };
    const signer = await openSigner(KEY, { run: cosign.run });
    expect(await signed(signer, cosign, image([provenance("today")]))).toEqual({ signed: true, attested: 1 });
  });

  it.each(["2.5", "2.6"])(
    "leaves bundles to those that make them by themselves, not cosign %s",
    async (release) => {
      const cosign = new FakeCosign(3);
      const asked: string[] = [];
      cosign.answer = (argv) => {
        asked.push(argv.join(" "));
        if (!argv.includes("--signing-config")) return undefined;
        return release === "2.5"
          ? { exitCode: 1, stderr: "Error: unknown flag: --signing-config\n" }
          : { stdout: "    --use-signing-config=false:\n" };
      };
      await openSigner(KEY, { run: cosign.run });
      expect(asked.at(-1)).toContain("--tlog-upload=false");
      const sigstore = { signingConfig: "/a.json", trustedRoot: "/b.json" };
      await expect(openSigner({ ...KEY, log: true, sigstore }, { run: cosign.run })).rejects.toMatchObject({
        message:
          "cosign of this version knows of no Sigstore but the public one, and sign.sigstore of the catalog names another",
        hint: "use cosign 3, or remove sign.sigstore",
      });
    },
  );

  it("looks into the files of a Sigstore before anything is built", async () => {
    const folder = await temporaryDirectory();
    const path = (name: string) => join(folder, name);
    const of = (kind: string) => JSON.stringify({ mediaType: `application/vnd.dev.sigstore.${kind}+json` });
    await writeFile(path("services.json"), of("signingconfig.v0.2"));
    await writeFile(path("root.json"), of("trustedroot"));
    await writeFile(path("text"), "hello");
    const open = (signingConfig: string, trustedRoot: string) => {
      const sigstore = { signingConfig: path(signingConfig), trustedRoot: path(trustedRoot) };
      return openSigner({ kind: "keyless", sigstore }, { run: new FakeCosign(3).run });
    };
    await open("services.json", "root.json");
    await expect(open("root.json", "root.json")).rejects.toMatchObject({
      message: `sign.sigstore.signingConfig of the catalog names ${path("root.json")}: it is not what it should be`,
      hint: "name a file that cosign signing-config create wrote",
    });
    await expect(open("services.json", "text")).rejects.toMatchObject({
      message: `sign.sigstore.trustedRoot of the catalog names ${path("text")}: it is not what it should be`,
      hint: "name a file that cosign trusted-root create wrote",
    });
    await expect(open("services.json", "none")).rejects.toThrow(/names .*none: .*no such file/);
  });

  it("names a cosign that it cannot sign with, before anything is done", async () => {
    const cosign = new FakeCosign();
    cosign.answer = (argv) => {
      if (argv[1] === "version") return { stdout: "GitVersion:    v4.0.0\n" };
      return argv.includes("--tlog-upload=false") || argv.includes("--signing-config")
        ? { exitCode: 1, stderr: "Error: unknown flag: --tlog-upload\nerror during …\n" }
        : undefined;
    };
    const opening = openSigner(KEY, { run: cosign.run });
    await expect(opening).rejects.toThrow("cosign v4.0.0 is not supported: unknown flag: --tlog-upload");
    await expect(opening).rejects.toMatchObject({ hint: expect.stringContaining("cosign 2 or 3") });
  });

  it("tells of a key that is there and may not sign", async () => {
    const cosign = new FakeCosign();
    cosign.answer = (argv) =>
      argv[1] === "sign-blob" ? { exitCode: 1, stderr: "Error: AccessDenied: kms:Sign\n" } : undefined;
    await expect(openSigner(KEY, { run: cosign.run })).rejects.toMatchObject({
      ...{ name: "UserError", message: "cosign cannot use the key /a.key: AccessDenied: kms:Sign" },
      hint: expect.stringContaining("may read and sign with"),
    });
  });

  it("fails with cosign's words", async () => {
    const cosign = new FakeCosign();
    const signer = await openSigner(KEY, { run: cosign.run });
    cosign.answer = (argv) => (argv[1] === "sign" ? { exitCode: 1, output: "Error: no way\n" } : undefined);
    await expect(signer.sign(image([]))).rejects.toThrow(CommandError);
    await expect(signer.sign(image([]))).rejects.toThrow(/no way\nthe command was: cosign sign/);
  });

  it.each([
    ["decrypt: encrypted: decryption failed", "give its password in COSIGN_PASSWORD"],
    ["open /a.key: no such file", "name a private key that exists; cosign generate-key-pair makes one"],
  ])("tells of a key that cannot be used: %s", async (said, hint) => {
    const cosign = new FakeCosign();
    cosign.answer = (argv) =>
      argv[1] === "public-key" ? { exitCode: 1, stderr: `Error: ${said}\nerror during …\n` } : undefined;
    const opening = openSigner(KEY, { run: cosign.run });
    await expect(opening).rejects.toThrow(new UserError(`cosign cannot use the key /a.key: ${said}`, hint));
    await expect(opening).rejects.toMatchObject({ hint });
  });

  it("says how to get cosign where there is none", async () => {
    const run = async () => ({ exitCode: 127, stdout: "", stderr: "", output: "" });
    await expect(openSigner(KEY, { run })).rejects.toMatchObject({
      name: "UserError",
      hint: expect.stringContaining("apt-get install cosign"),
    });
  });
});
