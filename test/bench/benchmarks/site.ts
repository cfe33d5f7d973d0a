import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { replaceSite } from "../../../scripts/app/site/folder.ts";
import { loadSitePages } from "../../../scripts/report/site/pages.ts";
import { largeSite } from "../../support/large-site.ts";
import { PROJECT } from "../child.ts";
import type { Benchmark } from "../result.ts";

const TAGS = 1000;
const LIMIT_S = 30;

/** The pages, data and feeds of 1,000 tags with three builds and 60 packages each, made of plain data and written. */
export const siteBenchmark: Benchmark = {
  name: "site",
  title: "writing the pages of 1,000 tags",
  async run(note) {
    const pages = await loadSitePages(join(PROJECT, "templates/site"));
    const site = largeSite(TAGS, 60);
    const folder = await mkdtemp(join(tmpdir(), "birdhouse-bench-site-"));
    try {
      const start = performance.now();
      const files = await replaceSite(join(folder, "site"), async ({ save }) => {
        for (const [path, text] of pages(site)) await save(path, text);
      });
      const seconds = (performance.now() - start) / 1000;
      note(`${files} files`);
      return [
        {
          benchmark: "site",
          what: `write the site of ${TAGS} tags`,
          unit: "s",
          measured: seconds,
          against: { what: "limit", value: LIMIT_S },
          allowed: 1,
        },
      ];
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};
