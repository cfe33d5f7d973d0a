import { DEFAULT_ECR, type EcrSettings } from "../model/ecr.ts";
import { UserError } from "../system/errors.ts";
import { Registry } from "./client.ts";
import { parseEcrHost } from "./ecr/rules.ts";

/**
 * Opens a registry: Amazon's where its host says so or the catalog has settings for it, otherwise a plain one.
 * @param host `HOST[:PORT]`
 * @param signal ends every call that is given none of its own
 * @throws UserError where nothing says in which region an ECR registry is
 */
export async function openRegistry(
  host: string,
  settings?: EcrSettings,
  signal?: AbortSignal,
): Promise<Registry> {
  const known = parseEcrHost(host);
  if (!known && !settings) return new Registry(host, { signal });
  const region = settings?.region ?? known?.region;
  if (region === undefined) {
    throw new UserError(
      `${host}: the catalog has settings for Amazon ECR, and nothing says in which region it is`,
      "set ecr.region, or name the registry as ECR does: ACCOUNT.dkr.ecr.REGION.amazonaws.com",
    );
  }
  // Loaded here only: it is large, and most have no need of it.
  const { EcrApi } = await import("./ecr/api.ts");
  const { EcrRegistry } = await import("./ecr/registry.ts");
  const api = new EcrApi(host, region, known?.account, signal);
  return new EcrRegistry(api, settings ?? DEFAULT_ECR, signal);
}
