import { UserError } from "../../system/errors.ts";
import { type ProcessOptions, type ProcessResult, tryRun } from "../../system/process/process.ts";
import { typed } from "../../system/shown/started.ts";

/** Runs kubectl in one namespace, whatever its exit code. In a cluster it finds the server and its token by itself. */
export type Kubectl = (
  args: readonly string[],
  options?: Pick<ProcessOptions, "input" | "signal">,
) => Promise<ProcessResult>;

/** @throws the reason of `signal` when that is aborted */
export function kubectlIn(namespace: string): Kubectl {
  return (args, options) => tryRun(["kubectl", "--namespace", namespace, ...args], options);
}

/** Not started: as a shell says it. */
const NOT_FOUND = 127;

/**
 * What kubectl said when it could not make a Pod, as an error with what to do. Pure.
 * @param namespace where it was to be made
 */
export function refusalOf({ exitCode, output }: ProcessResult, namespace: string): UserError {
  const lines = output.trim().split("\n");
  // Advice for a login that is not installed stands below what went wrong, in lines of its own.
  const said = withoutAdvice(
    lines.find((line) => line.includes("getting credentials")) ?? lines.at(-1) ?? "",
  );
  const example = "docs/scheduling.md, A Kubernetes CronJob";
  if (exitCode === NOT_FOUND) {
    return new UserError(
      "smoke tests are to run as Pods, and there is no kubectl",
      "install it: https://kubernetes.io/docs/tasks/tools/; or leave --smoke-pods out",
    );
  }
  if (/namespaces? "[^"\n]*" not found/.test(output)) {
    return new UserError(
      `the cluster has no namespace ${namespace} for the Pods of smoke tests`,
      `make it with its rights, as in ${example}; which there are: kubectl get namespaces`,
    );
  }
  if (output.includes("violates PodSecurity")) {
    return new UserError(`the namespace ${namespace} takes no Pod of smoke tests: ${said}`, INFORM);
  }
  if (/Unauthorized|must be logged in|provide credentials|getting credentials/i.test(output)) {
    return new UserError(
      `kubectl has no credentials that the cluster takes: ${said}`,
      "log in to it again; who it takes you for: kubectl auth whoami",
    );
  }
  if (/forbidden/i.test(output)) {
    return new UserError(
      `no Pod may be made in the namespace ${namespace}: ${said}`,
      `give the account that Birdhouse runs as the Role that ${example} has for it`,
    );
  }
  if (
    /refused|connect to the server|no such host|timeout|configuration has been provided|x509:|loading config/i.test(
      output,
    )
  ) {
    return new UserError(
      `no cluster answers kubectl: ${said}`,
      "see what kubectl cluster-info says; KUBECONFIG names the file with the cluster's address",
    );
  }
  return new UserError(
    `no Pod can be made in the namespace ${namespace}: ${said}`,
    `run ${typed("doctor")} with the same --smoke-pods`,
  );
}

/** What kubectl puts around what went wrong. */
function withoutAdvice(line: string): string {
  const [said = ""] = line.split("; if you choose to ignore these errors");
  return said.replace('error: error validating "STDIN": error validating data: ', "");
}

const INFORM = "they keep to the restricted profile: see what the namespace asks for beyond it";

/** How kubectl tells which exit code a command in a container had; all else that fails is its own failure. */
const TERMINATED = /command terminated with exit code \d+\n?/g;

/**
 * What came of a command in a container, without kubectl's words about its exit code. Pure.
 * @returns undefined where kubectl itself failed, and nothing came of it
 */
export function commandResult(result: ProcessResult): ProcessResult | undefined {
  if (result.exitCode === 0) return result;
  const last = [...result.stderr.matchAll(TERMINATED)].at(-1)?.[0];
  if (last === undefined) return undefined;
  const without = (text: string) => {
    const start = text.lastIndexOf(last);
    return start < 0 ? text : text.slice(0, start) + text.slice(start + last.length);
  };
  return { ...result, stderr: without(result.stderr), output: without(result.output) };
}
