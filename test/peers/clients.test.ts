import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { imageIndexSchema, parseDocument } from "../../scripts/formats/oci/types.ts";
import { historyTag } from "../../scripts/publish/history.ts";
import { openLocalRegistry } from "../../scripts/registry/local.ts";
import { type ProcessResult, tryRun } from "../../scripts/system/process/process.ts";
import { oneVersion } from "../support/catalogs.ts";
import { debianPeer, goPeer, type Peer, titleOf } from "../support/peers.ts";
import { rememberBuilds } from "../support/remembered-builds.ts";
import { type Document, freePort, World } from "../support/world.ts";

rememberBuilds();

const oras = await debianPeer("forky", "oras");
const crane = await debianPeer("forky", "crane");
const skopeo = await debianPeer("forky", "skopeo", false);
const umoci = await debianPeer("forky", "umoci");
const notation = await debianPeer("forky", "notation");
const regctl = await goPeer("regctl", "github.com/regclient/regclient/cmd/regctl", "v0.11.7");

const SBOM = "application/vnd.cyclonedx+json";
const SPDX = "application/spdx+json";

let world: World;
let published: Document;
/** A second registry, to copy to. */
let other: string;
let closeOther: () => Promise<unknown>;
let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "birdhouse-peers-"));
  world = await World.open(
    oneVersion()
      .replace("platforms: [linux/amd64]", "platforms: [linux/amd64, linux/arm64]")
      .replace('"5.4": { branch: "3.22" }', '"5.5": { branch: "3.24" }'),
  );
  await world.startRegistry();
  const result = await world.json("rebuild", "--engine", "buildah");
  expect(result.exitCode).toBe(0);
  published = result.document;
  other = `127.0.0.1:${await freePort()}`;
  closeOther = await openLocalRegistry({ host: other, directory: join(home, "other"), note: () => {} });
});
afterAll(async () => {
  await closeOther?.();
  await world?.close();
  await rm(home, { recursive: true, force: true });
});

/** Runs a peer, at home where nothing else is. */
function ask(peer: Peer | undefined, ...args: readonly string[]): Promise<ProcessResult> {
  const env = { HOME: home, XDG_CONFIG_HOME: join(home, "config"), DOCKER_CONFIG: home };
  return tryRun([...(peer?.command ?? []), ...args], { cwd: home, env });
}

/** What it prints. It must end with 0. */
async function told(peer: Peer | undefined, ...args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await ask(peer, ...args);
  expect(exitCode, stderr).toBe(0);
  return stdout;
}

const digestOfTarget = (name: string) =>
  published.outcomes.find(({ target }) => target === name)?.digest ?? "";
const tagsOf = (name: string) => published.outcomes.find(({ target }) => target === name)?.tags ?? [];
const image = (tag: string) => `${world.namespace}/lua:${tag}`;

/** The manifest of one platform, as our index names it. */
async function platformDigest(architecture: string): Promise<string> {
  const { bytes } = (await world.registry.getManifest("test/lua", "5.5")) ?? { bytes: Buffer.from("{}") };
  const { manifests } = parseDocument(imageIndexSchema, bytes, "lua:5.5");
  return manifests.find(({ platform }) => platform?.architecture === architecture)?.digest ?? "";
}

/** A copy of an image in a repository of its own, of which something is wrong then. */
async function spoil(name: string, what: "layer" | "referrers"): Promise<string> {
  const copy = `127.0.0.1:${await freePort()}`;
  const directory = join(home, name);
  await cp(world.path("state/registry/data"), join(directory, "data"), { recursive: true });
  const close = await openLocalRegistry({ host: copy, directory, note: () => {} });
  spoiled.push(close);
  if (what === "layer") {
    const manifest = await world.registry.getManifest("test/lua", await platformDigest("amd64"));
    const { layers } = JSON.parse(Buffer.from(manifest?.bytes ?? []).toString("utf8")) as {
      layers: { digest: string }[];
    };
    const hex = (layers.at(-1)?.digest ?? "").replace("sha256:", "");
    const blob = join(directory, "data/docker/registry/v2/blobs/sha256", hex.slice(0, 2), hex, "data");
    const content = await readFile(blob);
    content[content.length >> 1] = (content[content.length >> 1] ?? 0) ^ 1;
    await rm(blob);
    await writeFile(blob, content);
  } else {
    const tags = join(directory, "data/docker/registry/v2/repositories/test/lua/_manifests/tags");
    for (const tag of await readdir(tags)) {
      if (tag.startsWith("sha256-")) await rm(join(tags, tag), { recursive: true });
    }
  }
  return `${copy}/test/lua:5.5`;
}

