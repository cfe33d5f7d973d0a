import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { type FileServer, serveDirectory } from "../../sandbox/serve.ts";
import { loadCatalog } from "../../scripts/catalog/load.ts";
import { inputsAnnotation, sizesAnnotations } from "../../scripts/formats/annotations.ts";
import { digestOf } from "../../scripts/formats/oci/digest.ts";
import { MEDIA_TYPE } from "../../scripts/formats/oci/types.ts";
import { inputsOf } from "../../scripts/model/inputs.ts";
import type { Catalog, Target } from "../../scripts/model/target.ts";
import { dockerfileOf, renderCatalog } from "../../scripts/render/files.ts";
import { loadTemplates } from "../../scripts/render/templates.ts";
import { EARLIER_MIRROR, FIXTURE_MIRROR, rootfsFile } from "../support/alpine-fixtures.ts";
import { type NamedVersion, openRealHistory, type RealHistory } from "../support/moved-by-apk.ts";
import { noRealApk } from "../support/real-apk.ts";
import { World } from "../support/world.ts";

const ROOT = resolve(import.meta.dirname, "../..");
/** Long after the days on which 3.9 and its languages really ended: else they would be left alone. */
const NEVER = "2099-01-01";

/** The project's catalog with its versions on 3.9 only, as if these were still supported. */
function catalogOf39(registry: string, packages: string): string {
  const catalog = parse(readFileSync(resolve(ROOT, "catalog.yaml"), "utf8"));
  for (const [name, image] of Object.entries<Record<string, never>>(catalog.images)) {
    const { versions = {} } = image as { versions?: Record<string, Record<string, unknown>> };
    const kept = Object.entries(versions).filter(([, version]) => version.branch === "3.9");
    for (const [, version] of kept) delete version.eol;
    if (kept.length === 0) delete catalog.images[name];
    else (image as { versions?: unknown }).versions = Object.fromEntries(kept);
  }
  catalog.branches = { "3.9": { eol: NEVER } };
  catalog.excluded = {};
  catalog.registry = `${registry}/test`;
  // The only one that those indexes are of.
  catalog.platforms = ["linux/amd64"];
  catalog.sources = { base: `${registry}/alpine`, packages, keys: resolve(ROOT, "keys") };
  return stringify(catalog);
}

describe.skipIf(noRealApk)(
  `a plan of Alpine's real history${noRealApk ? ` (skipped: ${noRealApk})` : ""}`,
  () => {
    let world: World;
    let history: RealHistory;
    let earlier: FileServer;
    let later: FileServer;
    let catalog: Catalog;
    /** What each image was published with, in the days of the earlier index. */
    const published = new Map<string, NamedVersion[]>();

    beforeAll(async () => {
      world = await World.open("");
      await world.startRegistry();
      history = await openRealHistory();
      earlier = await serveDirectory(EARLIER_MIRROR, 0);
      later = await serveDirectory(FIXTURE_MIRROR, 0);
      await judgeAgainst(earlier);
      const base = rootfsFile("3.9", "etc/apk/world").trim().split(/\s+/);
      for (const target of catalog.targets) {
        const installed = await history.installedEarlier([
          ...(target.variant === "dev" ? base : []),
          ...target.world,
        ]);
        if (installed) published.set(target.name, installed);
      }
    });
    afterAll(async () => {
      await earlier?.close();
      await later?.close();
      history?.remove();
      await world?.close();
    });

    /** Points the catalog at a mirror, and publishes what is known as made from just that catalog. */
    async function judgeAgainst({ url }: FileServer): Promise<void> {
      await world.writeCatalog(catalogOf39(world.registryHost, url));
      catalog = await loadCatalog(world.path("catalog.yaml"));
      const rendered = renderCatalog(catalog, await loadTemplates(resolve(ROOT, "templates")));
      for (const target of catalog.targets) {
        const installed = published.get(target.name);
        if (installed) await publishRecord(target, installed, rendered.get(dockerfileOf(target)) ?? "");
      }
    }

    async function publishRecord(
      target: Target,
      installed: readonly NamedVersion[],
      dockerfile: string,
    ): Promise<void> {
      const packages = installed.map(({ name, version }) => [name, { version, unpacked: 1 }] as const);
      const sizes = { compressed: 1, unpacked: 1, packages: new Map(packages) };
      const annotations = {
        ...inputsAnnotation(inputsOf(target, catalog, dockerfile)),
        ...sizesAnnotations(new Map([["linux/amd64", sizes]])),
      };
      const index = { schemaVersion: 2, mediaType: MEDIA_TYPE.index, manifests: [], annotations };
      const bytes = Buffer.from(JSON.stringify(index));
      const [, tag = ""] = target.name.split(":");
      await world.registry.putManifest(`test/${target.image}`, tag, {
        ...{ bytes, mediaType: MEDIA_TYPE.index, digest: digestOf(bytes) },
      });
    }

    /** Target → `name from → to` of each package that is said to have moved, without what nobody published. */
    async function planned(): Promise<Map<string, string[]>> {
      const { document } = await world.json("plan", "--profile", "catalog");
      expect(document.plan.flatMap(({ unknown }) => unknown)).toEqual([]);
      return new Map(
        document.plan
          .filter(({ target }) => published.has(target))
          .map(({ target, reasons }) => [target, reasons.flatMap((one) => movesOf(one)).sort()]),
      );
    }

    it("is empty when judged against the index that it was made from", async () => {
      await judgeAgainst(earlier);
      const found = await planned();
      expect(found.size).toBeGreaterThanOrEqual(15);
      expect([...found].filter(([, moves]) => moves.length > 0)).toEqual([]);
    });

    it("names every package that the real apk would upgrade fifteen months later, and no other", async () => {
      await judgeAgainst(later);
      const found = await planned();
      let moves = 0;
      for (const [target, installed] of published) {
        const expected = await history.overtaken(installed);
        expect(found.get(target), target).toEqual(expected);
        moves += expected.length;
      }
      const due = [...found].filter(([, those]) => those.length > 0);
      console.log(`${due.length} of ${published.size} images are overtaken, by ${moves} newer packages`);
      expect(moves).toBeGreaterThan(100);
    });
  },
);

/** Reasons other than packages, but for the pair's, are moves too: of something that must not have moved. */
function movesOf(reason: {
  readonly kind: string;
  readonly text: string;
  readonly moved?: readonly { readonly name: string; readonly from: string; readonly to: string }[];
}): string[] {
  if (reason.kind === "pair") return [];
  return reason.moved?.map(({ name, from, to }) => `${name} ${from} → ${to}`) ?? [reason.text];
}
