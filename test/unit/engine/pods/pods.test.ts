import { describe, expect, it } from "vitest";
import { commandResult, type Kubectl, refusalOf } from "../../../../scripts/engine/pods/kubectl.ts";
import { openPods } from "../../../../scripts/engine/pods/pods.ts";
import { UserError } from "../../../../scripts/system/errors.ts";
import type { ProcessResult } from "../../../../scripts/system/process/process.ts";
import { podAnswer, sampleRequest } from "./sample-pod.ts";

const said = (stdout: string, exitCode = 0, stderr = ""): ProcessResult => ({
  exitCode,
  stdout,
  stderr,
  output: stdout + stderr,
});

/** A kubectl that answers `get pod` with one text after the other, the last again and again. */
function scripted(states: readonly string[], log: string[]): Kubectl {
  let asked = 0;
  return async (args) => {
    log.push(
      args
        .slice(0, 2)
        .join(" ")
        .replace(/ birdhouse-.*/, ""),
    );
    if (args[0] === "get" && args[1] === "pod")
      return said(states[Math.min(asked++, states.length - 1)] ?? "");
    return said(args[0] === "logs" ? "cp: no space left\n" : "");
  };
}

const PATIENCE = { interval: 1, pause: 0, ready: 200, image: 20, node: 40 };
const running = podAnswer({ phase: "Running", containerStatuses: [{ name: "dev", state: { running: {} } }] });
const pulling = (reason: string, message: string) =>
  podAnswer({ containerStatuses: [{ name: "dev", state: { waiting: { reason, message } } }] });

async function open(states: readonly string[], log: string[] = []) {
  const pods = await openPods("birdhouse-smoke", scripted(states, log), PATIENCE);
  return pods.open(sampleRequest());
}

async function refusal(states: readonly string[], log: string[] = []): Promise<UserError> {
  const error: unknown = await open(states, log).catch((reason: unknown) => reason);
  if (error instanceof UserError) return error;
  throw new Error("it was opened", { cause: error });
}

describe("a Pod", () => {
  it("is tried first, made, waited for, and removed", async () => {
    const log: string[] = [];
    const pod = await open(["", pulling("ErrImagePull", "not yet"), running], log);
    await pod.remove();
    expect(pod.name).toMatch(/^birdhouse-lua-5-4-[0-9a-f]{8}$/);
    expect(log).toEqual([
      ...["create --dry-run=server", "get pods", "create --filename", "get pod", "get pod", "get pod"],
      "delete pod",
    ]);
  });

  it("is removed where it does not run, and says first what was wrong with its image", async () => {
    const log: string[] = [];
    const error = await refusal(
      [pulling("ErrImagePull", "denied"), pulling("ImagePullBackOff", "Back-off pulling")],
      log,
    );
    expect(error.message).toContain("(ErrImagePull): denied");
    expect(error.hint).toContain("imagePullSecrets");
    expect(log.at(-1)).toBe("delete pod");
  });

  it("shows what its container printed that failed", async () => {
    const state = { terminated: { exitCode: 1, reason: "Error" } };
    const failed = podAnswer({ phase: "Failed", initContainerStatuses: [{ name: "prepare", state }] });
    expect((await refusal([failed])).message).toMatch(/prepare .* has ended .*\ncp: no space left$/);
  });

  it("is not waited for without end", async () => {
    expect((await refusal([podAnswer({ phase: "Pending" })])).message).toContain("does not run after");
  });
});

describe("what keeps a Pod from being made", () => {
  it.each([
    ["kubectl: command not found", 127, "there is no kubectl", "--smoke-pods"],
    [
      'Error from server (NotFound): namespaces "smoke" not found',
      1,
      "no namespace smoke",
      "kubectl get namespaces",
    ],
    [
      'Error from server (Forbidden): User "x" cannot create resource "pods"',
      1,
      "no Pod may be made",
      "Role",
    ],
    [
      // As kubectl says it of a token that has ended.
      'error: error validating "STDIN": error validating data: failed to download openapi: the server has asked for the client to provide credentials',
      1,
      "kubectl has no credentials that the cluster takes: failed to download openapi",
      "log in to it again",
    ],
    [
      [
        'error: error validating "STDIN": error validating data: failed to download openapi: Get "https://c.example/openapi/v2": getting credentials: exec: executable aws not found',
        "",
        "It looks like you are trying to use a client-go credential plugin that is not installed.",
        "",
        "To learn more about this feature, consult the documentation available at:",
        "      https://kubernetes.io/docs/; if you choose to ignore these errors, turn validation off with --validate=false",
      ].join("\n"),
      1,
      'takes: failed to download openapi: Get "https://c.example/openapi/v2": getting credentials: exec: executable aws not found',
      "log in to it again",
    ],
    [
      'error: error validating "STDIN": error validating data: failed to download openapi: Get "https://c.example/openapi/v2": tls: failed to verify certificate: x509: certificate signed by unknown authority',
      1,
      "no cluster answers kubectl: failed to download openapi",
      "KUBECONFIG",
    ],
    [
      'error: error loading config file "/c": yaml: line 1: did not find expected node content',
      1,
      "no cluster answers kubectl: error: error loading config file",
      "KUBECONFIG",
    ],
    [
      "error: You must be logged in to the server (Unauthorized)",
      1,
      "kubectl has no credentials that the cluster takes",
      "log in",
    ],
    ['pods "x" is forbidden: violates PodSecurity "y"', 1, "takes no Pod of smoke tests", "restricted"],
    [
      "The connection to the server localhost:8080 was refused - did you specify",
      1,
      "no cluster answers",
      "KUBECONFIG",
    ],
    ["error: something else", 1, "error: something else", "doctor"],
  ])("is said of %j, with what to do", (stderr, exitCode, message, hint) => {
    const error = refusalOf(said("", exitCode, `${stderr}\n`), "smoke");
    expect(error.message).toContain(message);
    expect(error.hint).toContain(hint);
  });
});

describe("a command in a container", () => {
  it("has the exit code that kubectl tells, without kubectl's words", () => {
    const failed = said("out\n", 3, "err\ncommand terminated with exit code 3\n");
    expect(commandResult(failed)).toEqual({
      exitCode: 3,
      stdout: "out\n",
      stderr: "err\n",
      output: "out\nerr\n",
    });
    expect(commandResult(said("out"))).toEqual(said("out"));
  });

  it("came to no end where kubectl itself failed", () => {
    expect(commandResult(said("", 1, "error: unable to upgrade connection\n"))).toBeUndefined();
  });
});
