import { gunzipSync } from "node:zlib";
import { readIndex } from "../../../scripts/formats/alpine/index.ts";
import { mainIndex, openAlpineData } from "../alpine.ts";
import type { Benchmark } from "../result.ts";
import { best, interleave, timed } from "../timing.ts";

const ROUNDS = 100;
const ALLOWED = 3;
/** What our own reader takes at a time: the peer is not to be held back by Node's 16 KiB. */
const CHUNK = { chunkSize: 256 * 1024 };

/** An index read, verified and taken apart, beside its mere unpacking. */
export const readIndexBenchmark: Benchmark = {
  name: "index",
  title: "reading and verifying a branch's main index",
  async run(note) {
    const data = openAlpineData();
    const [branch = ""] = data.branches;
    const bytes = mainIndex(data, branch);
    const packages = readIndex(bytes, data.keys, branch).packages.length;
    note(`${data.title}: v${branch} main, ${packages} packages, ${ROUNDS} rounds`);
    const times = await interleave(
      {
        gunzip: () => timed(() => gunzipSync(bytes, CHUNK)),
        read: () => timed(() => readIndex(bytes, data.keys, branch)),
      },
      ROUNDS,
    );
    return [
      {
        benchmark: "index",
        what: `read and verify v${branch} main`,
        unit: "ms",
        measured: best(times.read),
        against: { what: "gunzip alone", value: best(times.gunzip) },
        allowed: ALLOWED,
      },
    ];
  },
};
