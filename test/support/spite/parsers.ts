import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { parseLdd } from "../../../sandbox/base/apk-program.ts";
import { mirrorIn } from "../../../sandbox/debian.ts";
import { parsePackages, parseRelations } from "../../../sandbox/debian-control.ts";
import { parseHold } from "../../../scripts/app/options.ts";
import { parseCatalog } from "../../../scripts/catalog/load.ts";
import { readCertificates } from "../../../scripts/catalog/text/certificates.ts";
import { readSource } from "../../../scripts/catalog/text/source.ts";
import { parseNodes, parseOwnPlatforms, parsePlatforms } from "../../../scripts/engine/buildx.ts";
import { parsePod, parsePods } from "../../../scripts/engine/pods/status.ts";
import {
  parseDependencies,
  parseDependency,
  parseProvisions,
} from "../../../scripts/formats/alpine/dependency.ts";
import { readMember } from "../../../scripts/formats/alpine/gzip.ts";
import { parseIndex, readIndex } from "../../../scripts/formats/alpine/index.ts";
import { parseInstalled } from "../../../scripts/formats/alpine/installed.ts";
import { parseSecdb } from "../../../scripts/formats/alpine/secdb.ts";
import { readTar } from "../../../scripts/formats/alpine/tar.ts";
import { compareVersions, satisfies } from "../../../scripts/formats/alpine/version.ts";
import {
  readBase,
  readBuilder,
  readCreated,
  readInputs,
  readSizes,
} from "../../../scripts/formats/annotations.ts";
import { readConfigFacts } from "../../../scripts/formats/oci/config-facts.ts";
import { readLayer } from "../../../scripts/formats/oci/filesystem.ts";
import {
  imageConfigSchema,
  imageIndexSchema,
  MEDIA_TYPE,
  manifestSchema,
  parseDocument,
} from "../../../scripts/formats/oci/types.ts";
import { readLicences } from "../../../scripts/formats/sbom/licences.ts";
import { secondsOf } from "../../../scripts/pipeline/deadline.ts";
import { readFailing } from "../../../scripts/publish/failing.ts";
import { readHold } from "../../../scripts/publish/history.ts";
import { parseRollbackTarget } from "../../../scripts/publish/rollback.ts";
import { readVexNames } from "../../../scripts/publish/vex.ts";
import { parseChallenges } from "../../../scripts/registry/auth.ts";
import { parseEcrHost } from "../../../scripts/registry/ecr/rules.ts";
import { readErrorBody } from "../../../scripts/registry/errors.ts";
import { parseNamespace, parseRepository } from "../../../scripts/registry/reference.ts";
import { readFailure } from "../../../scripts/report/failure.ts";
import { parseJournal } from "../../../scripts/report/runs/journal.ts";
import { nextLink } from "../../../scripts/system/http/follow.ts";
import { mountPoints } from "../../../scripts/system/state/run-folder.ts";
import { parseGrype, parseTrivy } from "../../../scripts/trust/scanners.ts";
import { parseReleases } from "../../../scripts/update/releases.ts";
import { parseHttpAuth } from "../../../scripts/upstream/http-auth.ts";

/** What takes a text, or bytes, apart that come from outside. */
export interface Parser {
  /** Takes a text; whatever it throws is an answer. */
  readonly run: (text: string) => unknown;
  /** Pieces of what it is made for: repeated, they are what it likes least. */
  readonly seeds?: readonly string[];
  /** Milliseconds for 100 kB, where a library needs longer than others: see the constants for why. */
  readonly limit?: number;
  /** Whether the seeds are all that is tried. */
  readonly seedsOnly?: boolean;
}

/** yaml reads some 1 MB of a right catalog a second, and 100 kB may be 30,000 keys. */
const OF_YAML = 2000;

/** zod makes an object of each mistake, and 100 kB of JSON may have 50,000. */
const OF_ZOD = 1000;

