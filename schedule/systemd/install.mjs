import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Writes the units for `make install-timer`: into `UNIT_DIR` below `DESTDIR`, with this checkout, this Node, the catalog
 * `CATALOG` and the file `SETTINGS` in them. make hands those on with BIRDHOUSE_ before their names.
 */

const HERE = dirname(fileURLToPath(import.meta.url));
const { BIRDHOUSE_DESTDIR = "", BIRDHOUSE_UNIT_DIR = "", BIRDHOUSE_SETTINGS = "" } = process.env;
const PROJECT = resolve(HERE, "../..");
const CATALOG = resolve(process.env.BIRDHOUSE_CATALOG || join(PROJECT, "catalog.yaml"));
const DIRECTORY = dirname(CATALOG);

if (!existsSync(CATALOG)) {
  console.error(`CATALOG: there is no ${CATALOG}: name the catalog.yaml that is to be rebuilt every night`);
  process.exit(2);
}
const values = { DIRECTORY, CATALOG, PROJECT, NODE: process.execPath, SETTINGS: BIRDHOUSE_SETTINGS };
for (const [name, value] of Object.entries(values)) {
  // They stand between quotes and in lines of their own, where these would end them.
  if (/["\\\p{Cc}]/u.test(value)) {
    console.error(
      `${name}: ${JSON.stringify(value)} cannot stand in a unit of systemd: use a path without quotes`,
    );
    process.exit(2);
  }
}

const folder = `${BIRDHOUSE_DESTDIR}${BIRDHOUSE_UNIT_DIR}`;
const service = readFileSync(join(HERE, "birdhouse.service"), "utf8");
mkdirSync(folder, { recursive: true });
// systemd binds what may be written, which must be there.
for (const place of [PROJECT, DIRECTORY]) mkdirSync(join(place, ".birdhouse"), { recursive: true });
// A % begins a specifier of systemd's; two stand for one. Source: systemd.unit(5), "Specifiers".
const filled = service.replace(/@([A-Z]+)@/g, (_, name) => values[name].replaceAll("%", "%%"));
writeFileSync(join(folder, "birdhouse.service"), filled);
copyFileSync(join(HERE, "birdhouse.timer"), join(folder, "birdhouse.timer"));
