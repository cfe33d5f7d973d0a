// Reads manifests, and does nothing with them: the least that a plan can take.
// node bare-loop.mjs URLS-FILE CONCURRENCY
import { readFileSync } from "node:fs";
import http from "node:http";

const [file, concurrency] = process.argv.slice(2);
const urls = JSON.parse(readFileSync(file, "utf8"));
const agent = new http.Agent({ keepAlive: true, maxSockets: Number(concurrency) });
const headers = {
  accept: "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json",
};

function read(url) {
  return new Promise((resolve, reject) => {
    http
      .get(url, { agent, headers }, (response) => {
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          if (response.statusCode === 200) resolve(Buffer.concat(chunks).length);
          else reject(new Error(`${url}: ${response.statusCode}`));
        });
      })
      .on("error", reject);
  });
}

async function worker() {
  let bytes = 0;
  for (let url = urls.pop(); url; url = urls.pop()) bytes += await read(url);
  return bytes;
}

const start = performance.now();
const bytes = await Promise.all(Array.from({ length: Number(concurrency) }, worker));
performance.measure("work", { start, end: performance.now() });
agent.destroy();
process.stdout.write(`${bytes.reduce((sum, count) => sum + count, 0)}\n`);
