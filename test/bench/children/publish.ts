import { availableParallelism } from "node:os";
import pLimit from "p-limit";
import { OciLayout } from "../../../scripts/formats/oci/layout.ts";
import { Registry } from "../../../scripts/registry/client.ts";
import { BlobLocations, manifestContent, pushContent, putTag } from "../../../scripts/registry/push.ts";

/** Publishes layouts as the pipeline does, so many at once. Arguments: HOST, then LAYOUT REPOSITORY TAG of each. */
const [host = "", ...words] = process.argv.slice(2);

const start = performance.now();
const registry = new Registry(host);
const blobLocations = new BlobLocations();
const limit = pLimit(availableParallelism());
const jobs: Promise<void>[] = [];
for (let at = 0; at < words.length; at += 3) {
  const [directory = "", repository = "", tag = ""] = words.slice(at, at + 3);
  jobs.push(
    limit(async () => {
      const layout = await OciLayout.open(directory);
      const index = await layout.root();
      await pushContent(layout, index, registry, repository, { blobLocations });
      await putTag(registry, repository, tag, await manifestContent(layout, index));
    }),
  );
}
await Promise.all(jobs);
performance.measure("work", { start, end: performance.now() });
