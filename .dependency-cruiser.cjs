const ROOMS = require("./lint/rooms.cjs");

/** What imports what, as `npm run rooms` holds it. Biome looks at names, such as `rm` of node:fs; this at files. */

const CODE = "^(scripts|sandbox)/";
const SANDBOX_MAY_USE = ["formats", "system", "registry", "catalog", "model"];

/** A rule that nothing may break: `comment` says what to do instead. */
const forbid = (name, comment, from, to) => ({ name, comment, severity: "error", from, to });

/** What is dangerous is done in one place each: packages that only the files of a door may import. */
const door = (name, packages, files, comment) =>
  forbid(
    name,
    comment,
    { path: CODE, pathNot: files },
    { path: packages, dependencyTypesNot: ["type-only"] },
  );

const order = ROOMS.slice(1).map((room, above) =>
  forbid(
    `order-of-rooms-${room}`,
    `${room}/ stands below ${ROOMS.slice(0, above + 1).join(", ")}. Move what it needs down, or take it as an argument.`,
    { path: `^scripts/${room}/` },
    { path: `^scripts/(${ROOMS.slice(0, above + 1).join("|")})/` },
  ),
);

module.exports = {
  forbidden: [
    ...order,
    forbid(
      "room-without-a-place",
      "This folder is not in lint/rooms.cjs. Put its file into a room that is there, or give it a place in that list.",
      { path: "^scripts/[^/]+/", pathNot: `^scripts/(${ROOMS.join("|")})/` },
      {},
    ),
    {
      ...forbid(
        "no-circle-of-folders",
        "Move what both need into a third.",
        { path: CODE },
        { circular: true },
      ),
      scope: "folder",
    },
    forbid(
      "no-circle-of-files",
      "Move what both need into a third file.",
      { path: CODE },
      { circular: true },
    ),
    forbid(
      "model-imports-nothing",
      "model/ holds nouns that everybody may use. Take what is needed as an argument, or put the function higher up.",
      { path: "^scripts/model/" },
      { path: CODE, pathNot: "^scripts/model/" },
    ),
    forbid(
      "commands-are-the-top",
      "Only birdhouse.ts imports a verb. Move what two verbs share to app/.",
      { path: CODE, pathNot: "^scripts/birdhouse\\.ts$" },
      { path: "^scripts/commands/" },
    ),
    forbid(
      "start-is-the-top",
      "Nobody imports the command line itself. Move what is shared into a room.",
      { path: CODE, pathNot: "^scripts/[^/]+$" },
      { path: "^scripts/[^/]+$" },
    ),
    forbid(
      "sandbox-only-from-app",
      "Only app/ opens the sandbox: the pipeline must not know of it. Take what is needed from the catalog's sources.",
      { path: "^scripts/", pathNot: "^scripts/app/" },
      { path: "^sandbox/" },
    ),
    forbid(
      "sandbox-by-its-face",
      "Import sandbox/index.ts, and export from there what app/ needs.",
      { path: "^scripts/app/" },
      { path: "^sandbox/", pathNot: "^sandbox/index\\.ts$" },
    ),
    forbid(
      "sandbox-lazily",
      'Load the sandbox where it is used, by await import("../../sandbox/index.ts"): most runs never need it.',
      { path: "^scripts/" },
      { path: "^sandbox/", dynamic: false, dependencyTypesNot: ["type-only"] },
    ),
    forbid(
      "sandbox-uses-the-ground",
      `The sandbox may use ${SANDBOX_MAY_USE.join(", ")} of scripts/. Take anything else as an argument.`,
      { path: "^sandbox/" },
      { path: "^scripts/", pathNot: `^scripts/(${SANDBOX_MAY_USE.join("|")})/` },
    ),
    door(
      "door-of-files",
      "^node_modules/write-file-atomic/",
      "^scripts/system/files/files\\.ts$",
      "Write, move and remove files by scripts/system/files/files.ts.",
    ),
    door(
      "door-of-http",
      "^(node_modules/undici/|(node:)?https?$|(node:)?http2$)",
      "^(scripts/system/http/|sandbox/serve\\.ts$|sandbox/apk/)",
      "Ask other machines by scripts/system/http/http.ts.",
    ),
    // The .mjs files are those that Node runs as they stand, before there is a bundle.
    door(
      "door-of-processes",
      "^(node_modules/zx/|(node:)?child_process$)",
      "^scripts/(system/process/|[^/]+\\.mjs$)",
      "Run programs by scripts/system/process/process.ts.",
    ),
    forbid(
      "packages-that-are-installed",
      // All are devDependencies: they are bundled, and an installed package asks for none.
      'Add the package to "devDependencies" of package.json.',
      { path: CODE },
      { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
    ),
    forbid(
      "no-tool-of-development",
      "What runs may not rest on what only tests, linters and builds have: it would be bundled into the package.",
      { path: CODE },
      {
        path: "^node_modules/(@biomejs|@stryker-mutator|@swc|ajv|dependency-cruiser|knip|playwright|tsx|typescript|vite)",
      },
    ),
    forbid(
      "no-import-of-nothing",
      "There is no such file or package. Correct the import.",
      { path: CODE },
      { couldNotResolve: true },
    ),
    forbid(
      "no-orphans",
      "Nothing imports this file, and it imports nothing. Use it, or delete it.",
      { orphan: true, path: CODE, pathNot: "\\.d\\.ts$" },
      {},
    ),
  ],
  options: {
    // TypeScript 7 has no API that tells what a file imports; swc does, types included.
    parser: "swc",
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node"] },
  },
};
