// Loaded into a process that is measured, before anything else: at its end it writes down what it took. Plain
// JavaScript, so that it weighs next to nothing.
import { subscribe } from "node:diagnostics_channel";
import { writeFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

const file = process.env.BIRDHOUSE_PROBE;
const requests = [];

if (isMainThread && file) {
  // Both of Node's clients tell of each request, repeated ones and redirects as well.
  subscribe("http.client.request.start", ({ request }) => {
    requests.push(`${request.method} ${request.protocol}//${request.getHeader("host")}${request.path}`);
  });
  subscribe("undici:request:create", ({ request }) => {
    requests.push(`${request.method} ${request.origin}${request.path}`);
  });
  process.on("exit", () => {
    const [measure] = performance.getEntriesByName("work");
    const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
    writeFileSync(
      file,
      JSON.stringify({
        maxRss: maxRSS * 1024,
        cpu: (userCPUTime + systemCPUTime) / 1000,
        work: measure ? measure.duration : null,
        requests,
      }),
    );
  });
}
