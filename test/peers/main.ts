import { readFile, writeFile } from "node:fs/promises";
import { markdownTable } from "markdown-table";
import { type CountedPeer, countPeers, missingChecks, readTable, type TestResults } from "./table.ts";

/**
 * Writes the table of docs/peers.md from what the tests of peers came to, or checks that nothing of it went lost.
 * `main.ts [--check] RESULTS`, results being what vitest wrote as JSON.
 */
const PAGE = new URL("../../docs/peers.md", import.meta.url);
const TABLE = /(?<=<!-- table -->\n)[\s\S]*?(?=<!-- \/table -->)/;

const isCheck = process.argv[2] === "--check";
const results = JSON.parse(await readFile(process.argv.at(-1) ?? "", "utf8")) as TestResults;
const peers = countPeers(results);
const page = await readFile(PAGE, "utf8");

console.log(tableOf(peers));
if (isCheck) {
  const missing = missingChecks(readTable(page), peers);
  for (const line of missing) console.error(line);
  if (missing.length > 0) process.exitCode = 1;
} else if (peers.some(({ passed, checks }) => passed < checks)) {
  console.error("not written to docs/peers.md: not all passed");
  process.exitCode = 1;
} else {
  const day = new Date().toISOString().slice(0, 10);
  if (!TABLE.test(page)) throw new Error("docs/peers.md has no place for the table");
  await writeFile(PAGE, page.replace(TABLE, `\nAsked on ${day}.\n\n${tableOf(peers)}\n\n`));
}

function tableOf(counted: readonly CountedPeer[]): string {
  return markdownTable(
    [
      ["peer", "version", "checks", "passed", "what was asked"],
      ...counted.map(({ name, version, checks, passed, asked }) => [
        name,
        version,
        String(checks),
        String(passed),
        asked.map((one) => one.replaceAll("|", "\\|")).join("; "),
      ]),
    ],
    { align: ["l", "l", "r", "r", "l"], alignDelimiters: false },
  );
}
