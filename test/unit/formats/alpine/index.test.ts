import { createPublicKey, sign } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { parseProvisions } from "../../../../scripts/formats/alpine/dependency.ts";
import { parseIndex, readIndex } from "../../../../scripts/formats/alpine/index.ts";
import { type Keys, loadKeys } from "../../../../scripts/formats/alpine/keys.ts";
import { UserError } from "../../../../scripts/system/errors.ts";
import { ourKey } from "../../../support/signing-keys.ts";
import { tar } from "../../../support/tiny-tar.ts";

const ENTRY = `C:Q1zguJPov1/d790pIzRI2SLG+4roM=
P:nodejs
V:22.16.0-r2
A:x86_64
S:19609168
I:56927680
T:JavaScript runtime — LTS
U:https://nodejs.org/
L:MIT
o:nodejs
m:Jakub Jirůtka <jakub@example.org>
t:1748644939
c:ecd3850b6c1d3e9e98d716022b132f83fb1a65a4
k:100
D:ca-certificates so:libz.so.1
p:nodejs-lts=22.16.0-r2 cmd:node=22.16.0-r2
i:docs nodejs
X:of tomorrow

`;
const ORIGIN = "http://mirror.test/v3.22/main/x86_64/APKINDEX.tar.gz";

const packagesOf = (text: string) => parseIndex(Buffer.from(text)).packages;

describe("an index", () => {
  it("is read field by field, and unknown fields are kept", () => {
    expect(packagesOf(ENTRY)).toEqual([
      {
        name: "nodejs",
        version: "22.16.0-r2",
        architecture: "x86_64",
        checksum: "Q1zguJPov1/d790pIzRI2SLG+4roM=",
        size: 19609168,
        installedSize: 56927680,
        description: "JavaScript runtime — LTS",
        url: "https://nodejs.org/",
        license: "MIT",
        origin: "nodejs",
        maintainer: "Jakub Jirůtka <jakub@example.org>",
        buildTime: 1748644939,
        commit: "ecd3850b6c1d3e9e98d716022b132f83fb1a65a4",
        providerPriority: 100,
        dependencies: "ca-certificates so:libz.so.1",
        provides: "nodejs-lts=22.16.0-r2 cmd:node=22.16.0-r2",
        installIf: "docs nodejs",
        replaces: "",
        replacesPriority: 0,
        other: { X: "of tomorrow" },
      },
    ]);
  });

  it("may end without an empty line and hold several", () => {
    const text = `${ENTRY}${ENTRY.replaceAll("nodejs", "other")}`.trimEnd();
    expect(packagesOf(text).map(({ name }) => name)).toEqual(["nodejs", "other"]);
  });

  it("takes versions with the hash of a commit, here and in what is provided", () => {
    const text = ENTRY.replace("V:22.16.0-r2", "V:1.0~abc123-r0")
      .replace("cmd:node=22.16.0-r2", "cmd:x=1.0~abc123-r0")
      .replace("t:1748644939", "t:-62135596800");
    const [found] = packagesOf(text);
    expect(found).toMatchObject({ version: "1.0~abc123-r0", buildTime: 0 });
    expect(parseProvisions(found?.provides ?? "")).toContainEqual({
      name: "cmd:x",
      version: "1.0~abc123-r0",
    });
  });

  it.each([
    ["S:19609168", "S:-1", "S:-1"],
    ["S:19609168", "S:1e9", "S:1e9"],
    ["S:19609168", "S:9007199254740993", "S:9007199254740993"],
    ["I:56927680", "I:-1", "I:-1"],
    ["I:56927680", "I: 1", "I: 1"],
    ["k:100", "k:-1", "k:-1"],
    ["t:1748644939", "t:99999999999999", "not a time"],
    ["t:1748644939", "t:--1", "not a whole number"],
    ["t:1748644939", "t:-", "not a whole number"],
    ["P:nodejs", `P:${"n".repeat(100_000)}`, 'not a package name: "nnn'],
    ["V:22.16.0-r2", `V:${"1".repeat(100_000)}`, 'not a version: "111'],
    ["p:nodejs-lts=22.16.0-r2", "p:a==1", "nodejs: its provides field is damaged"],
    ["p:nodejs-lts=22.16.0-r2", "p:a=", "nodejs: its provides field is damaged"],
    ["X:of tomorrow", "of tomorrow", "not a field"],
  ])("with %j changed leaves that package out, in few words, and no other", (from, to, why) => {
    const bad = ENTRY.replace(from, to);
    const text = ENTRY + bad + ENTRY.replaceAll("nodejs", "other");
    const { packages, left } = parseIndex(Buffer.from(text));
    expect(packages.map(({ name }) => name)).toEqual(["nodejs", "other"]);
    expect(left).toEqual({ count: 1, first: expect.stringContaining(why) });
    expect(left.first?.length).toBeLessThan(150);
  });

  it.each(["../../etc", "a/b", "", ".", "..", "-rf", "a b"])("refuses the package name %j", (name) => {
    const { packages, left } = parseIndex(Buffer.from(ENTRY.replace("P:nodejs", `P:${name}`)));
    expect(packages).toEqual([]);
    expect(left).toEqual({ count: 1, first: expect.stringContaining("not a package name") });
  });

  it.each([
    ["V:22.16.0-r2", "V:../1", "nodejs: not a version"],
    ["A:x86_64", "A:../x", "nodejs: not an architecture"],
    ["S:19609168", "S:many", "not a whole number"],
    ["S:19609168", "S:", "not a whole number"],
    ["S:19609168\n", "", "nodejs: its size is missing"],
    ["C:Q1zguJPov1/d790pIzRI2SLG+4roM=\n", "", "nodejs: its checksum is missing"],
    ["T:Java", "Java", "not a field"],
  ])("refuses %j in place of %j", (there, instead, message) => {
    const { packages, left } = parseIndex(Buffer.from(ENTRY.replace(there, instead)));
    expect(packages).toEqual([]);
    expect(left).toEqual({ count: 1, first: expect.stringContaining(message) });
  });
});

