import { createHash, randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { hostPlatform } from "../../model/platform.ts";
import { UserError } from "../../system/errors.ts";
import { isGone, processIdentity } from "../../system/state/identity.ts";
import { type Kubectl, kubectlIn, refusalOf } from "./kubectl.ts";
import { DEV_USER, LABELS, type PodRequest, podManifest } from "./manifest.ts";
import { isLeftBehind, type PodStatus, parsePod, parsePods, type Trouble } from "./status.ts";

/** Pods in one namespace of a cluster, each to run the images of a release in. */
export interface Pods {
  readonly namespace: string;
  /**
   * Makes a Pod and waits until all of it runs.
   * @throws UserError that says what keeps it from that; the Pod is gone then
   */
  open(request: OpenRequest, signal?: AbortSignal): Promise<OpenedPod>;
}

/** What is asked for; its name and whose it is are added here. */
export type OpenRequest = Omit<PodRequest, "name" | "run">;

/** A Pod all of whose containers run. */
export interface OpenedPod {
  readonly name: string;
  readonly kubectl: Kubectl;
  /** Milliseconds before what failed on the way to it is tried again. */
  readonly pause: number;
  /** What keeps it from running by now, as where it was evicted. */
  trouble(): Promise<string | undefined>;
  /** Has it ended and removed; does not wait for it. */
  remove(): Promise<void>;
}

/** How long to wait for what. In milliseconds. */
export interface Patience {
  readonly interval: number;
  /** Before what failed on the way to a Pod is tried again. */
  readonly pause: number;
  /** For a Pod to run that is in no trouble: its images are being pulled. */
  readonly ready: number;
  /** For an image that could not be pulled: a node tries it again after some seconds. */
  readonly image: number;
  /** For a node: a cluster may have to start one. */
  readonly node: number;
}

const PATIENCE: Patience = {
  interval: 1_000,
  pause: 2_000,
  ready: 15 * 60_000,
  image: 60_000,
  node: 5 * 60_000,
};

/**
 * Looks whether smoke tests can run as Pods of the cluster that kubectl talks to. The server is asked to make one, and not
 * to do it: so it says whether there is such a namespace, whether we may, and whether its rules let it in.
 * @throws UserError with what to do
 */
export async function requirePods(namespace: string, kubectl = kubectlIn(namespace)): Promise<void> {
  const asked = ["create", "--dry-run=server", "--output", "name", "--filename", "-"];
  const answer = await kubectl(asked, { input: JSON.stringify(podManifest(trialRequest())) });
  if (answer.exitCode !== 0) throw refusalOf(answer, namespace);
}

/**
 * Opens a namespace for smoke tests, and removes what killed runs have left there.
 * @throws UserError as `requirePods`
 */
export async function openPods(
  namespace: string,
  kubectl = kubectlIn(namespace),
  patience = PATIENCE,
): Promise<Pods> {
  await requirePods(namespace, kubectl);
  await removeLeftBehind(kubectl);
  return {
    namespace,
    async open(request, signal) {
      const name = nameOf(request.title);
      const remove = async () => {
        await kubectl(["delete", "pod", name, "--ignore-not-found", "--wait=false"]);
      };
      try {
        const manifest = JSON.stringify(podManifest({ ...request, name, run: thisRun() }));
        const made = await kubectl(["create", "--filename", "-"], { input: manifest, ...optional(signal) });
        if (made.exitCode !== 0) throw refusalOf(made, namespace);
        await waitUntilReady(name, kubectl, patience, signal);
      } catch (error) {
        // It may be there though we were told of no success.
        await remove();
        throw error;
      }
      const trouble = async () => (await statusOf(name, kubectl))?.trouble?.what;
      return { name, kubectl, pause: patience.pause, trouble, remove };
    },
  };
}

/** The same of ours as any, of images that there are not. */
function trialRequest(): PodRequest {
  const image = `birdhouse.invalid/trial@sha256:${"0".repeat(64)}`;
  return {
    name: nameOf("trial"),
    title: "trial",
    run: thisRun(),
    platform: hostPlatform(),
    images: { dev: image, runtime: image },
    shapes: [
      { variant: "dev", user: DEV_USER, isReadOnly: false },
      { variant: "runtime", user: "1000:1000", isReadOnly: true },
    ],
    folders: ["/smoke"],
    needsNetwork: false,
  };
}

function thisRun(): PodRequest["run"] {
  const identity = processIdentity();
  const label = createHash("sha256")
    .update(identity ?? String(process.pid))
    .digest("hex")
    .slice(0, 16);
  return { label, identity };
}

/** A name of a Pod, at most 63 letters: RFC 1123, as Kubernetes takes it. `node:22` → `birdhouse-node-22-1f3a9c02`. */
function nameOf(title: string): string {
  const slug = title.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return `birdhouse-${slug.slice(0, 40)}-${randomBytes(4).toString("hex")}`;
}

async function removeLeftBehind(kubectl: Kubectl): Promise<void> {
  const labels = Object.entries(LABELS).map(([name, value]) => `${name}=${value}`);
  const listed = await kubectl(["get", "pods", "--selector", labels.join(","), "--output", "json"]);
  const old = parsePods(listed.stdout).filter((pod) => isLeftBehind(pod, isGone, Date.now()));
  if (old.length === 0) return;
  const names = old.map(({ name }) => name);
  await kubectl(["delete", "pod", ...names, "--ignore-not-found", "--wait=false"]);
}

async function waitUntilReady(
  name: string,
  kubectl: Kubectl,
  patience: Patience,
  signal: AbortSignal | undefined,
): Promise<void> {
  const begun = Date.now();
  let trouble: Trouble | undefined;
  let since = begun;
  for (;;) {
    const status = await statusOf(name, kubectl, signal);
    if (status?.isReady) return;
    const { trouble: now } = status ?? {};
    if (now?.kind !== trouble?.kind) since = Date.now();
    // Why an image cannot be pulled is told only right after each attempt.
    if (!(now?.isEcho && trouble)) trouble = now;
    if (trouble && Date.now() - since >= (trouble.kind === "final" ? 0 : patience[trouble.kind])) {
      throw await errorOf(trouble, name, kubectl);
    }
    if (Date.now() - begun >= patience.ready) {
      throw new UserError(
        `the Pod ${name} does not run after ${patience.ready / 60_000} minutes`,
        "see what happens to it: kubectl get events",
      );
    }
    await sleep(patience.interval, undefined, optional(signal));
  }
}

async function errorOf({ what, hint, printed }: Trouble, pod: string, kubectl: Kubectl): Promise<UserError> {
  if (printed === undefined) return new UserError(what, hint);
  const { output } = await kubectl(["logs", pod, "--container", printed, "--tail", "20"]);
  return new UserError([what, output.trim()].filter(Boolean).join("\n"), hint);
}

async function statusOf(
  name: string,
  kubectl: Kubectl,
  signal?: AbortSignal,
): Promise<PodStatus | undefined> {
  const { stdout } = await kubectl(["get", "pod", name, "--output", "json"], optional(signal));
  return parsePod(stdout);
}

function optional(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal ? { signal } : {};
}
