import { join } from "node:path";
import pLimit from "p-limit";
import { selectTargets } from "../catalog/select.ts";
import type { Target } from "../catalog/target.ts";
import { inputsOf } from "../plan/inputs.ts";
import { type Comparison, type PlannedTarget, plan } from "../plan/plan.ts";
import { readPublished } from "../plan/published.ts";
import { repositoryIn } from "../registry/reference.ts";
import { folderOf, type RenderedFiles, renderCatalog } from "../render/files.ts";
import { loadTemplates } from "../render/templates.ts";
import { TEMPLATES } from "./paths.ts";
import type { Session } from "./session.ts";

/** Registry reads at once. */
const CONCURRENCY = 16;

/** A plan, and the Dockerfiles it is made for. */
export interface MadePlan {
  readonly planned: readonly PlannedTarget[];
  readonly rendered: RenderedFiles;
}

/**
 * Compares the catalog with the registry.
 * @param patterns which targets; none means all. Their pairs come along, as they are published together
 * @param force rebuild those targets whatever the comparison says
 */
export async function makePlan(
  session: Session,
  patterns: readonly string[],
  force: boolean,
): Promise<MadePlan> {
  const { catalog } = session;
  const rendered = renderCatalog(session.written, await loadTemplates(TEMPLATES));
  const selected = new Set(selectTargets(catalog.targets, patterns));
  const pairs = catalog.targets.filter((target) =>
    [...selected].some((other) => isSameRelease(target, other)),
  );
  const limit = pLimit(CONCURRENCY);
  const compare = async (target: Target): Promise<Comparison> => ({
    target,
    inputs: inputsOf(target, catalog, rendered.get(join(folderOf(target), "Dockerfile")) ?? ""),
    published: await readPublished(session.registry, ...tagOf(session, target), session.signal),
    asked: force && selected.has(target),
  });
  return { planned: plan(await Promise.all(pairs.map((target) => limit(compare, target)))), rendered };
}

/** Repository and tag of a target: `node:22-dev` is `22-dev` in `NAMESPACE/node`. */
function tagOf({ namespace }: Session, target: Target): [repository: string, tag: string] {
  return [repositoryIn(namespace, target.image), target.name.slice(target.image.length + 1)];
}

function isSameRelease(one: Target, other: Target): boolean {
  return one.image === other.image && one.version === other.version;
}
