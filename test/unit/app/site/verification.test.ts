import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verificationOf } from "../../../../scripts/app/site/verification.ts";

const PUBLIC = "-----BEGIN PUBLIC KEY-----\nMFkwEwYH+/=\n-----END PUBLIC KEY-----\n";

describe("how signatures are verified", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "birdhouse-verification-"));
    await writeFile(join(folder, "a.pub"), PUBLIC);
    // Somebody gave the private part the public one's name.
    await writeFile(join(folder, "b.pub"), PUBLIC.replaceAll("PUBLIC", "ENCRYPTED SIGSTORE PRIVATE"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const byKey = (key: string) => verificationOf({ kind: "key", key, log: false });

  it("is by the public key beside the private one, and never by anything else", async () => {
    expect(await byKey(join(folder, "a.key"))).toEqual({ kind: "key", publicKey: PUBLIC, log: false });
    for (const key of [join(folder, "b.key"), join(folder, "c.key"), "awskms:///alias/birdhouse"]) {
      expect(await byKey(key)).toEqual({ kind: "key", publicKey: undefined, log: false });
    }
  });

  it("is by the keys of the maintainer's own Sigstore, and never by another file's content", async () => {
    const root = '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1","tlogs":[]}';
    await writeFile(join(folder, "root.json"), root);
    await writeFile(join(folder, "secret.json"), '{"password":"tit"}');
    const by = (name: string) => {
      const sigstore = { signingConfig: join(folder, "services.json"), trustedRoot: join(folder, name) };
      return verificationOf({ kind: "keyless", sigstore });
    };
    expect(await by("root.json")).toMatchObject({ kind: "keyless", trustedRoot: root });
    for (const name of ["secret.json", "a.pub", "none.json"]) {
      expect(await by(name)).not.toHaveProperty("trustedRoot");
    }
  });

  it("is by who signed, where there is no key; and not at all where nothing is signed", async () => {
    expect(await verificationOf({ kind: "keyless", identity: { subject: "a", issuer: "b" } })).toEqual({
      ...{ kind: "keyless", subject: "a", issuer: "b" },
    });
    expect(await verificationOf(undefined)).toBeUndefined();
  });
});
