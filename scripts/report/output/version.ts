/** Of what `--json` prints: it grows when a field goes away or changes its meaning. Apart from the schemas, which take a while to load. */
export const OUTPUT_VERSION = 1;
