import type { Dependency } from "../../scripts/formats/alpine/dependency.ts";
import type { Package } from "../../scripts/model/package.ts";
import { type Candidates, installationOrder } from "./candidates.ts";
import type { Problem } from "./problem.ts";
import { type Demand, Search } from "./search.ts";

export type Solution =
  | { readonly ok: true; readonly packages: readonly Package[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** How many choices may turn out wrong before the search gives up. */
const ATTEMPTS = 100;

/**
 * The packages that the world asks for with all that they need, in the order to install them.
 *
 * What leaves no choice is selected first; where there is one, what apk prefers. When a later package cannot live with
 * an earlier choice, the search begins again with its demand known from the start. That is simpler than apk's own
 * solver, and comes to the same for worlds like ours.
 *
 * @param world what is asked for, each name once
 * @throws Error when too many choices turn out wrong
 */
export function solve(world: readonly Dependency[], candidates: Candidates): Solution {
  const demands = world.map((dependency) => ({ dependency, by: "world" }));
  const known: Demand[] = [];
  while (known.length < ATTEMPTS) {
    const search = new Search(candidates, demands, known);
    const clash = search.run();
    if (clash !== undefined) {
      known.push(clash);
      continue;
    }
    const problems = search.problems();
    if (problems.length > 0) return { ok: false, problems };
    const order = installationOrder(world, search.selected, (name) => search.chosen.get(name)?.candidate);
    return { ok: true, packages: order.map((each) => each.package) };
  }
  throw new Error(`no set of packages that fits was found in ${ATTEMPTS} attempts`);
}