describe("a signed index", () => {
  const key = ourKey();
  const keys: Keys = new Map([[key.name, createPublicKey(key.publicKey)]]);
  const archive = tar({ DESCRIPTION: "test", APKINDEX: ENTRY });

  function signed(member: Buffer, scheme = "RSA", hash = "sha1", name = "test.rsa.pub"): Buffer {
    const signature = tar({ [`.SIGN.${scheme}.${name}`]: sign(hash, member, key.privateKey) });
    return Buffer.concat([gzipSync(signature), member]);
  }

  function refusal(bytes: Buffer): string {
    try {
      readIndex(bytes, keys, ORIGIN);
    } catch (error) {
      expect(error).toBeInstanceOf(UserError);
      return error instanceof Error ? error.message : "";
    }
    return "it was not refused";
  }

  it.each([
    ["RSA", "sha1"],
    ["RSA256", "sha256"],
  ])("is verified with %s", (scheme, hash) => {
    const [nodejs] = readIndex(signed(gzipSync(archive), scheme, hash), keys, ORIGIN).packages;
    expect(nodejs).toEqual(packagesOf(ENTRY)[0]);
  });

  it("is refused when the key is not known, and says which", () => {
    const message = refusal(signed(gzipSync(archive), "RSA", "sha1", "stranger.rsa.pub"));
    expect(message).toContain(`${ORIGIN}: `);
    expect(message).toContain("stranger.rsa.pub");
    expect(message).toContain("(test.rsa.pub)");
  });

  it("is refused when the signature is of another kind than it says, or missing", () => {
    expect(refusal(signed(gzipSync(archive), "RSA256", "sha1"))).toContain("the signature does not match");
    expect(refusal(Buffer.concat([gzipSync(tar({ README: "hello" })), gzipSync(archive)]))).toContain(
      "README",
    );
    expect(refusal(Buffer.concat([gzipSync(Buffer.alloc(1024)), gzipSync(archive)]))).toContain("not signed");
  });

  it("is refused when it is another file, or holds no index", () => {
    expect(refusal(Buffer.from("<html>404</html>"))).toContain("not gzip data");
    expect(refusal(Buffer.alloc(0))).toContain("cut off");
    expect(refusal(signed(gzipSync(tar({ README: "hello" }))))).toContain("no APKINDEX");
  });

  it("whose tar header is damaged ends at once, before any signature is looked at", () => {
    const member = Buffer.from(tar({ ".SIGN.RSA.test.rsa.pub": "signature" }));
    member.write("-1000\0", 124);
    member.write("        ", 148);
    const sum = member.subarray(0, 512).reduce((total, byte) => total + byte, 0);
    member.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    expect(refusal(Buffer.concat([gzipSync(member), gzipSync(archive)]))).toContain("a damaged number");
  });

  it("is refused wherever it is cut off", () => {
    const bytes = signed(gzipSync(archive));
    for (let length = 0; length < bytes.length; length += 7) {
      expect(refusal(bytes.subarray(0, length))).toContain("cannot be used");
    }
    expect(refusal(Buffer.concat([bytes, Buffer.from("x")]))).toContain("does not match");
  });

  it("is refused when it unpacks to more than is allowed", () => {
    const bomb = gzipSync(Buffer.alloc(2 ** 26 + 1), { level: 1 });
    expect(refusal(signed(bomb))).toContain("more than the 67108864 bytes");
    const inSignature = Buffer.concat([bomb, gzipSync(archive)]);
    expect(refusal(inSignature)).toContain("more than the 65536 bytes");
  });
});

describe("a directory of keys", () => {
  const directory = mkdtempSync(join(tmpdir(), "birdhouse-keys-"));
  afterAll(() => rmSync(directory, { recursive: true }));

  it("gives each key by its file's name, and names a file that is none", () => {
    writeFileSync(join(directory, "a.rsa.pub"), ourKey().publicKey);
    writeFileSync(join(directory, "README"), "not a key");
    expect([...loadKeys(directory).keys()]).toEqual(["a.rsa.pub"]);
    writeFileSync(join(directory, "b.rsa.pub"), "not a key");
    expect(() => loadKeys(directory)).toThrow("b.rsa.pub: not a public key");
    expect(() => loadKeys(join(directory, "nowhere"))).toThrow("nowhere: ");
  });
});
