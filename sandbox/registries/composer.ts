import { hexDigest, moved, tarFiles, zipOf } from "./archives.ts";
import { type Ecosystem, REGISTRIES_PATH, templateUrl } from "./ecosystem.ts";

const FOLDER = "composer";
const NAME = "doctrine/inflector";
const VERSION = "2.0.10";
const DESCRIPTION = {
  name: NAME,
  type: "library",
  license: ["MIT"],
  require: { php: "^7.2 || ^8.0" },
  autoload: { "psr-4": { "Doctrine\\Inflector\\": "src" } },
};

/**
 * Packagist with `doctrine/inflector`, made of Debian's package. The protocol is a Composer repository with
 * `metadata-url` (getcomposer.org/doc/05-repositories.md#composer), which Composer 2 reads.
 */
export const composer: Ecosystem<"inflector"> = {
  folder: FOLDER,
  sources: {
    inflector: {
      debian: "pool/main/p/php-doctrine-inflector/php-doctrine-inflector_2.0.10-4_all.deb",
      sha256: "8615c2438e8570235475a7032d60538ae8a0a626287a9dc086edb6f8ae55f755",
    },
  },
  async publish({ inflector }) {
    const sources = moved(tarFiles(inflector), "usr/share/php/Doctrine/Inflector/", "inflector/src/");
    const description = Buffer.from(JSON.stringify(DESCRIPTION));
    const zip = zipOf(new Map([...sources, ["inflector/composer.json", description]]));
    const path = `dist/${NAME}/${VERSION}.zip`;
    const shasum = hexDigest("sha1", zip);
    const dist = { type: "zip", url: templateUrl(FOLDER, path), shasum, reference: shasum };
    const release = { ...DESCRIPTION, version: VERSION, version_normalized: `${VERSION}.0`, dist };
    return {
      "packages.json": JSON.stringify({
        packages: [],
        "metadata-url": `${REGISTRIES_PATH}/${FOLDER}/p2/%package%.json`,
        "available-packages": [NAME],
      }),
      [`p2/${NAME}.json.template`]: JSON.stringify({ packages: { [NAME]: [release] } }),
      [path]: zip,
    };
  },
  client: (url) => ({
    env: { COMPOSER_HOME: "/etc/composer" },
    files: {
      "etc/composer/config.json": `${JSON.stringify({
        config: { "secure-http": false },
        repositories: { "packagist.org": { type: "composer", url } },
      })}\n`,
    },
  }),
};
