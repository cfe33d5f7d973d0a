/** What the host of a private ECR registry says. */
export interface EcrHost {
  /** Twelve digits. */
  readonly account: string;
  readonly region: string;
}

/**
 * Reads the host of an ECR registry; undefined where it is another's. ECR Public is none: it speaks as all others do.
 * Source: Amazon ECR user guide, "Private registry authentication"; docs.aws.amazon.com/general/latest/gr/ecr.html
 */
export function parseEcrHost(host: string): EcrHost | undefined {
  const { account, region } =
    /^(?<account>\d{12})\.dkr[.-]ecr(?:-fips)?\.(?<region>[a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.aws|on\.amazonwebservices\.com\.cn)$/.exec(
      host,
    )?.groups ?? {};
  return account !== undefined && region !== undefined ? { account, region } : undefined;
}