const spoiled: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const close of spoiled) await close();
});

describe.skipIf(!crane)(titleOf(crane, "crane"), () => {
  const crane_ = (...args: readonly string[]) => told(crane, ...args, "--insecure");

  it("finds the digests that were reported", async () => {
    for (const { target, digest, tags } of published.outcomes) {
      for (const tag of tags) expect((await crane_("digest", image(tag))).trim(), target).toBe(digest);
    }
  });

  it("lists exactly the tags that were reported, and those beside them", async () => {
    const listed = (await crane_("ls", `${world.namespace}/lua`)).split("\n").filter((tag) => tag !== "");
    const ours = published.outcomes.flatMap(({ tags }) => tags);
    // Beside them stand the history of each version's tags, and what is attached where a registry has no way for that.
    const beside = (tag: string) =>
      tag.startsWith("sha256-") || tag === historyTag("5.5") || tag === historyTag("5.5-dev");
    expect(listed.filter((tag) => !beside(tag)).toSorted()).toEqual(ours.toSorted());
  });

  it("finds every layer, digest and size of each platform right, and says so of a flipped byte", async () => {
    // Of an index as a whole it would take a statement beside the images, such as buildx attaches too, for layers.
    for (const platform of ["amd64", "arm64"]) {
      await crane_("validate", "--remote", `${world.namespace}/lua@${await platformDigest(platform)}`);
    }
    const spoiled = (await spoil("flipped", "layer")).replace(":5.5", `@${await platformDigest("amd64")}`);
    const wrong = await ask(crane, "validate", "--insecure", "--remote", spoiled);
    expect(wrong.exitCode).not.toBe(0);
    // Whatever the byte breaks first: the digest, the stream, or the tar in it.
    expect(wrong.output).toContain("validating layers: ");
  });

  it("unpacks the file system, with the user's and the program's files", async () => {
    const result = await tryRun([
      "sh",
      "-c",
      '"$0" export --insecure --platform linux/amd64 "$1" - | tar -t',
      crane?.command[0] ?? "",
      image("5.5"),
    ]);
    expect(result.exitCode, result.stderr).toBe(0);
    const files = result.stdout.split("\n");
    expect(files).toContain("usr/bin/lua5.5");
    expect(files).toContain("etc/passwd");
    expect(files.filter((file) => /^(usr\/)?s?bin\/(sh|apk|busybox)$/.test(file))).toEqual([]);
  });

  it("copies it to another registry under the same digest", async () => {
    await crane_("copy", image("5.5"), `${other}/crane/lua:5.5`);
    expect((await crane_("digest", `${other}/crane/lua:5.5`)).trim()).toBe(digestOfTarget("lua:5.5"));
  });
});

