import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadCatalog } from "../../scripts/catalog/load.ts";
import { run, tryRun } from "../../scripts/system/process/process.ts";
import { unmountBelow } from "../../scripts/system/state/run-folder.ts";
import { askFastCgi } from "../support/fastcgi.ts";
import { type StartOptions, withProcessOne } from "../support/process-one.ts";
import { rememberBuilds } from "../support/remembered-builds.ts";
import { SOAK } from "../support/soak.ts";
import { GO_CACHE } from "../support/try-example.ts";
import { unpackDebian } from "../support/unpack-debian.ts";
import { withoutProof } from "../support/without-proof.ts";
import { freePort, World } from "../support/world.ts";

const MINUTES = 60_000;

// test/full/catalog.test.ts, which is begun before, builds most of these pairs.
rememberBuilds();

const { targets } = await loadCatalog("catalog.yaml");

/** How long an app may take to answer for the first time, and to end. */
const START_MS = 30_000;
const END_MS = 2_000;

/** Whoever runs an app: the image's own user, anybody, and who may do everything. */
const USERS = ["65532:65532", "1000:1000", "0:0"];

/** An app as people deploy it: a Dockerfile of two stages, and what it answers. */
interface App {
  readonly folder: string;
  /** The pair that it is built with and on. */
  readonly image: string;
  readonly version: string;
  /** Puts what the sandbox's registries lack into a copy of the app. @returns why it cannot be had, if so */
  readonly prepare?: (folder: string) => Promise<string | undefined>;
  /** How it is started, and told where to listen. */
  readonly start: (port: number) => StartOptions;
  readonly ask: (port: number) => Promise<string>;
  readonly answer: string;
}

/** Whoever fetches for an app here is this machine's own client, which may need to be told of a proxy, or of its keys. */
const APPS: Readonly<Record<string, App>> = {
  "express, with sqlite3 compiled from its source": {
    ...{ folder: "test/apps/express", image: "node", version: "24" },
    prepare: async (folder) => (await fetchNpmPackages(folder)) ?? (await compileQuickly(folder)),
    start: onPort,
    ask: (port) => getPage(port, "/"),
    answer: "visit 1",
  },
  "Django with gunicorn in a virtual environment, with a C extension of its own": {
    ...{ folder: "test/apps/django", image: "python", version: "3.14" },
    prepare: (folder) => fetchWheels(folder, "3.14"),
    start: onPort,
    ask: (port) => getPage(port, "/"),
    answer: "one two three: 2 spaces",
  },
  "a Rack app with Bundler": {
    ...{ folder: "test/apps/rack", image: "ruby", version: "3.3" },
    prepare: unpackGems,
    start: onPort,
    ask: (port) => getPage(port, "/?name=sparrow"),
    answer: "hello, sparrow",
  },
  "PHP-FPM with Composer and mbstring": {
    ...{ folder: "examples/php-fpm", image: "php-fpm", version: "8.4" },
    // The example asks itself for one page and ends; a service is started as the base image says.
    start: (port) => ({
      argv: targets.find(({ name }) => name === "php-fpm:8.4")?.cmd,
      env: { PHP_FPM_LISTEN: `0.0.0.0:${port}` },
    }),
    ask: (port) =>
      askFastCgi(port, {
        REQUEST_METHOD: "GET",
        SCRIPT_FILENAME: "/usr/src/app/public/index.php",
        QUERY_STRING: "number=2&dish=%C5%93uf",
      }),
    answer: "<li>2 Œufs</li>",
  },
  "a Go server with net/http": {
    ...{ folder: "test/apps/go", image: "go", version: "1.26" },
    start: onPort,
    ask: (port) => getPage(port, "/about"),
    answer: "38788c25-5da6-5b91-99ad-4dff9993a039",
  },
};

describe("apps on the published pairs", () => {
  let world: World;
  beforeAll(async () => {
    world = await World.open("");
    // test/full/catalog.test.ts goes through these.
    await world.writeCatalog(withoutProof(await readFile("catalog.yaml", "utf8"), "checks", "example"));
    await world.startRegistry();
    await world.startMirror();
    const pairs = Object.values(APPS).map(({ image, version }) => `${image}:${version}`);
    const { stderr, exitCode } = await world.birdhouse("rebuild", "--engine", "buildah", ...pairs);
    expect(exitCode, stderr).toBe(0);
  }, 25 * MINUTES);
  afterAll(() => world.close());

  it.for(Object.keys(APPS))(
    "%s: built in dev, answers whoever runs it, and ends when told to",
    async (name, { skip }) => {
      const app = APPS[name];
      if (!app) throw new Error(`there is no app ${name}`);
      const folder = world.path(`apps/${basename(app.folder)}`);
      await cp(app.folder, folder, { recursive: true });
      const lacking = await app.prepare?.(folder);
      skip(lacking !== undefined, lacking);
      // One for all: dev images have their largest layer in common, which is pulled once then.
      const store = world.path("store");
      try {
        await build(app, folder, store, world);
        for (const user of USERS) {
          expect({ user, ...(await tryOut(app, store, user)) }).toEqual({
            ...{ user, answer: app.answer, ended: 0, isQuick: true },
          });
        }
      } finally {
        await unmountBelow(store);
      }
    },
  );
});

