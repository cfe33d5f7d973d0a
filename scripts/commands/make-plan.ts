import pLimit from "p-limit";
import { pairOf, selectTargets } from "../catalog/select.ts";
import type { Target } from "../catalog/target.ts";
import { inputsOf } from "../plan/inputs.ts";
import { type Comparison, type PlannedTarget, plan } from "../plan/plan.ts";
import { readPublished } from "../plan/published.ts";
import { repositoryIn } from "../registry/reference.ts";
import { dockerfileOf, type RenderedFiles, renderCatalog } from "../render/files.ts";
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
  const names = new Set(selectTargets(catalog.targets, patterns).map(({ name }) => name));
  const pairs = catalog.targets.filter((target) => names.has(target.name) || names.has(pairOf(target)));
  const limit = pLimit(CONCURRENCY);
  const compare = async (target: Target): Promise<Comparison> => ({
    target,
    inputs: inputsOf(target, catalog, rendered.get(dockerfileOf(target)) ?? ""),
    published: await readPublished(session.registry, ...tagOf(session, target), session.signal),
    asked: force && names.has(target.name),
  });
  return { planned: plan(await Promise.all(pairs.map((target) => limit(compare, target)))), rendered };
}

/** Repository and tag of a target: `node:22-dev` is `22-dev` in `NAMESPACE/node`. */
function tagOf({ namespace }: Session, target: Target): [repository: string, tag: string] {
  return [repositoryIn(namespace, target.image), target.name.slice(target.image.length + 1)];
}
