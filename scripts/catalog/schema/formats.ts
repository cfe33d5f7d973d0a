import { PATH_COMPONENT } from "./addresses.ts";
import { format, PLACEHOLDER, PLACEHOLDERS, withPlaceholders } from "./format.ts";

/** An Alpine release branch, without the `v` that its mirror's folder has. */
export const BRANCH = format(/^3\.\d{1,4}$/, 'an Alpine branch such as "3.22"', [
  [/^v3\.\d+$/, "leave out the v"],
  [/^3\.\d+\.\d+$/, "a branch, not a release: two numbers"],
  [/^edge$/, "edge changes without notice, so a tag built on it would not stay true"],
]);

/**
 * The version that a tag promises: numbers and dots, so that versions can be put in order. Numbers are exact up to
 * fifteen digits, and a tag is not endless.
 */
export const VERSION_FORMAT = format(/^\d{1,15}(\.\d{1,15}){0,5}$/, 'a version such as "22" or "3.12"', [
  [/-dev$/, "every version gets a dev variant with this tag by itself"],
  [/^v\d/, "leave out the v"],
]);

/** A tag as the OCI distribution specification has it, four characters short to leave room for `-dev`. */
export const TAG = format(
  /^(?!latest$)[A-Za-z0-9_][A-Za-z0-9._-]{0,123}$/,
  "a tag: letters, digits, dots, dashes and underscores, at most 124, the first no dot or dash",
  [[/^latest$/, "write latest: true instead"]],
);