describe.skipIf(!oras)(titleOf(oras, "oras"), () => {
  interface Discovered {
    readonly referrers?: readonly { readonly artifactType: string; readonly digest: string }[];
    readonly manifests?: Discovered["referrers"];
  }
  /** Of an index, or of what is in it for one platform. */
  const discover = async (reference: string, ...platform: readonly string[]) => {
    const asking = ["discover", "--plain-http", "--format", "json", ...platform];
    const found = JSON.parse(await told(oras, ...asking, reference)) as Discovered;
    return found.referrers ?? found.manifests ?? [];
  };

  it("discovers the list of contents and the provenance, and finds none where they are gone", async () => {
    const types = async (...args: Parameters<typeof discover>) =>
      (await discover(...args)).map(({ artifactType }) => artifactType);
    expect(await types(image("5.5"))).toContain("application/vnd.in-toto+json");
    for (const platform of ["linux/amd64", "linux/arm64"]) {
      expect(await types(image("5.5"), "--platform", platform)).toEqual(expect.arrayContaining([SBOM, SPDX]));
    }
    const lonely = await spoil("lonely", "referrers");
    expect(await types(lonely)).toEqual([]);
    expect(await types(lonely, "--platform", "linux/amd64")).toEqual([]);
  });

  it("pulls the list of contents of what was built, and it names the package", async () => {
    const found = await discover(image("5.5"), "--platform", "linux/amd64");
    const digest = found.find(({ artifactType }) => artifactType === SBOM)?.digest ?? "";
    const folder = join(home, "sbom");
    await told(oras, "pull", "--plain-http", "--output", folder, `${world.namespace}/lua@${digest}`);
    const manifest = await told(
      oras,
      "manifest",
      "fetch",
      "--plain-http",
      `${world.namespace}/lua@${digest}`,
    );
    const { layers, subject } = JSON.parse(manifest) as {
      layers: { digest: string }[];
      subject: { digest: string };
    };
    expect(subject.digest).toBe(await platformDigest("amd64"));
    const blob = `${world.namespace}/lua@${layers[0]?.digest}`;
    const text = await told(oras, "blob", "fetch", "--plain-http", "--output", "-", blob);
    expect(
      (JSON.parse(text) as { components: { name: string }[] }).components.map(({ name }) => name),
    ).toContain("lua5.5");
  });

  it("copies it with all that is attached to another registry", async () => {
    await told(
      oras,
      "cp",
      "-r",
      "--from-plain-http",
      "--to-plain-http",
      image("5.5"),
      `${other}/oras/lua:5.5`,
    );
    const sort = (found: Awaited<ReturnType<typeof discover>>) =>
      found.map(({ digest }) => digest).toSorted();
    expect(sort(await discover(`${other}/oras/lua:5.5`))).toEqual(sort(await discover(image("5.5"))));
  });
});

describe.skipIf(!skopeo)(titleOf(skopeo, "skopeo"), () => {
  const plain = ["--src-tls-verify=false", "--dest-tls-verify=false", "--insecure-policy"];

  it("inspects it: platform, labels, when it was created", async () => {
    const text = await told(skopeo, "inspect", "--tls-verify=false", `docker://${image("5.5")}`);
    const { Digest, Architecture, Os, Labels, Created } = JSON.parse(text);
    expect([Digest, Architecture, Os]).toEqual([digestOfTarget("lua:5.5"), "amd64", "linux"]);
    expect(Labels["org.opencontainers.image.version"]).toMatch(/^5\.5\.\d+/);
    expect(new Date(Created).getUTCFullYear()).toBeGreaterThan(2015);
  });

  it("copies all platforms with their digests kept, and nothing of a flipped byte", async () => {
    const to = `docker://${other}/skopeo/lua:5.5`;
    const all = ["copy", "--all", "--preserve-digests", ...plain];
    await told(skopeo, ...all, `docker://${image("5.5")}`, to);
    const text = await told(skopeo, "inspect", "--tls-verify=false", "--format", "{{.Digest}}", to);
    expect(text.trim()).toBe(digestOfTarget("lua:5.5"));
    const wrong = `docker://${await spoil("skopeo-flipped", "layer")}`;
    const failed = await ask(skopeo, ...all, wrong, "oci:/tmp/wrong:5.5");
    expect(failed.exitCode).not.toBe(0);
  });
});