/** Parsers of the project, by file and name. Nothing that takes apart what comes from outside may be missing. */
export const PARSERS: Readonly<Record<string, Parser>> = {
  "scripts/formats/alpine/dependency.ts parseDependency": {
    run: parseDependency,
    seeds: ["a=1~", "!a>=1@b", "so:a=1"],
  },
  "scripts/formats/alpine/dependency.ts parseDependencies": {
    run: parseDependencies,
    seeds: ["a=1 ", "!a>=1@b ", " "],
  },
  "scripts/formats/alpine/dependency.ts parseProvisions": {
    run: parseProvisions,
    seeds: ["cmd:x=1.0~abc123-r0 ", "cmd:x=1~a", "a= "],
  },
  "scripts/formats/alpine/gzip.ts readMember": {
    run: (text) => readMember(Buffer.from(text, "latin1"), 0, 1e6),
    seeds: ["\x1f\x8b\x08\x1c", "\x1f\x8b\x08\0"],
  },
  "scripts/formats/alpine/index.ts parseIndex": {
    run: (text) => parseIndex(Buffer.from(text)),
    seeds: [
      "P:a\n",
      "P:a\nV:1\nA:x\nC:Q1\nS:1\np:a=1 b=2\n\n",
      "x\n\n",
      "X:a\nY:b\nZ:c\n",
      "\n",
      "p:a=1 a=1 a==\n\n",
    ],
  },
  "scripts/formats/alpine/index.ts readIndex": { run: (text) => readIndex(packed(text), new Map(), "x") },
  "scripts/formats/alpine/installed.ts parseInstalled": {
    run: parseInstalled,
    seeds: ["P:a\nV:1\nA:x\nF:b\nR:c\na:0:0:755\nZ:d\n", "F:a\n", "P:a\n\n", "M:0:0:755\n"],
  },
  "scripts/formats/alpine/secdb.ts parseSecdb": {
    limit: OF_ZOD,
    run: parseSecdb,
    seeds: ['{"packages":[1,', '{"packages":[{"pkg":{"name":"a","secfixes":{"1":["CVE-1 CVE-2"]}}},'],
  },
  "scripts/formats/alpine/tar.ts readTar": { run: (text) => [...readTar(Buffer.from(text, "latin1"))] },
  "scripts/formats/alpine/version.ts compareVersions": {
    run: (text) => compareVersions(text, `${text}1`),
    seeds: VERSIONS(),
  },
  "scripts/formats/alpine/version.ts satisfies": {
    run: (text) => satisfies(text, "~", text),
    seeds: VERSIONS(),
  },
  "scripts/catalog/load.ts parseCatalog": {
    run: (text) => parseCatalog("x", text),
    seeds: YAML(),
    limit: OF_YAML,
    seedsOnly: true,
  },
  "scripts/catalog/text/source.ts readSource": {
    run: (text) => readSource("x", text),
    seeds: ["a: b\n"],
    limit: OF_YAML,
    seedsOnly: true,
  },
  "scripts/catalog/text/certificates.ts readCertificates": {
    run: (text) => readCertificates("x.pem", Buffer.from(text)),
    seeds: ["-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "-----BEGIN A-----\n"],
  },
  "scripts/engine/pods/status.ts parsePod": {
    run: parsePod,
    seeds: ['{"metadata":{"name":"a"},"status":{"containerStatuses":[', '{"metadata":', "["],
  },
  "scripts/engine/pods/status.ts parsePods": { run: parsePods, seeds: ['{"items":[', "{},"] },
  "scripts/engine/buildx.ts parseNodes": {
    limit: OF_ZOD,
    run: parseNodes,
    seeds: ['{"Name":"x","Nodes":[{"Name":"y"},', '{"Nodes":[{},'],
  },
  "scripts/engine/buildx.ts parsePlatforms": {
    run: parsePlatforms,
    seeds: ["Platforms: linux/amd64*, ", "Platforms:\n"],
  },
  "scripts/engine/buildx.ts parseOwnPlatforms": {
    run: parseOwnPlatforms,
    seeds: ["Platforms: linux/amd64*, ", "Platforms:\n", "*"],
  },
  "scripts/trust/scanners.ts parseGrype": {
    limit: OF_ZOD,
    run: parseGrype,
    seeds: ['{"matches":[1,', '{"matches":[{},'],
  },
  "scripts/trust/scanners.ts parseTrivy": {
    limit: OF_ZOD,
    run: parseTrivy,
    seeds: ['{"Results":[1,', '{"Results":[{},'],
  },
  "scripts/app/options.ts parseHold": { run: parseHold, seeds: ["1d", "1", " "] },
  "scripts/formats/oci/filesystem.ts readLayer": { run: layer },
  "scripts/formats/oci/types.ts parseDocument": {
    limit: OF_ZOD,
    run: (text) =>
      [imageIndexSchema, manifestSchema, imageConfigSchema].map((schema) =>
        attempt(() => parseDocument<unknown>(schema, Buffer.from(text), "x")),
      ),
    seeds: [
      '{"schemaVersion":2,"manifests":[1,',
      '{"schemaVersion":2,"layers":[{},',
      '{"rootfs":{"type":"layers","diff_ids":["x",',
    ],
  },
  "scripts/pipeline/deadline.ts secondsOf": { run: secondsOf, seeds: ["1h", "1"] },
  "scripts/formats/annotations.ts readBase": {
    run: (text) => readBase({ "org.opencontainers.image.base.digest": text }),
  },
  "scripts/formats/annotations.ts readBuilder": {
    run: (text) => readBuilder({ "birdhouse.version": text }),
    seeds: ["1.", "1.2.3-"],
  },
  "scripts/formats/annotations.ts readCreated": {
    run: (text) => readCreated({ "org.opencontainers.image.created": text }),
  },
  "scripts/formats/annotations.ts readInputs": {
    limit: OF_ZOD,
    run: (text) => readInputs({ "birdhouse.inputs": text }),
    seeds: ['{"a":"b",'],
  },
  "scripts/formats/annotations.ts readSizes": {
    limit: OF_ZOD,
    run: (text) => readSizes({ "birdhouse.packages": text, "birdhouse.sizes": text }),
    seeds: ['{"a":{"b":["1",2]},'],
  },
  "scripts/formats/oci/config-facts.ts readConfigFacts": {
    limit: OF_ZOD,
    run: (text) => readConfigFacts(Buffer.from(text), "x"),
    seeds: ['{"config":{"Env":["A=b",', '{"config":{"ExposedPorts":{"80":{},'],
  },
  "scripts/publish/vex.ts readVexNames": {
    limit: OF_ZOD,
    run: (text) => readVexNames(text),
    seeds: ['{"statements":[{"vulnerability":{"name":"a"}},'],
  },
  "scripts/formats/sbom/licences.ts readLicences": {
    limit: OF_ZOD,
    run: readLicences,
    seeds: ['{"components":[{"name":"a","licenses":[{"expression":"MIT"}]},'],
  },
  "scripts/publish/failing.ts readFailing": {
    limit: OF_ZOD,
    run: (text) => readFailing(Buffer.from(text)),
    seeds: [
      '{"artifactType":"application/vnd.birdhouse.failing.v1","annotations":{"birdhouse.failing.runs":"1',
    ],
  },
  "scripts/publish/history.ts readHold": {
    run: (text) =>
      readHold({ "birdhouse.hold.until": text, "birdhouse.hold.by": text, "birdhouse.hold.reason": text }),
    seeds: ["2026-01-01T00:00:00Z", "a\n"],
  },
  "scripts/publish/rollback.ts parseRollbackTarget": {
    run: parseRollbackTarget,
    seeds: ["2026-01-01", "ab"],
  },
  "scripts/registry/auth.ts parseChallenges": {
    run: parseChallenges,
    seeds: ['Bearer realm="', "a=b,", 'a="\\', "Basic ", "a = "],
  },
  "scripts/registry/ecr/rules.ts parseEcrHost": {
    run: parseEcrHost,
    seeds: ["123456789012.dkr.ecr.a", "a-"],
  },
  "scripts/system/http/follow.ts nextLink": { run: nextLink, seeds: ["<a>;rel=", 'rel="', "<", ","] },
  "scripts/registry/errors.ts readErrorBody": {
    run: (text) => readErrorBody(Buffer.from(text)),
    seeds: ["<", "<a>", '{"errors":[{"message":"', "<a "],
  },
  "scripts/registry/reference.ts parseNamespace": { run: parseNamespace, seeds: ["a/", "a-", "a.", "//"] },
  "scripts/registry/reference.ts parseRepository": {
    run: parseRepository,
    seeds: ["a/", "a:", "a@", "a__", "a--b"],
  },
  "scripts/report/failure.ts readFailure": {
    run: readFailure,
    seeds: ["→ ", "the command was: ", "a ended with exit code 1\n", "a\n\n"],
  },
  "scripts/report/runs/journal.ts parseJournal": {
    limit: OF_ZOD,
    run: parseJournal,
    seeds: ["{}\n", "[\n", '{"type":"run"}\n'],
  },
  "sandbox/base/apk-program.ts parseLdd": {
    run: parseLdd,
    seeds: ["\tliba.so => /lib/a (0x1)\n", "/a", "/ld-"],
  },
  "sandbox/debian.ts mirrorIn": {
    run: mirrorIn,
    seeds: ["deb [", "deb http://a/debian", "# a\n", "URIs: "],
  },
  "sandbox/debian-control.ts parsePackages": {
    run: parsePackages,
    seeds: ["Package: a\nVersion: 1\n\n", "A: b\n", " a\n", "\n\n"],
  },
  "sandbox/debian-control.ts parseRelations": {
    run: parseRelations,
    seeds: ["a | b, ", "a (>= 1), ", "("],
  },
  "scripts/system/state/run-folder.ts mountPoints": {
    run: mountPoints,
    seeds: ["1 2 3 4 /\\040 6\n", "\\040"],
  },
  "scripts/upstream/http-auth.ts parseHttpAuth": { run: parseHttpAuth, seeds: ["basic:", "basic:*:a:"] },
  "scripts/update/releases.ts parseReleases": {
    limit: OF_ZOD,
    run: (text) => parseReleases("x", text),
    seeds: ['{"release_branches":[1,', '{"release_branches":[{"rel_branch":"v3.1"},'],
  },
};

/** What is called read… or parse… and takes nothing apart itself, and which of the above does it. */
export const NO_PARSERS: Readonly<Record<string, string>> = {
  "scripts/build/layouts.ts readBuilt": "reads a layout: parseDocument, readLayer",
  "scripts/catalog/load.ts readEntry": "of what readSource made of a text; parseCatalog goes through it",
  "scripts/catalog/text/syntax.ts parseBounded": "what readSource begins with; parseCatalog goes through it",
  "scripts/catalog/text/file.ts readCatalogFile": "reads a file",
  "scripts/catalog/load.ts readParent": "reads a file: readSource",
  "scripts/catalog/extend/trust.ts readTrust":
    "of what readSource made of a text; parseCatalog goes through it",
  "scripts/catalog/text/contents.ts readNamedFile": "reads a file",
  "scripts/catalog/text/keys.ts readKeyFolder": "reads files: Node's createPublicKey",
  "scripts/render/template-files.ts readTemplateFiles": "reads files: Handlebars",
  "scripts/app/read-registry.ts readContents": "asks the registry: readPublished",
  "scripts/app/read-registry.ts readHolds": "asks the registry: readHold",
  "scripts/app/past.ts readPasts": "asks the registry: findHistory, readPublished",
  "scripts/app/status.ts readStatus": "asks the registry and the mirror: findHistory",
  "scripts/app/status.ts readAffected": "asks the registry and the mirror: readPasts",
  "scripts/report/html/load-page.ts readStyle": "reads files of our own",
  "scripts/app/site/docs.ts readDocs": "reads files: markdown-it shows them",
  "scripts/app/site/documents.ts readContentsOf": "asks the registry: readConfigFacts, readLicences",
  "scripts/app/site/moving.ts readMoving": "reads a file of our own: JSON and zod",
  "scripts/app/site/runs.ts readRuns": "reads files: parseJournal",
  "scripts/app/site/strangers.ts readTags": "asks the registry: parseDocument",
  "scripts/publish/published.ts readPublished": "asks the registry: parseDocument, readSizes",
  "scripts/publish/journal.ts readJournals": "reads files: JSON and zod",
  "scripts/publish/lock.ts readBefore": "asks the registry: readLock",
  "scripts/publish/lock-state.ts readLock": "asks the registry: JSON and zod",
  "scripts/registry/referrers.ts readAttachment": "asks the registry: parseDocument",
  "scripts/render/standing.ts readOurs": "reads files",
  "scripts/report/runs/journal.ts readEarlier": "reads files: parseJournal",
  "scripts/report/runs/journal.ts readRunJournals": "reads files: parseJournal",
  "sandbox/apk/arguments.ts parseArguments": "words of a command line of our own: Node's parseArgs",
  "sandbox/apk/database.ts readDatabase": "reads files: parseInstalled, parseDependencies",
  "scripts/render/committed-file.ts readCommitted": "reads a file of our own: JSON and zod",
  "scripts/render/published-sizes.ts readPublishedSizes": "reads a file of our own: JSON and zod",
  "scripts/render/measured-sizes.ts readMeasuredSizes": "reads a file of our own: JSON and zod",
  "scripts/system/files/links.ts readStart": "reads bytes of a file",
  "scripts/update/releases.ts readReleases": "fetches: parseReleases",
  "scripts/update/written.ts readWritten": "reads a file: readSource",
  "scripts/upstream/indexes.ts readIndexes": "of what was fetched: readIndexFile",
};

/** What any parser may be given: floods of one thing, and of what opens and never closes. */
export const FLOODS = [
  ..."a1 \n\t\0[{(<\"'\\/-_.:;,=@#&*!?~+%é\u{1f426}",
  "{}",
  "[]",
  "[1,",
  '{"a":',
  '"a",',
  "a\n",
  "a: b\n",
  "- ",
  "\r\n",
  "<a",
  "a=",
  "1.",
  "::",
  '\\"',
  "\u0000a",
];

function VERSIONS(): string[] {
  return ["1.", "1", "0", ".0", "a", "1a", "_p1", "_", "~a", "-r1", "1_rc1", "1.0~abc123-r0"];
}

function YAML(): string[] {
  return [
    "a: [\n",
    'a: "\n',
    "&a ",
    "*a ",
    "! ",
    "!x ",
    "? ",
    "?\n",
    "---\n",
    "{a: ",
    "a: b: c\n",
    "%YAML 1.2\n",
    "a: |\n",
    " a\n",
    "a:\n - ",
    "- a\n",
    "'",
    '"',
    "<<: *a\n",
    "[a, ",
    "# a\n",
    "images: {a: {versions: {",
  ];
}

/** A gzip member with a text in it, and the text behind that. */
function packed(text: string): Buffer {
  return Buffer.concat([
    gzipSync(Buffer.from(text, "latin1").subarray(0, 60_000)),
    Buffer.from(text, "latin1"),
  ]);
}

function attempt(work: () => unknown): void {
  try {
    work();
  } catch {
    // An error is an answer.
  }
}

async function layer(text: string): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "birdhouse-spite-"));
  try {
    const file = join(directory, "layer");
    writeFileSync(file, text, "latin1");
    await readLayer(file, MEDIA_TYPE.layerTarZstd, new Set(["a"])).catch(() => undefined);
    await readLayer(file, MEDIA_TYPE.layerTar, new Set(["a"]));
  } finally {
    rmSync(directory, { recursive: true });
  }
}