/** One component of a repository's path (OCI distribution specification, "Pulling manifests"). */
export const IMAGE_NAME = format(
  new RegExp(`^(?=.{1,128}$)${PATH_COMPONENT}$`),
  "an image name: lower-case letters and digits, with single dots, dashes or underscores between them",
  [
    [/^.{129}/s, "at most 128 characters"],
    [/\//, "the namespace belongs in registry"],
    [/:/, "the version belongs under versions"],
    [/[A-Z]/, "lower case only"],
  ],
);

const PACKAGE_NAME = `(?:[A-Za-z0-9_]|${PLACEHOLDER})(?:[\\w.+:-]|${PLACEHOLDER})*`;

/** The name of an Alpine package, or of what one provides (`cmd:node`, `so:libc.musl-x86_64.so.1`). */
export const PACKAGE = withPlaceholders(
  format(new RegExp(`^(?!.*\\{\\{package\\}\\})${PACKAGE_NAME}$`), "the name of an Alpine package", [
    [/[~=<>]/, "without a version: that belongs in the packages of runtime and dev"],
    [/\{\{package\}\}/, "this is what {{package}} stands for"],
  ]),
);

/** The name of one certain package. */
export const PLAIN_PACKAGE = format(/^\w[\w.+-]*$/, "the name of an Alpine package, without placeholders", [
  [/[~=<>]/, "without a version: it is carried over"],
]);

/** One item of apk's world (apk-world(5)): a name, maybe with a version to hold to, or `!` before it. */
export const WORLD_ITEM = withPlaceholders(
  format(
    new RegExp(
      `^(?:!${PACKAGE_NAME}|${PACKAGE_NAME}(?:(?:[<>]?[=~]|[<>]|=~|~=)(?:[\\w.+-]|${PLACEHOLDER})+)?)$`,
    ),
    'a package as apk\'s world names it, such as "nodejs", "nodejs~22" or "!nodejs-doc"',
    [
      [/\s/, "without spaces"],
      [/@\d/, 'a version is put behind "~" or "="'],
      [/@/, "without @: images are built from main and community only"],
    ],
  ),
);

/** A day, as ISO 8601 writes it. */
export const DATE = format(
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/,
  'a date such as "2027-05-01"',
  [
    [/^\d{4}-\d\d?$/, "with the day"],
    [/^\d{4}$/, "with month and day"],
  ],
);

/** A number of bytes with its unit; `kB` is 1000 bytes, `KiB` 1024 (IEC 80000-13). */
export const SIZE = format(
  /^\d{1,12}(?:\.\d{1,9})? ?(?:B|[kMG]B|[KMG]iB)$/,
  'a size such as "30 MB" or "1.5 GiB"',
  [
    [/^[\d.]+$/, "the unit is missing: B, kB, MB, GB, KiB, MiB or GiB"],
    [/^\d+(\.\d+)? ?[kmg]?i?b?$/i, "the units are B, kB, MB, GB, KiB, MiB and GiB"],
  ],
);

/** What a check is called, in messages. */
export const CHECK_NAME = format(
  /^[a-z][a-z0-9-]{0,40}$/,
  'a short name such as "time": lower-case letters, digits and dashes',
  [],
);

/** Who runs something: the number of a user. A name would need a line of its own in /etc/passwd. */
export const USER = format(/^\d{1,9}(:\d{1,9})?$/, 'the number of a user, or "USER:GROUP"', [
  [/^\D+$/, "names differ from image to image"],
]);

/** The name of a file, without a folder. */
export const FILE_NAME = format(
  /^(?!\.\.?$)[^/\0\r\n]{1,200}$/,
  "the name of a file, without a folder, of at most 200 characters",
);

/** A number of days. */
export const DURATION = format(/^[1-9]\d{0,3}d$/, 'a number of days such as "30d"', [
  [/^\d+$/, "the unit is missing: d"],
  [/^\d+ *[a-z]+$/i, "days are the only unit: d"],
]);

/** What a CI calls its machines: it stands in workflows. */
export const RUNNER = format(
  /^[A-Za-z0-9][\w.-]{0,99}$/,
  'the label of a machine such as "ubuntu-24.04-arm"',
);

/** How long a build stands in one registry before it goes on to another. */
export const SOAK = format(/^[1-9]\d{0,4}[hdw]$/, 'a time such as "24h", "3d" or "1w"', [
  [/^\d+$/, "the unit is missing: h, d or w"],
  [/^\d+ *[a-z]+$/i, "the units are h, d and w"],
]);

/** A folder: a path, absolute or from the folder of the catalog that names it. */
export const FOLDER = format(/^[^\s:]+$/, "the path of a folder");

/** A module of the JDK, as `java --list-modules` names it. */
export const JAVA_MODULE = format(/^[a-z]\w*(?:\.[a-z]\w*)*$/, 'a module of the JDK such as "java.base"');

/** A vulnerability, as scanners name it. */
export const VULNERABILITY = format(/^[A-Z][A-Z0-9]*-[\w.:-]+$/, 'a vulnerability such as "CVE-2024-9143"', [
  [/^(cve|ghsa)-/, "its first letters are capitals"],
  [/^\d{4}-\d+$/, "with CVE- before it"],
]);

/** Two braces around a word that is no placeholder, anywhere in the text. */
const UNKNOWN_PLACEHOLDER = `[\\s\\S]*\\{\\{(?!(?:${PLACEHOLDERS.join("|")})\\}\\})\\s*[A-Za-z]\\w*\\s*\\}\\}`;

/** One line of text in which placeholders may stand. */
export const LINE = withPlaceholders(
  format(new RegExp(`^(?!${UNKNOWN_PLACEHOLDER})[^\\r\\n]*$`), "one line"),
);

/** A text of one or more lines in which placeholders may stand. */
export const TEXT = withPlaceholders(format(new RegExp(`^(?!${UNKNOWN_PLACEHOLDER})`), "a text"));

/** A page for people, of one version. */
export const PAGE_URL = withPlaceholders(
  format(
    new RegExp(`^https://[\\w.-]+(?:/(?:[\\w.~%+@#?=/-]|\\{\\{(?:${PLACEHOLDERS.join("|")})\\}\\})*)?$`),
    'an https URL such as "https://docs.python.org/{{version}}/whatsnew/{{version}}.html"',
    [[/^http:/, "https, not http"]],
  ),
);

/** A port, with its protocol where that is not TCP (image-spec 1.1, config.md, `ExposedPorts`). */
export const PORT = format(
  /^(?:[1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])(?:\/(?:tcp|udp|sctp))?$/,
  "a port from 1 to 65535 such as 8080, or with its protocol: 53/udp",
  [
    [/:/, "which port of a machine it gets is said when a container is started"],
    [/^\d+-\d+/, "one list item for each port"],
  ],
);

/** A time as Docker writes it, of one unit. */
export const TIME = format(/^[1-9]\d{0,5}(?:ms|s|m|h)$/, 'a time such as "30s"', [
  [/^\d+$/, "the unit is missing: ms, s, m or h"],
  [/^\d/, "a whole number of one unit: ms, s, m or h"],
]);

/** The name of a label, as Docker's guidelines have it; those of Birdhouse's own are kept for it. */
export const LABEL_NAME = format(
  /^(?!birdhouse(?:\.|$))[A-Za-z0-9]+(?:[._/-][A-Za-z0-9]+)*$/,
  'the name of a label such as "com.example.team": letters and digits, with single dots, dashes, slashes or underscores between them',
  [[/^birdhouse(\.|$)/, "labels that begin with birdhouse. are kept for Birdhouse"]],
);

/** Users that Alpine's baselayout has: a second of the same name would be another one. */
const TAKEN =
  "adm|bin|cron|cyrus|daemon|ftp|games|guest|halt|lp|mail|news|nobody|ntp|shutdown|sshd|sync|uucp";

/** Who runs commands: one of the two that images have, or one that is made, by name and numbers. */
export const IMAGE_USER = format(
  new RegExp(
    `^(?:root|nonroot|(?!(?:root|nonroot|${TAKEN}):)[a-z_][a-z0-9_-]{0,30}:[1-9]\\d{0,8}(?::[1-9]\\d{0,8})?)$`,
  ),
  'root, nonroot, or a user to make, with its number, as "app:1000" or "app:1000:2000" (user, then group)',
  [
    [/^(root|nonroot):/, "these two have their numbers"],
    [new RegExp(`^(${TAKEN})(:|$)`), "Alpine has a user of this name; choose another"],
    [/^\d/, "a name comes first: a program may ask whose number it is"],
    [/^[^:]*$/, "the number is missing"],
    [/[A-Z]/, "a name has small letters only"],
  ],
);

/** The permissions of a file, as chmod takes them: four octal digits. */
export const MODE = format(/^0[0-7]{3}$/, 'permissions such as "0644" or "0755"', [
  [/^[0-7]{3}$/, "with a 0 before it"],
  [/^[1-7][0-7]{3}$/, "no setuid, setgid or sticky bit: an image has none"],
]);

/** A file: a path, absolute or from the folder of the catalog that names it. */
export const FILE = format(/^[^\0\r\n]*[^/\0\r\n]$/, "the path of a file", [
  [/\/$/, "without a slash at the end"],
]);
