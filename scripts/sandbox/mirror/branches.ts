import type { Suite } from "../debian.ts";
import type { Recipes } from "./recipes.ts";
import type { SigningKey } from "./signing-key.ts";
import { releaseFiles } from "./system-files.ts";

/** One Alpine branch as the sandbox has it: which Debian suite fills it, and with what. */
export interface Branch {
  readonly name: string;
  readonly suite: Suite;
  /** Package names, as Alpine has them; what they depend on comes along. */
  readonly packages: readonly string[];
}

const BASE = ["alpine-baselayout", "build-base", "busybox-binsh", "ca-certificates", "git", "musl", "tzdata"];
const PYTHON = ["py3-pip", "py3-setuptools", "python3", "python3-dev"];
const RUBY = ["ruby", "ruby-bundler", "ruby-dev"];
const NODE = ["nodejs", "nodejs-dev", "npm"];
const PERL = ["perl", "perl-app-cpanminus", "perl-dev", "perl-utils"];

export const BRANCHES: readonly Branch[] = [
  { name: "3.17", suite: "bookworm", packages: [...BASE, ...RUBY] },
  { name: "3.19", suite: "bookworm", packages: [...BASE, ...PYTHON] },
  { name: "3.21", suite: "trixie", packages: [...BASE, ...RUBY] },
  {
    name: "3.22",
    suite: "trixie",
    packages: [
      ...BASE,
      ...NODE,
      ...PERL,
      "go",
      "lua5.1",
      "lua5.1-dev",
      "lua5.4",
      "lua5.4-dev",
      "luarocks5.1",
      "luarocks5.4",
      // What compiles native modules for Node.js is written in Python.
      "python3",
    ],
  },
  {
    name: "3.24",
    suite: "forky",
    packages: [...BASE, ...NODE, ...PERL, ...PYTHON, "go", "lua5.4", "lua5.4-dev", "luarocks5.4"],
  },
];

/** The packages that no suite makes: they tell which branch this is, and who signed it. */
export function branchRecipes(branch: string, key: SigningKey): Recipes {
  return {
    "alpine-keys": { version: "1", files: { [`etc/apk/keys/${key.name}`]: key.publicKey } },
    "alpine-release": { version: `${branch}.0`, files: releaseFiles(branch) },
  };
}

/** What Alpine keeps in its second repository, `community`. */
const COMMUNITY = /^(go|npm|luarocks.*|perl-app-cpanminus)$/;

export type Repository = "main" | "community";
export const REPOSITORIES = ["main", "community"] as const satisfies readonly Repository[];

/** The repository that Alpine keeps a package in. */
export function repositoryOf(name: string): Repository {
  return COMMUNITY.test(name) ? "community" : "main";
}