/** As a person would who typed `docker build -t app .` */
async function build({ version }: App, folder: string, store: string, world: World): Promise<void> {
  await mkdir(store, { recursive: true });
  const { exitCode, output } = await tryRun(["test/support/docker", "build", "-t", "app", folder], {
    env: { STORE: store, REGISTRY: world.namespace, VERSION: version, GO_CACHE },
  });
  expect(exitCode, output).toBe(0);
}

/** Asks an app for a page, where it may write nothing but what is below `/tmp`, and tells it to end. */
async function tryOut(app: App, store: string, user: string) {
  const port = await freePort();
  const options: StartOptions = { ...app.start(port), user, isReadOnly: true };
  return await withProcessOne("localhost/app", store, options, async ({ ended, stop }) => {
    const answer = await Promise.race([firstAnswer(app, port), ended.then((how) => `it ended with ${how}`)]);
    const told = Date.now();
    await stop();
    const how = await Promise.race([ended, sleep(END_MS * 5, "it did not end", { ref: false })]);
    return { answer, ended: how, isQuick: Date.now() - told < END_MS };
  });
}

async function firstAnswer({ ask }: App, port: number): Promise<string> {
  for (const until = Date.now() + START_MS; ; await sleep(50)) {
    try {
      return await ask(port);
    } catch (error) {
      if (Date.now() > until) return `no answer: ${error}`;
    }
  }
}

function onPort(port: number): StartOptions {
  return { env: { PORT: String(port) } };
}

async function getPage(port: number, path: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: "close" } });
  return await response.text();
}

/** Fills a cache that npm takes everything from in the image: it finds there by its digest what a lock file names. */
async function fetchNpmPackages(folder: string): Promise<string | undefined> {
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--cache", "npm-cache"];
  const fetched = await tryRun(["npm", "ci", ...flags], { cwd: folder });
  if (fetched.exitCode !== 0) return `the npm registry does not give express and sqlite3: ${fetched.stderr}`;
  await rm(join(folder, "node_modules"), { recursive: true });
  await writeFile(join(folder, ".npmrc"), "cache = npm-cache\noffline = true\n");
  await nameArchives(join(folder, "package-lock.json"));
  return undefined;
}

/** How quick the database is, is not asked: what is compiled without optimization is there in a fifth of the time. */
async function compileQuickly(folder: string): Promise<undefined> {
  if (SOAK) return;
  const path = join(folder, "Dockerfile");
  const text = await readFile(path, "utf8");
  await writeFile(path, text.replace("RUN npm ci", "RUN CFLAGS=-O0 CXXFLAGS=-O0 npm ci"));
}

/** Says of each package where its archive is: without that npm would ask the registry, also for what it has. */
async function nameArchives(file: string): Promise<void> {
  const lock = JSON.parse(await readFile(file, "utf8"));
  for (const [path, entry] of Object.entries<{ version: string; resolved?: string }>(lock.packages)) {
    const name = path.split("node_modules/").at(-1) ?? "";
    if (name === "") continue;
    entry.resolved = `https://registry.npmjs.org/${name}/-/${basename(name)}-${entry.version}.tgz`;
  }
  await writeFile(file, JSON.stringify(lock));
}

/** Fills a folder that pip takes everything from in the image, for any platform. */
async function fetchWheels(folder: string, version: string): Promise<string | undefined> {
  const requirements = join(folder, "requirements.txt");
  const flags = ["--only-binary=:all:", "--python-version", version, "--dest", join(folder, "wheels")];
  const wanted = ["--requirement", requirements, "setuptools"];
  const fetched = await tryRun(["python3", "-m", "pip", "download", "--quiet", ...flags, ...wanted]).catch(
    (error: unknown) => ({ exitCode: 1, stderr: String(error) }),
  );
  if (fetched.exitCode !== 0) return `this machine's pip does not give Django: ${fetched.stderr}`;
  await run(["sed", "-i", "1i --no-index\\n--find-links wheels", requirements]);
  return undefined;
}

/** Puts gems where the Gemfile says, from Debian's packages: RubyGems has them with the same files. */
async function unpackGems(folder: string): Promise<undefined> {
  for (const name of ["rack", "rackup", "webrick"]) {
    const gems = join(
      await unpackDebian("trixie", `ruby-${name}`),
      "usr/share/rubygems-integration/all/gems",
    );
    const [gem = ""] = await readdir(gems);
    const vendored = join(folder, "vendor", name);
    await cp(join(gems, gem), vendored, { recursive: true });
    await writeFile(join(vendored, `${name}.gemspec`), gemspec(name, gem.slice(name.length + 1)));
  }
}

function gemspec(name: string, version: string): string {
  const said = { name, version, summary: `${name}, vendored`, authors: ["its authors"] };
  const lines = Object.entries(said).map(([key, value]) => `  gem.${key} = ${JSON.stringify(value)}\n`);
  return `Gem::Specification.new do |gem|\n${lines.join("")}  gem.files = Dir["lib/**/*"]\nend\n`;
}
