import type { EcrSettings } from "../model/ecr.ts";
import { type Call, Connection } from "../registry/connection.ts";
import {
  credentialsFor,
  dockerCredentials,
  type FoundCredentials,
  remembering,
} from "../registry/credentials.ts";
import { parseEcrHost } from "../registry/ecr/rules.ts";
import { RegistryError } from "../registry/errors.ts";
import { isLoopback, type Namespace, registryUrl, repositoryIn } from "../registry/reference.ts";
import { UserError } from "../system/errors.ts";
import { reasonOf } from "../system/http/error.ts";
import { ask } from "../system/http/http.ts";
import { DEFAULT_RETRIES } from "../system/http/limits.ts";
import { isInstalled } from "../system/process/tools.ts";
import type { Check, CheckResult } from "./check.ts";

/** How long a registry has to answer at all. */
const WITHIN_MS = 10_000;

/** Whether the registry answers as one. Source: OCI distribution specification 1.1, "Determining Support". */
export function registryCheck({ registry: host }: Namespace): Check {
  return {
    name: "registry",
    async run() {
      const url = new URL("/v2/", registryUrl(host));
      try {
        const { status } = await ask(url, { mayCut: true, signal: AbortSignal.timeout(WITHIN_MS) });
        if (status === 200 || status === 401) return { status: "ok", found: `${host} answers` };
        return {
          status: "fail",
          found: `${host} answers with HTTP ${status} at ${url.pathname}`,
          advice: "see whether `registry` of the catalog names a registry, and its operator's status page",
        };
      } catch (error) {
        return isLoopback(url) ? await notRunning(host) : unreachable(host, error);
      }
    },
  };
}

/** On this machine, a run starts one by itself. */
async function notRunning(host: string): Promise<CheckResult> {
  const found = `nothing runs at ${host} now`;
  for (const program of ["docker-registry", "registry", "docker"]) {
    if (await isInstalled(program)) return { status: "ok", found: `${found}; a run starts one (${program})` };
  }
  return {
    status: "warn",
    found: `${found}, and no program is installed to start one`,
    advice: "apt-get install docker-registry, or name another registry with --registry HOST/NAMESPACE",
  };
}

function unreachable(host: string, error: unknown): CheckResult {
  return {
    status: "fail",
    found: `${host} cannot be reached: ${reasonOf(error, registryUrl(host).origin)}`,
    advice:
      "see whether `registry` of the catalog is spelt right, and whether this machine may connect to it",
  };
}

/**
 * Where the credentials come from, and whether they are good for publishing: begins an upload and calls it off, which
 * leaves nothing in the registry.
 *
 * @param image whose repository is asked about
 * @param ecr what the catalog says of Amazon ECR, where a run logs in by the AWS SDK and makes repositories itself
 */
export function credentialsCheck(
  namespace: Namespace,
  image: string,
  ecr?: EcrSettings,
  login = ecrLogin,
): Check {
  return {
    name: "credentials",
    async run(signal) {
      const { registry: host } = namespace;
      const isEcr = ecr !== undefined || parseEcrHost(host) !== undefined;
      const lookup = remembering(isEcr ? () => login(host, ecr) : dockerCredentials());
      const found = await lookup(host);
      const retries = { ...DEFAULT_RETRIES, attempts: 1 };
      const connection = new Connection(host, { retries, credentials: async () => found });
      const repository = repositoryIn(namespace, image);
      const own = credentialsFor(found, repository);
      const call: Call = { action: "begin an upload", repository, access: "push", signal };
      const begin = { method: "POST", path: "blobs/uploads/", body: new Uint8Array() };
      try {
        const begun = await connection.send(call, begin, (status) => status === 202 || status === 404);
        await callOff(connection, call, begun.headers.location);
        return acceptedFinding(own.source, repository, begun.status, isEcr);
      } catch (error) {
        if (error instanceof RegistryError && error.isRefusal) {
          return refusedFinding(host, own, error, isEcr);
        }
        const text = `${own.source}; not tried`;
        if (isLoopback(registryUrl(host))) return { status: "ok", found: `${text}: none runs now` };
        return { status: "warn", found: `${text}, as the registry does not answer`, advice: "see registry" };
      }
    },
  };
}

/** Logs in as a run does. @throws UserError where AWS does not take what the machine has, or says in no region */
async function ecrLogin(host: string, settings: EcrSettings | undefined): Promise<FoundCredentials> {
  const known = parseEcrHost(host);
  const region = settings?.region ?? known?.region;
  if (region === undefined) {
    throw new UserError(
      `${host}: nothing says in which region this ECR registry is`,
      "set ecr.region of the catalog",
    );
  }
  // Loaded here only: it is large, and most have no need of it.
  const { EcrApi } = await import("../registry/ecr/api.ts");
  return new EcrApi(host, region, known?.account).login();
}

async function callOff(connection: Connection, call: Call, location: string | undefined): Promise<void> {
  if (location === undefined) return;
  const url = new URL(location, connection.url(call.repository, "blobs/uploads/"));
  // Registries forget uploads by themselves too.
  await connection.sendOnce(call, { method: "DELETE", url }).catch(() => undefined);
}

function acceptedFinding(source: string, repository: string, status: number, isEcr: boolean): CheckResult {
  if (status !== 404) return { status: "ok", found: `${source}; may push to ${repository}` };
  if (isEcr) return { status: "ok", found: `${source}; accepted, and a run makes ${repository}` };
  return {
    status: "warn",
    found: `${source}; accepted, but there is no repository ${repository}`,
    advice: "some registries want each repository made first",
  };
}

function refusedFinding(
  host: string,
  { source, credentials }: FoundCredentials,
  error: RegistryError,
  isEcr: boolean,
): CheckResult {
  const refusal = `${source}; ${error.status === 401 ? "not accepted" : "may not push"}: ${error.message.split("\n")[0]}`;
  const login = credentials
    ? `log in again with \`docker login ${host}\`, as one who may push`
    : `log in with \`docker login ${host}\``;
  const advice = isEcr ? "see docs/registries.md for what the role needs" : login;
  return { status: "fail", found: refusal, advice };
}
