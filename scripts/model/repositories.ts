/** The repositories of a branch of Alpine that images are built from; `testing` is none of a release. */
export const REPOSITORIES = ["main", "community"] as const;
export type Repository = (typeof REPOSITORIES)[number];

/** Those that a branch's packages come from: both, unless the catalog says that its mirror has but one. */
export function repositoriesOf(
  { branches }: { readonly branches: Readonly<Record<string, Offer>> },
  branch: string,
): readonly Repository[] {
  return branches[branch]?.repositories ?? REPOSITORIES;
}

/** What the catalog says of a branch's repositories. */
interface Offer {
  readonly repositories?: readonly Repository[] | undefined;
}