describe.skipIf(!umoci)(titleOf(umoci, "umoci"), () => {
  it("unpacks what was exported for an air gap, and nothing of a flipped byte", async () => {
    const exported = join(home, "exported");
    const { exitCode, stderr } = await world.birdhouse("export", "lua:5.5", "--to", exported);
    expect(exitCode, stderr).toBe(0);
    const from = `oci:${exported}`;
    const layout = join(home, "layout");
    // umoci reads one platform of a layout by its tag: skopeo takes it out of the index.
    const listed = JSON.parse(await readFile(join(exported, "index.json"), "utf8")) as {
      manifests: { digest: string; annotations?: Record<string, string> }[];
    };
    const name = listed.manifests.find(({ digest }) => digest === digestOfTarget("lua:5.5"))?.annotations?.[
      "org.opencontainers.image.ref.name"
    ];
    expect(name).toBeDefined();
    const copied = await tryRun([
      "skopeo",
      "copy",
      "--insecure-policy",
      `${from}:${name}`,
      `oci:${layout}:lua`,
    ]);
    expect(copied.exitCode, copied.stderr).toBe(0);
    await told(umoci, "unpack", "--image", `${layout}:lua`, join(home, "bundle"));
    const { user } = JSON.parse(await readFile(join(home, "bundle/config.json"), "utf8")).process;
    expect(user).toMatchObject({ uid: 65532, gid: 65532 });
    expect(await readdir(join(home, "bundle/rootfs/usr/bin"))).toContain("lua5.5");
    const blobs = join(layout, "blobs/sha256");
    const sizes = await Promise.all(
      (await readdir(blobs)).map(async (blob) => [blob, await readFile(join(blobs, blob))] as const),
    );
    const [largest, content] = sizes.toSorted(([, a], [, b]) => b.length - a.length)[0] ?? [
      "",
      Buffer.alloc(1),
    ];
    content[content.length >> 1] = (content[content.length >> 1] ?? 0) ^ 1;
    await writeFile(join(blobs, largest), content);
    expect((await ask(umoci, "unpack", "--image", `${layout}:lua`, join(home, "wrong"))).exitCode).not.toBe(
      0,
    );
  });
});

describe.skipIf(!notation)(titleOf(notation, "notation"), () => {
  it("signs what we publish and verifies it, and not what nobody signed", async () => {
    const reference = `${world.namespace}/lua@${digestOfTarget("lua:5.5")}`;
    await told(notation, "cert", "generate-test", "--default", "birdhouse.example");
    await told(notation, "sign", "--insecure-registry", reference);
    const policy = {
      version: "1.0",
      trustPolicies: [
        {
          name: "all",
          registryScopes: ["*"],
          signatureVerification: { level: "strict" },
          trustStores: ["ca:birdhouse.example"],
          trustedIdentities: ["*"],
        },
      ],
    };
    await writeFile(join(home, "policy.json"), JSON.stringify(policy));
    await told(notation, "policy", "import", join(home, "policy.json"));
    await told(notation, "verify", "--insecure-registry", reference);
    const dev = `${world.namespace}/lua@${digestOfTarget("lua:5.5-dev")}`;
    expect((await ask(notation, "verify", "--insecure-registry", dev)).exitCode).not.toBe(0);
  });

  it("leaves the plan as it was: nothing is due for a stranger's signature", async () => {
    const { document } = await world.json("plan");
    expect(document.plan.filter(({ rebuild }) => rebuild)).toEqual([]);
  });
});

describe.skipIf(!regctl)(titleOf(regctl, "regctl"), () => {
  beforeAll(async () => {
    for (const host of [world.registryHost, other])
      await told(regctl, "registry", "set", "--tls", "disabled", host);
  });

  it("finds the digest, the tags' manifests and what is attached", async () => {
    expect((await told(regctl, "image", "digest", image("5.5"))).trim()).toBe(digestOfTarget("lua:5.5"));
    const listed = JSON.parse(await told(regctl, "artifact", "list", "--format", "{{json .}}", image("5.5")));
    const types = listed.descriptors.map(({ artifactType }: { artifactType: string }) => artifactType);
    expect(types).toContain("application/vnd.in-toto+json");
    const platform = `${world.namespace}/lua@${await platformDigest("arm64")}`;
    expect(await told(regctl, "artifact", "list", platform)).toContain(SBOM);
  });

  it("copies it with all that is attached, and finds the same there", async () => {
    const to = `${other}/regctl/lua:5.5`;
    await told(regctl, "image", "copy", "--referrers", image("5.5"), to);
    expect((await told(regctl, "image", "digest", to)).trim()).toBe(digestOfTarget("lua:5.5"));
    const count = async (reference: string) =>
      JSON.parse(await told(regctl, "artifact", "list", "--format", "{{json .}}", reference)).descriptors
        .length;
    expect(await count(to)).toBe(await count(image("5.5")));
  });

  it("reads the tags of both variants alike", async () => {
    for (const tag of [...tagsOf("lua:5.5"), ...tagsOf("lua:5.5-dev")]) {
      const manifest = JSON.parse(await told(regctl, "manifest", "get", "--format", "raw-body", image(tag)));
      expect(manifest.mediaType).toBe("application/vnd.oci.image.index.v1+json");
    }
  });
});
