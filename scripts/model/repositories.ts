import type { FileContent } from "./configuration.ts";

/** The repositories of a branch of Alpine that images are built from; `testing` is none of a release. */
export const REPOSITORIES = ["main", "community"] as const;
export type Repository = (typeof REPOSITORIES)[number];

/** Those that a branch's packages come from: both, unless the catalog says that its mirror has but one. */
export function repositoriesOf({ branches }: WithBranches, branch: string): readonly Repository[] {
  return branches[branch]?.repositories ?? REPOSITORIES;
}

/** A repository of packages that a catalog takes beside Alpine's. */
export interface OwnRepository {
  readonly name: string;
  /** URL of the folder that holds `x86_64/`; in it `{{branch}}` stands for the branch. */
  readonly url: string;
  /** The branches that it is for; all where nothing is said. */
  readonly branches?: readonly string[] | undefined;
  /** Whether it wants Basic authentication, by `HTTP_AUTH` of the environment. */
  readonly auth: boolean;
  /** The public keys that sign its index: file name → content in PEM. None: those of the mirror sign it. */
  readonly keys: Readonly<Record<string, FileContent>>;
}

/** The repositories that a catalog takes for a branch beside Alpine's, with their URLs for it. */
export function ownRepositoriesOf(
  { repositories = [] }: { readonly repositories?: readonly OwnRepository[] | undefined },
  branch: string,
): OwnRepository[] {
  return repositories
    .filter(({ branches }) => branches?.includes(branch) ?? true)
    .map((one) => ({ ...one, url: one.url.replaceAll("{{branch}}", branch) }));
}

/** The day from which Alpine mends nothing any more in a repository of a branch; undefined where none is known. */
export function branchEnd(
  { branches }: WithBranches,
  branch: string,
  repository: Repository,
): string | undefined {
  const { eol, community = eol } = branches[branch] ?? {};
  return repository === "community" ? community : eol;
}

/** What a catalog says of a branch of Alpine. */
export interface Branch {
  /** The day on which Alpine ends it. */
  readonly eol: string;
  /** The day on which it ends community; undefined where that is not known yet. */
  readonly community?: string | undefined;
  /** What the mirror has of it, where not both. */
  readonly repositories?: readonly Repository[] | undefined;
}

interface WithBranches {
  readonly branches: Readonly<Record<string, Branch>>;
}
