import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeIndex } from "../../../sandbox/mirror/apk-file.ts";
import type { SigningKey } from "../../../sandbox/mirror/signing-key.ts";
import type { OwnRepository, Repository } from "../../../scripts/model/repositories.ts";
import { openUpstream } from "../../../scripts/upstream/open.ts";
import type { Answer, PackagesByName } from "../../../scripts/upstream/upstream.ts";
import { alpineKeys, fixtureIndex, noFixtures } from "../../support/alpine-fixtures.ts";
import { ourKey, strangersKey } from "../../support/signing-keys.ts";

const MAIN = "/v3.22/main/x86_64/APKINDEX.tar.gz";
const COMMUNITY = "/v3.22/community/x86_64/APKINDEX.tar.gz";
const DAY = 86_400_000;
const TODAY = Date.UTC(2026, 10, 23);

const key = ourKey();
const stranger = strangersKey();

/** One package of an index, as it stands there. */
function entry(name: string, version: string): string {
  return `C:Q1qKcZ+j23xssAXmgQhkOO8dHnbWw=\nP:${name}\nV:${version}\nA:x86_64\nS:10\nI:20\nT:t\nU:u\nL:MIT\no:${name}\n`;
}

describe("what Alpine offers", () => {
  let directory: string;
  let server: Server;
  let url: string;
  let requests: IncomingMessage[];
  let now: number;
  /** Path → content; a function answers by itself. */
  let files: Map<string, Buffer | ((request: IncomingMessage, response: ServerResponse) => void)>;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "birdhouse-upstream-"));
    await mkdir(join(directory, "keys"));
    await writeFile(join(directory, "keys", key.name), key.publicKey);
    requests = [];
    now = TODAY + DAY;
    files = new Map();
    server = createServer((request, response) => {
      requests.push(request);
      const file = files.get(request.url ?? "");
      if (!file) response.writeHead(404).end();
      else if (typeof file === "function") file(request, response);
      else if (request.headers["if-none-match"] === etag(file)) response.writeHead(304).end();
      else response.writeHead(200, { etag: etag(file) }).end(file);
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
    await rm(directory, { recursive: true });
  });

  const etag = (file: Buffer) => `"${file.length}-${file.subarray(-8).toString("hex")}"`;
  const open = () =>
    openUpstream({
      sources: { base: "127.0.0.1:1/alpine", packages: url, keys: join(directory, "keys"), security: url },
      cache: join(directory, "cache"),
      clock: { now: () => now, sleep: async () => {}, random: Math.random },
    });
  /** A new run with the cache of those before. */
  const ask = () => open().packages("3.22", "x86_64");

  async function index(
    packages: Readonly<Record<string, string>>,
    { made = TODAY, description = "v3.22.0-1-gabc", by = key } = {},
  ): Promise<Buffer> {
    const path = join(directory, "APKINDEX.tar.gz");
    const entries = Object.entries(packages).map(([name, version]) => entry(name, version));
    await writeIndex(path, description, entries, by, new Date(made));
    return await readFile(path);
  }

  it("is every package of both repositories, by name", async () => {
    files.set(MAIN, await index({ musl: "1.2.5-r9", zlib: "1.3.1-r2" }));
    files.set(COMMUNITY, await index({ nodejs: "24.1.0-r0", zlib: "1.3.2-r0" }));
    expect(versions(await ask())).toEqual({
      musl: ["1.2.5-r9"],
      zlib: ["1.3.1-r2", "1.3.2-r0"],
      nodejs: ["24.1.0-r0"],
    });
  });

  it("lacks what the mirror has not, of the repositories that the catalog takes packages from", async () => {
    const missing = (repositories?: readonly Repository[]) => {
      const sources = { base: "127.0.0.1:1/alpine", packages: url, keys: join(directory, "keys") };
      const upstream = openUpstream({
        ...{ sources, cache: join(directory, "cache") },
        ...(repositories && { repositories: () => repositories }),
      });
      return upstream.missing("3.22", "x86_64");
    };
    // No branch at all lacks no part of it.
    expect(await missing()).toEqual({ value: [] });
    files.set(MAIN, await index({ musl: "1.2.5-r9" }));
    expect(await missing()).toEqual({ value: ["community"] });
    requests = [];
    expect(await missing(["main"])).toEqual({ value: [] });
    expect(requests.map((request) => request.url)).toEqual([MAIN]);
    files.set(COMMUNITY, await index({ nodejs: "24.1.0-r0" }));
    expect(await missing()).toEqual({ value: [] });
    files.set(COMMUNITY, (request) => void request.socket.destroy());
    expect(await open().missing("3.22", "x86_64")).toEqual({ problem: expect.stringContaining("community") });
  });

  describe("and repositories of the catalog's own", () => {
    const OWN = "/own/3.22/x86_64/APKINDEX.tar.gz";
    const keys = (of: SigningKey) => ({ [of.name]: { digest: "", lines: of.publicKey.trim().split("\n") } });
    const openOwn = (changes: Partial<OwnRepository> = {}, httpAuth?: string) => {
      const own = {
        name: "own",
        url: `${url}/own/{{branch}}`,
        auth: false,
        keys: keys(stranger),
        ...changes,
      };
      const sources = { base: "127.0.0.1:1/alpine", packages: url, keys: join(directory, "keys") };
      return openUpstream({ sources, cache: join(directory, "cache"), ownRepositories: [own], httpAuth });
    };

    it("is the packages of all, each index verified with its own keys only", async () => {
      files.set(MAIN, await index({ musl: "1.2.5-r9" }));
      files.set(
        OWN,
        await index({ musl: "1.2.6-r0", app: "1.0-r0" }, { by: stranger, description: "v1.0 of ours" }),
      );
      expect(versions(await openOwn().packages("3.22", "x86_64"))).toEqual({
        musl: ["1.2.5-r9", "1.2.6-r0"],
        app: ["1.0-r0"],
      });
      expect(await openOwn({ keys: keys(key) }).packages("3.22", "x86_64")).toEqual({
        problem: expect.stringContaining(`${url}${OWN}`),
      });
      // Without keys of its own, those of the mirror sign it.
      expect(await openOwn({ keys: {} }).packages("3.22", "x86_64")).toHaveProperty("problem");
      files.set(OWN, await index({ app: "1.0-r0" }));
      expect(versions(await openOwn({ keys: {} }).packages("3.22", "x86_64"))).toMatchObject({
        app: ["1.0-r0"],
      });
      // A key of theirs is none of the mirror's.
      files.set(OWN, await index({ app: "1.1-r0" }, { by: stranger }));
      files.set(MAIN, await index({ musl: "1.2.5-r10" }, { by: stranger }));
      expect(await openOwn().packages("3.22", "x86_64")).toEqual({
        problem: expect.stringContaining(`${url}${MAIN}`),
      });
    });

    it("lacks one that has no index, on the branches that it is for; and no branch is there by it alone", async () => {
      files.set(MAIN, await index({ musl: "1.2.5-r9" }));
      expect(await openOwn().missing("3.22", "x86_64")).toEqual({ value: ["community", "own"] });
      expect(await openOwn({ branches: ["3.21"] }).missing("3.22", "x86_64")).toEqual({
        value: ["community"],
      });
      files.set(OWN, await index({ app: "1.0-r0" }, { by: stranger }));
      expect(await openOwn().missing("3.22", "x86_64")).toEqual({ value: ["community"] });
      files.delete(MAIN);
      expect(await openOwn().missing("3.22", "x86_64")).toEqual({ value: [] });
      expect(await openOwn().packages("3.22", "x86_64")).toEqual({ value: undefined });
    });

    it("is another edition where one of them, or a key of one, changed", async () => {
      files.set(MAIN, await index({ musl: "1.2.5-r9" }));
      files.set(OWN, await index({ app: "1.0-r0" }, { by: stranger }));
      const edition = async (changes?: Partial<OwnRepository>) => {
        const answer = await openOwn(changes).edition("3.22", "x86_64");
        return "value" in answer ? answer.value.digest : answer.problem;
      };
      const before = await edition();
      expect(await edition()).toBe(before);
      expect(await edition({ keys: keys(key) })).not.toBe(before);
      files.set(OWN, await index({ app: "1.1-r0" }, { by: stranger }));
      expect(await edition()).not.toBe(before);
    });

    it("is told who we are only where the catalog says so, and HTTP_AUTH must be set then", async () => {
      files.set(MAIN, await index({ musl: "1.2.5-r9" }));
      const real = await index({ app: "1.0-r0" }, { by: stranger });
      const told: string[] = [];
      const own = createServer((request, response) => {
        if (request.headers.authorization !== undefined) told.push(request.headers.authorization);
        else return void response.writeHead(401, { "www-authenticate": 'Basic realm="own"' }).end();
        response.writeHead(200).end(real);
      });
      await new Promise<void>((done) => own.listen(0, "127.0.0.1", done));
      const address = own.address();
      const elsewhere = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
      try {
        const asked = (auth: boolean) =>
          openOwn({ auth, url: elsewhere }, "basic:own:robin:fake-pass").packages("3.22", "x86_64");
        expect(await asked(false)).toEqual({ problem: expect.stringContaining("401") });
        expect(told).toEqual([]);
        expect(versions(await asked(true))).toMatchObject({ app: ["1.0-r0"] });
        expect(told).toEqual([`Basic ${Buffer.from("robin:fake-pass").toString("base64")}`]);
        expect(() => openOwn({ auth: true, url: elsewhere })).toThrow(
          `the catalog's repository own says auth: true, but HTTP_AUTH is not set: ${elsewhere} requires a login`,
        );
      } finally {
        own.closeAllConnections();
        await new Promise((done) => own.close(done));
      }
    });
  });

  it("is asked for once in a run, and the next run asks only whether it changed", async () => {
    files.set(MAIN, await index({ musl: "1.2.5-r9" }));
    const upstream = open();
    await Promise.all([upstream.packages("3.22", "x86_64"), upstream.packages("3.22", "x86_64")]);
    expect(requests).toHaveLength(2);
    const answers: number[] = [];
    server.on("request", (_, response) => response.on("finish", () => answers.push(response.statusCode)));
    expect(versions(await ask())).toEqual({ musl: ["1.2.5-r9"] });
    expect(answers.toSorted()).toEqual([304, 404]);
    files.set(MAIN, await index({ musl: "1.2.5-r10" }, { made: TODAY + DAY }));
    expect(versions(await ask())).toEqual({ musl: ["1.2.5-r10"] });
  });

  it("is of an edition that is known once it was verified, until another comes, newer or older", async () => {
    const edition = async () => {
      const answer = await open().edition("3.22", "x86_64");
      if ("problem" in answer) throw new Error(answer.problem);
      return answer.value;
    };
    const first = await index({ musl: "1.2.5-r9" });
    files.set(MAIN, first);
    const { digest, isKnown } = await edition();
    expect(isKnown).toBe(false);
    await ask();
    expect(await edition()).toEqual({ digest, isKnown: true });
    files.set(MAIN, await index({ musl: "1.2.5-r10" }, { made: TODAY + DAY }));
    expect(await edition()).toMatchObject({ isKnown: false });
    await ask();
    expect(await edition()).toMatchObject({ isKnown: true });
    files.set(MAIN, first);
    expect(await edition()).toEqual({ digest, isKnown: false });
  });

  it("is fetched anew where the copy is damaged", async () => {
    files.set(MAIN, await index({ musl: "1.2.5-r9" }));
    await ask();
    const copy = join(directory, "cache", new URL(url).host.replace(":", "_"), MAIN);
    await writeFile(copy, "damaged");
    expect(versions(await ask())).toEqual({ musl: ["1.2.5-r9"] });
    await writeFile(`${copy}.json`, "{");
    expect(versions(await ask())).toEqual({ musl: ["1.2.5-r9"] });
  });

  it("is nothing where the mirror has no such branch", async () => {
    expect(await ask()).toEqual({ value: undefined });
  });

  describe("is not believed", () => {
    const flip = (bytes: Buffer, at: number) => {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      return changed;
    };

    it.each<[string, () => Promise<Buffer>, RegExp]>([
      [
        "with one byte flipped",
        async () => {
          const whole = await index({ musl: "1.2.5-r9" });
          return flip(whole, whole.length - 40);
        },
        /damaged|signature does not match|not gzip/,
      ],
      [
        "cut in half",
        async () => {
          const whole = await index({ musl: "1.2.5-r9" });
          return whole.subarray(0, whole.length / 2);
        },
        /cut off/,
      ],
      [
        "signed by another key",
        () => index({ musl: "1.2.5-r9" }, { by: stranger }),
        /signed by other\.rsa\.pub, which is not among the known keys \(test\.rsa\.pub\)/,
      ],
      [
        "signed by another key of the same name",
        () => index({ musl: "1.2.5-r9" }, { by: { ...stranger, name: key.name } }),
        /signature does not match/,
      ],
      [
        "of 70 MB of zeros in 300 kB",
        async () => {
          const whole = await index({ musl: "1.2.5-r9" });
          // The signature comes first and is whole; what it signs is the bomb.
          const second = whole.indexOf(Buffer.from([0x1f, 0x8b]), 2);
          return Buffer.concat([whole.subarray(0, second), gzipSync(Buffer.alloc(70_000_000), { level: 1 })]);
        },
        /signature does not match|unpacks to more/,
      ],
      [
        "of another branch",
        () => index({ musl: "1.2.5-r9" }, { description: "v3.9.6-115-g1" }),
        /it is for v3\.9/,
      ],
      ["that is none", async () => Buffer.from("<html>"), /cut off|not gzip/],
    ])("%s", async (_, make, why) => {
      files.set(MAIN, await index({ musl: "1.2.5-r9" }, { made: TODAY - DAY }));
      await ask();
      files.set(MAIN, await make());
      const answer = await ask();
      expect(answer).toEqual({ problem: expect.stringMatching(why) });
      expect(answer).toEqual({ problem: expect.stringContaining(`${url}${MAIN}`) });
      // The good copy is still there, and so is what is known of it.
      files.set(MAIN, await index({ musl: "1.2.5-r9" }, { made: TODAY - DAY }));
      expect(versions(await ask())).toEqual({ musl: ["1.2.5-r9"] });
    });

    it("older than one that was seen before", async () => {
      const old = await index({ openssl: "3.3.2-r0" }, { made: TODAY - DAY });
      files.set(MAIN, await index({ openssl: "3.3.2-r1" }));
      await ask();
      files.set(MAIN, old);
      for (const _ of ["once", "and again"]) {
        expect(await ask()).toEqual({
          problem: expect.stringMatching(
            /2026-11-23T00:00:00\.000Z was seen before \(.*another mirror; .*\)$/,
          ),
        });
      }
      files.set(MAIN, await index({ openssl: "3.3.2-r2" }, { made: TODAY + DAY }));
      expect(versions(await ask())).toEqual({ openssl: ["3.3.2-r2"] });
    });
  });

  it("costs a package that is described in a way that cannot be right only itself, and says so", async () => {
    files.set(MAIN, await index({ musl: "1.2.5-r9", "../../x": "1-r0", zlib: "../1", tar: "1.35-r3" }));
    const answer = await ask();
    expect(versions(answer)).toEqual({ musl: ["1.2.5-r9"], tar: ["1.35-r3"] });
    expect(answer).toHaveProperty("notes", [
      `${url}${MAIN}: 2 packages were left out, the first: not a package name: "../../x"`,
    ]);
  });

  describe("with a package that was built in 2030", () => {
    const inIndex = async (time: string, made: number) => {
      const path = join(directory, "APKINDEX.tar.gz");
      const entries = [`${entry("odd", "1-r0")}t:${time}\n`, entry("musl", "1.2.5-r9")];
      await writeIndex(path, "v3.22.0-1-gabc", entries, key, new Date(made));
      return readFile(path);
    };
    const in2030 = String(Date.UTC(2030, 0, 1) / 1000);
    const good = { odd: ["1-r0"], musl: ["1.2.5-r9"] };

    it("is not taken for the newest there is: the next one, a day younger, is read", async () => {
      files.set(MAIN, await inIndex(in2030, TODAY));
      expect(versions(await ask())).toEqual(good);
      files.set(MAIN, await index({ musl: "1.2.5-r10" }, { made: TODAY + DAY }));
      expect(versions(await ask())).toEqual({ musl: ["1.2.5-r10"] });
    });

    it("and with a file of 2030 neither, and an older one is refused all the same", async () => {
      files.set(MAIN, await index({ musl: "1.2.5-r10" }));
      await ask();
      files.set(MAIN, await inIndex(in2030, TODAY - DAY));
      const memory = join(directory, "cache", new URL(url).host.replace(":", "_"), `${MAIN}.json`);
      expect(await ask()).toEqual({
        problem: expect.stringContaining(`if the newer index was wrong, remove ${memory})`),
      });
    });

    it("once remembered as of 2030 by mistake, is forgotten", async () => {
      files.set(MAIN, await index({ musl: "1.2.5-r9" }));
      await ask();
      const memory = join(directory, "cache", new URL(url).host.replace(":", "_"), `${MAIN}.json`);
      const remembered: object = JSON.parse(await readFile(memory, "utf8"));
      await writeFile(memory, JSON.stringify({ ...remembered, made: Date.UTC(2030, 0, 1) }));
      files.set(MAIN, await index({ musl: "1.2.5-r10" }, { made: TODAY + DAY }));
      expect(versions(await ask())).toEqual({ musl: ["1.2.5-r10"] });
      expect(JSON.parse(await readFile(memory, "utf8"))).toMatchObject({ made: TODAY + DAY });
    });

    it("or that never was built, as a build without a clock says it, is as any other", async () => {
      files.set(MAIN, await inIndex("-62135596800", TODAY));
      const answer = await ask();
      expect(versions(answer)).toEqual(good);
      expect(answer).not.toHaveProperty("notes");
    });
  });

  it("stops nothing else where one branch cannot be had", async () => {
    files.set(MAIN, Buffer.from("spoilt"));
    files.set(MAIN.replace("3.22", "3.23"), await index({ musl: "1.2.5-r21" }, { description: "v3.23.0-1" }));
    const upstream = open();
    expect(await upstream.packages("3.22", "x86_64")).toHaveProperty("problem");
    expect(versions(await upstream.packages("3.23", "x86_64"))).toEqual({ musl: ["1.2.5-r21"] });
  });

  it("is asked for again when the server fails in passing, and told of when it goes on", async () => {
    const whole = await index({ musl: "1.2.5-r9" });
    let failures = 2;
    files.set(MAIN, (_, response) => {
      if (failures-- > 0) response.writeHead(503, { "retry-after": "1" }).end();
      else response.writeHead(200).end(whole);
    });
    expect(versions(await ask())).toEqual({ musl: ["1.2.5-r9"] });
    files.set(MAIN, (_, response) => void response.writeHead(500).end());
    expect(await ask()).toEqual({
      problem: expect.stringContaining(`${url}${MAIN}: the server answers 500`),
    });
    files.set(MAIN, (request) => void request.socket.destroy());
    expect(await ask()).toEqual({ problem: expect.stringContaining("no answer") });
  });

  it("is told of as away when nothing listens", async () => {
    files.set(MAIN, await index({ musl: "1.2.5-r9" }));
    await ask();
    const upstream = openUpstream({
      sources: { base: "127.0.0.1:1/alpine", packages: "http://127.0.0.1:1", keys: join(directory, "keys") },
      cache: join(directory, "cache"),
      clock: { now: Date.now, sleep: async () => {}, random: Math.random },
    });
    const answer = await upstream.packages("3.22", "x86_64");
    expect(answer).toEqual({ problem: expect.stringMatching(/127\.0\.0\.1:1.*ECONNREFUSED/) });
  });

  describe("its list of fixes", () => {
    const list = (packages: unknown) => Buffer.from(JSON.stringify({ packages }));

    it("has what each version of a source package fixed", async () => {
      const secfixes = { "3.3.2-r1": ["CVE-2024-9143"], "0": ["CVE-2020-1"] };
      files.set("/v3.22/main.json", list([{ pkg: { name: "openssl", secfixes } }]));
      expect(await open().fixes("3.22")).toEqual({
        value: new Map([["openssl", [["3.3.2-r1", ["CVE-2024-9143"]]]]]),
      });
    });

    it("is kept, and the next run asks only whether it changed", async () => {
      files.set("/v3.22/main.json", list([]));
      await open().fixes("3.22");
      await open().fixes("3.22");
      const asked = requests.filter((request) => request.url === "/v3.22/main.json");
      expect(asked.map(({ headers }) => headers["if-none-match"] !== undefined)).toEqual([false, true]);
    });

    it("has what both repositories fixed, for a source package that moved", async () => {
      for (const [name, version] of [
        ["main", "1.2-r0"],
        ["community", "1.1-r0"],
      ]) {
        const pkg = {
          name: "tar",
          secfixes: { [`${version}`]: [`CVE-${name}`], "1.0-r0": [`CVE-0-${name}`] },
        };
        files.set(`/v3.22/${name}.json`, list([{ pkg }]));
      }
      const both = [
        ["1.2-r0", ["CVE-main"]],
        ["1.0-r0", ["CVE-0-main"]],
        ["1.1-r0", ["CVE-community"]],
        ["1.0-r0", ["CVE-0-community"]],
      ];
      expect(await open().fixes("3.22")).toEqual({ value: new Map([["tar", both]]) });
    });

    it("is empty where there is none, and a problem where it is no list", async () => {
      expect(await open().fixes("3.22")).toEqual({ value: new Map() });
      for (const text of ["{", '{"packages":1}']) {
        files.set("/v3.22/main.json", Buffer.from(text));
        expect(await open().fixes("3.22")).toEqual({
          problem: expect.stringMatching(/^http:.*\/v3\.22\/main\.json: .+$/),
        });
      }
    });
  });

  it.skipIf(noFixtures)("is believed with Alpine's own keys, as they are in keys/", async () => {
    expect(alpineKeys().size).toBeGreaterThan(0);
    files.set(MAIN, fixtureIndex("v3.22/main/x86_64"));
    const upstream = openUpstream({
      sources: {
        ...{ base: "127.0.0.1:1/alpine", packages: url },
        keys: join(dirname(import.meta.dirname), "../../keys"),
      },
      cache: join(directory, "cache"),
    });
    const answer = await upstream.packages("3.22", "x86_64");
    expect("value" in answer && answer.value?.size).toBe(5646);
  });
});

/** Name → versions of an answer. */
function versions(answer: Answer<PackagesByName | undefined>): unknown {
  if ("problem" in answer) return answer;
  return Object.fromEntries(
    [...(answer.value ?? [])].map(([name, packages]) => [name, packages.map(({ version }) => version)]),
  );
}
