import { format, type Hint } from "./format.ts";

/** How a catalog writes where things are: registries, mirrors, webhooks, keys. */

/** One component of a repository's path (OCI distribution specification, "Pulling manifests"). */
export const PATH_COMPONENT = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const PATH = `${PATH_COMPONENT}(?:/${PATH_COMPONENT})*`;
const HOST_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?";
const IPV6 = "\\[[0-9A-Fa-f:.]+\\]";
/** A host is told from a path by a dot, a port or the name localhost, as every registry client does it. */
const HOST = [
  `localhost(?::\\d+)?`,
  `${IPV6}(?::\\d+)?`,
  `${HOST_LABEL}(?:\\.${HOST_LABEL})+(?::\\d+)?`,
  `${HOST_LABEL}:\\d+`,
].join("|");

const REFERENCE_HINTS: readonly Hint[] = [
  [/^https?:\/\//, "leave out the http:// or https://"],
  [/\/$/, "leave out the slash at the end"],
  [/@/, "leave out the digest"],
  [/^[^/]*\/.*:/s, "leave out the tag"],
  [/^[^/]*\/.*[A-Z]/s, "lower case only, behind the host"],
];

/** Where images are published: a registry and at least one path component. */
export const REGISTRY = format(
  new RegExp(`^(?:${HOST})/${PATH}$`),
  'HOST[:PORT]/NAMESPACE such as "ghcr.io/birdhouse"',
  [
    ...REFERENCE_HINTS,
    [/^[^/]*$/, "the namespace is missing"],
    [/^[^/.:]+\//, "a host has a dot or a port, or is localhost; Docker Hub is docker.io"],
  ],
);

/** A repository to pull from, without tag and digest. */
export const REPOSITORY = format(
  new RegExp(`^(?:(?:${HOST})/)?${PATH}$`),
  'a repository such as "docker.io/library/alpine"',
  [...REFERENCE_HINTS, [/:[^/:]*$/, "leave out the tag: the branch is the tag"]],
);

/** A URL with a user or a password in it. */
const USER_IN_URL: Hint = [
  /^https?:\/\/[^/]*@/i,
  "no user or password: a catalog is read by everyone",
  ", and for a mirror with a login `auth: true` in sources and HTTP_AUTH=basic:*:USER:PASSWORD in the environment",
];

/** The root of a package mirror: what `v3.22/main` is put behind. */
export const MIRROR_URL = format(
  new RegExp(`^https?://(?:${IPV6}|[A-Za-z0-9.-]+)(?::\\d+)?(?:/(?!v3\\.|edge)[\\w.~%+-]+)*$`),
  'an http or https URL such as "https://dl-cdn.alpinelinux.org/alpine"',
  [
    [/\/$/, "leave out the slash at the end"],
    [/[?#]/, "leave out what begins with ? or #"],
    [/\/(v3\.|edge)/, "the folder that holds the branches, not one of them"],
    USER_IN_URL,
  ],
);

/** Where the pages of `make site` are served: what `images/node.html` is put behind. */
export const SITE_URL = format(
  new RegExp(`^https?://(?:${IPV6}|[A-Za-z0-9.-]+)(?::\\d+)?(?:/[\\w.~%+-]+)*$`),
  'an http or https URL such as "https://images.example.com"',
  [
    [/\/$/, "leave out the slash at the end"],
    [/[?#]/, "leave out what begins with ? or #"],
    [/^https?:\/\/[^/]*@/i, "no user or password: a catalog is read by everyone"],
  ],
);

/** A repository of packages: what `x86_64/APKINDEX.tar.gz` is put behind. */
export const PACKAGE_REPOSITORY = format(
  new RegExp(
    `^https?://(?:${IPV6}|[A-Za-z0-9.-]+)(?::\\d+)?(?:/(?:[\\w.~%+-]|\\{\\{branch\\}\\})+(?<!/(?:x86_64|aarch64)))*$`,
  ),
  'an http or https URL such as "https://packages.example.com/v{{branch}}/own"',
  [
    [
      /^https?:\/\/[^/]*@/i,
      "no user or password: a catalog is read by everyone",
      ", and for one with a login `auth: true` beside it and HTTP_AUTH=basic:REALM:USER:PASSWORD in the environment",
    ],
    [/\/(x86_64|aarch64)\/?$/, "the folder that holds the architectures, not one of them"],
    [/\/$/, "leave out the slash at the end"],
    [/[?#]/, "leave out what begins with ? or #"],
    [/\{\{(?!branch\}\})/, "the only placeholder here is {{branch}}"],
  ],
);

/** The name of an environment variable (POSIX.1, section 8.1). */
export const ENV_NAME = format(/^[A-Za-z_]\w*$/, "the name of an environment variable");

/** A region of AWS: it becomes a part of the addresses that are asked. */
export const REGION = format(
  /^[a-z]{2,4}(?:-[a-z]{2,12}){1,3}-\d{1,2}$/,
  'a region of AWS such as "eu-central-1"',
);

/** Where a document is: on the web, or in a file, from the folder of the catalog that names it. */
export const LOCATION = format(/^(?:https?:\/\/[^\s@]+|[^\s:]+)$/, "a URL or the path of a file", [
  USER_IN_URL,
]);

/** Where a webhook is: in the catalog, or, where its URL is a secret, in the environment. */
export const WEBHOOK = format(
  /^(?:env:\/\/[A-Za-z_]\w*|https?:\/\/[^\s@/?#]+(?:[/?#]\S*)?)$/,
  'a URL as "https://chat.example.com/hooks/1" or "env://VARIABLE"',
  [
    [
      /^https?:\/\/[^/]*@/,
      "no user or password: a catalog is read by everyone; give the URL as env://VARIABLE",
    ],
    [/^env:/, "env:// and the name of an environment variable"],
  ],
);

/** The name of an HTTP header: a token of RFC 9110, section 5.6.2. */
export const HEADER_NAME = format(/^[\w!#$%&'*+.^`|~-]+$/, "the name of an HTTP header");

/** The value of an HTTP header, or where in the environment it is. */
export const HEADER_VALUE = format(
  /^(?:env:\/\/[A-Za-z_]\w*|(?!env:)[!-~](?:[ -~]*[!-~])?)$/,
  'the value of an HTTP header, or "env://VARIABLE"',
);

/** A private key for cosign, by its path or by what cosign calls it; never the key itself. */
export const SIGNING_KEY = format(
  /^(?:env:\/\/[A-Za-z_]\w*|(?:awskms|gcpkms|azurekms|hashivault|k8s|pkcs11):[^\s]+|[^\s:]+)$/,
  'a key as "cosign.key", "env://VARIABLE" or "awskms://…"',
  [
    [/-----BEGIN/, "never the key itself: a catalog is read by everyone"],
    [/^env:/, "env:// and the name of an environment variable"],
  ],
);

/** What a catalog can extend: the one that Birdhouse comes with, a file, or an address with a digest of what is there. */
export const PARENT_CATALOG = format(
  /^(?:birdhouse|(?!https?:)[^\0\r\n]*\.ya?ml|https:\/\/[^\s#@\0]+#sha256=[0-9a-f]{64})$/,
  'birdhouse, the file of a catalog such as "../catalog.yaml", or an address with its digest, "https://…#sha256=…"',
  [
    [/^http:/, "only https"],
    [/^https:\/\/[^/]*@/, "without a user"],
    [/^https:/, "add #sha256= and what sha256sum says of the file, once you have read it"],
  ],
);
