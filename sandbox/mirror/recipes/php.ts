import type { Recipe, Recipes } from "../recipe.ts";

/** Modules that Debian has in php-common, each a shared object that nothing loads by itself. */
const COMMON = [
  ...["calendar", "ctype", "exif", "ffi", "fileinfo", "ftp", "gettext", "iconv", "pdo", "phar", "posix"],
  ...["shmop", "sockets", "sysvmsg", "sysvsem", "sysvshm", "tokenizer"],
];
/** Modules that Debian compiles into the interpreter: they are always there, and a package of them is empty. */
const BUILT_IN = ["openssl", "pcntl", "session", "sodium"];
/** Modules by the Debian package that has them: `xml` is php8.4-xml. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  bcmath: ["bcmath"],
  bz2: ["bz2"],
  curl: ["curl"],
  gd: ["gd"],
  gmp: ["gmp"],
  intl: ["intl"],
  mbstring: ["mbstring"],
  mysql: ["mysqli", "mysqlnd", "pdo_mysql"],
  opcache: ["opcache"],
  soap: ["soap"],
  sqlite3: ["sqlite3", "pdo_sqlite"],
  xml: ["dom", "simplexml", "xml", "xmlreader", "xmlwriter", "xsl"],
  zip: ["zip"],
};
/** Modules that others call: they are loaded before them, and come with them. */
const FIRST: Readonly<Record<string, string>> = { mysqlnd: "10", pdo: "10", opcache: "10", xml: "15" };
const CALLS: Readonly<Record<string, string>> = {
  mysqli: "mysqlnd",
  pdo_mysql: "pdo",
  pdo_sqlite: "pdo",
  xmlreader: "dom",
  xsl: "dom",
};
/** What Composer asks of PHP, as Alpine's package does. */
const COMPOSER = ["curl", "iconv", "mbstring", "openssl", "phar", "zip"];

/** The modules that have a package here, under Alpine's names: `mbstring` for php84-mbstring. */
const PHP_MODULES: readonly string[] = [...COMMON, ...BUILT_IN, ...Object.values(PARTS).flat()].sort();

/**
 * PHP of this version (`8.4`), cut as Alpine cuts it: `php84` with next to nothing in it, and a package for
 * each module, whose only file makes PHP load it.
 */
export function phpRecipes(version: string): Recipes {
  const php = `php${version.replace(".", "")}`;
  const debian = `php${version}`;
  const modules = PHP_MODULES.map((module): [string, Recipe] => [
    `${php}-${module}`,
    moduleRecipe(module, php, debian),
  ]);
  return {
    [php]: {
      holds: [`${debian}-cli`, `${debian}-common`, `${debian}-readline`],
      files: ini(version, "readline", ["cli"]),
      // No `php`: in the branch that has it here, Alpine gives that name to another version.
      links: { [`usr/bin/${php}`]: debian },
    },
    ...Object.fromEntries(modules),
    [`${php}-fpm`]: {
      holds: [`${debian}-fpm`],
      needs: [php],
      // It reads what Alpine's would read.
      files: {
        ...ini(version, "readline", ["fpm"]),
        [`etc/php/${version}/fpm/php-fpm.conf`]: `[global]\ninclude=/etc/${php}/php-fpm.d/*.conf\n`,
        [`etc/${php}/php-fpm.d/www.conf`]: POOL,
      },
      links: { [`usr/sbin/php-fpm${php.slice(3)}`]: `php-fpm${version}` },
    },
    [`${php}-dev`]: {
      holds: [`${debian}-dev`],
      needs: [php, "gcc", "make", "musl-dev"],
      links: {
        [`usr/bin/phpize${php.slice(3)}`]: `phpize${version}`,
        [`usr/bin/php-config${php.slice(3)}`]: `php-config${version}`,
      },
    },
    composer: {
      holds: ["composer"],
      needs: [php, ...COMPOSER.map((module) => `${php}-${module}`), "busybox-binsh"],
      // Debian's would take whatever is called php; Alpine's takes the PHP that it was made for.
      programs: { "usr/bin/composer": `#!/bin/sh\nexec /usr/bin/${php} /usr/bin/composer.phar "$@"\n` },
      moves: { "usr/bin/composer": "usr/bin/composer.phar" },
    },
  };

  function moduleRecipe(module: string, php: string, debian: string): Recipe {
    const part = Object.entries(PARTS).find(([, modules]) => modules.includes(module))?.[0];
    const called = CALLS[module];
    const needs = [php, ...(part ? [`${debian}-${part}`] : []), ...(called ? [`${php}-${called}`] : [])];
    return BUILT_IN.includes(module) ? { needs } : { needs, files: ini(version, module) };
  }
}

/** What PHP's own configuration has of a pool of workers. */
const POOL = `[www]
user = nobody
group = nobody
listen = 127.0.0.1:9000
pm = dynamic
pm.max_children = 5
pm.start_servers = 2
pm.min_spare_servers = 1
pm.max_spare_servers = 3
`;

/** The files that make PHP load a module, from a command line and as a server: what Debian's phpenmod would link. */
function ini(version: string, module: string, servers = ["cli", "fpm"]): Record<string, string> {
  const directive = module === "opcache" ? "zend_extension" : "extension";
  const file = `conf.d/${FIRST[module] ?? "20"}-${module}.ini`;
  return Object.fromEntries(
    servers.map((server) => [`etc/php/${version}/${server}/${file}`, `${directive}=${module}.so\n`]),
  );
}
