import { showPlan } from "../../../scripts/commands/plan.ts";

/** The command `plan` alone: without the start of Node and the loading of modules. Arguments: CATALOG STATE. */
const [catalog = "", state = ""] = process.argv.slice(2);

const start = performance.now();
await showPlan([], { catalog, state, json: true, force: false, profile: "catalog", mirrorPort: 1 });
performance.measure("work", { start, end: performance.now() });
