/** Where Alpine comes from. */
export interface Sources {
  /** Repository of the base image; the branch is its tag. */
  readonly base: string;
  /** URL of the package mirror. */
  readonly packages: string;
  /** Whether it wants Basic authentication: builds hand on what `HTTP_AUTH` of the environment says. */
  readonly auth?: boolean | undefined;
  /** Directory of its public keys; Alpine's own where there is none. */
  readonly keys?: string | undefined;
  /** URL of the folder of Alpine's lists of security fixes; without it none is known. */
  readonly security?: string | undefined;
  /** URL or path of Alpine's releases.json. */
  readonly releases?: string | undefined;
  /**
   * Names of packages that Alpine has and a mirror of a part of it may lack. A target that asks for such a
   * package where it is not there is unavailable; one that asks for any other is mistaken.
   */
  readonly mayLack?: ReadonlySet<string>;
}
