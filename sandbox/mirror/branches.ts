import type { Repository } from "../../scripts/model/repositories.ts";
import type { Suite } from "../debian.ts";
import { hasLanguage, LANGUAGES } from "./languages.ts";
import type { Recipes } from "./recipe.ts";
import type { SigningKey } from "./signing-key.ts";
import { releaseFiles } from "./system-files.ts";

/** One Alpine branch as the sandbox has it: which Debian suite fills it, and with what. */
export interface MirroredBranch {
  readonly name: string;
  readonly suite: Suite;
  /** Package names, as Alpine has them; what they depend on comes along. */
  readonly packages: readonly string[];
}

/**
 * What every image may need; libc6 is what everything here is linked with. build-base has all that gcc's image is made of,
 * so that this is on every branch; shunit2, uthash-dev and nlohmann-json are what the examples of base, static and gcc get
 * for themselves.
 */
const BASE = [
  "alpine-baselayout",
  "build-base",
  "busybox-binsh",
  "ca-certificates",
  "coreutils-env",
  "git",
  "libc6",
  "musl",
  "nlohmann-json",
  "shunit2",
  "tzdata",
  "uthash-dev",
];

/** Which Debian suite fills a branch. */
const SUITES: Readonly<Record<string, Suite>> = {
  "3.17": "bookworm",
  "3.19": "bookworm",
  "3.21": "trixie",
  "3.22": "trixie",
  "3.24": "forky",
};

/**
 * The branches that any language is on, each with what every image needs and with its languages.
 * @param asked languages beside what every sandbox has
 */
export function branchesWith(asked: readonly string[]): MirroredBranch[] {
  return Object.entries(SUITES).flatMap(([name, suite]) => {
    const packages = Object.entries(LANGUAGES)
      .filter(([language]) => hasLanguage(name, language, asked))
      .flatMap(([, language]) => language.packages[name] ?? []);
    return packages.length === 0 ? [] : [{ name, suite, packages: [...new Set([...BASE, ...packages])] }];
  });
}

/** The packages that no suite makes: they tell which branch this is, and who signed it. */
export function branchRecipes(branch: string, key: SigningKey): Recipes {
  return {
    "alpine-keys": { version: "1", files: { [`etc/apk/keys/${key.name}`]: key.publicKey } },
    "alpine-release": { version: `${branch}.0`, files: releaseFiles(branch) },
  };
}

/** What Alpine keeps in its second repository, `community`. */
const COMMUNITY = [
  /^(go|npm|yarn|luarocks.*|perl-app-cpanminus|php8.*|composer|sbcl|tcl-lib|erlang.*|elixir|rebar3)$/,
  /^(openjdk.*|java-common|gradle|maven|clojure|leiningen|cabal|ghc|nim|nimble|crystal|shards|ldc.*|dub|mono)$/,
  /^(R|R-.*|rakudo|zef)$/,
];

/** The repository that Alpine keeps a package in. */
export function repositoryOf(name: string): Repository {
  return COMMUNITY.some((pattern) => pattern.test(name)) ? "community" : "main";
}
