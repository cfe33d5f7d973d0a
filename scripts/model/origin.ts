/** Where the Dockerfile of an image comes from, as far as git tells. Nothing of it where there is no git. */
export interface Origin {
  /** Web address of the repository, without a slash at its end: `https://github.com/birdhouse/images`. */
  readonly url?: string;
  /** The last commit that changed the Dockerfile: so an equal image says the same, whatever else was committed since. */
  readonly revision?: string;
  /** The folder of the image's README in the repository: `images/node`. */
  readonly folder?: string;
}
