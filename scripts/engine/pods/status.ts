import { z } from "zod";
import { tryJson } from "../../system/json.ts";
import { IDENTITY, LIFETIME } from "./manifest.ts";

/**
 * What a Pod says of itself, as far as it tells whether its containers run, and why not. Pure.
 * Source: Kubernetes, "Pod Lifecycle", and pkg/kubelet/images/types.go for the reasons of images
 */

const stateSchema = z.looseObject({
  waiting: z.looseObject({ reason: z.string().nullish(), message: z.string().nullish() }).nullish(),
  running: z.looseObject({}).nullish(),
  terminated: z
    .looseObject({
      exitCode: z.number(),
      reason: z.string().nullish(),
      message: z.string().nullish(),
    })
    .nullish(),
});

const containerSchema = z.looseObject({
  name: z.string(),
  image: z.string().nullish(),
  state: stateSchema.nullish(),
});

const podSchema = z.looseObject({
  metadata: z.looseObject({
    name: z.string(),
    creationTimestamp: z.string().nullish(),
    annotations: z.record(z.string(), z.string()).nullish(),
  }),
  status: z
    .looseObject({
      phase: z.string().nullish(),
      reason: z.string().nullish(),
      message: z.string().nullish(),
      conditions: z
        .array(
          z.looseObject({
            type: z.string(),
            status: z.string(),
            reason: z.string().nullish(),
            message: z.string().nullish(),
          }),
        )
        .nullish(),
      initContainerStatuses: z.array(containerSchema).nullish(),
      containerStatuses: z.array(containerSchema).nullish(),
    })
    .nullish(),
});

type PodAnswer = z.infer<typeof podSchema>;
type ContainerAnswer = z.infer<typeof containerSchema>;

/** A Pod as the API tells of it. */
export interface PodStatus {
  readonly name: string;
  /** Milliseconds since 1970; absent where it does not say. */
  readonly created?: number;
  /** The process that made it, as it wrote there. */
  readonly identity?: string;
  /** Whether everything in it runs. */
  readonly isReady: boolean;
  readonly trouble?: Trouble;
}

/** Why a Pod does not run. */
export interface Trouble {
  /** `final`: it will never run. It may yet, where it waits for an `image` to be pulled or for a `node`. */
  readonly kind: "final" | "image" | "node";
  readonly what: string;
  /** What to do about it. */
  readonly hint?: string;
  /** The container that failed and has printed why. */
  readonly printed?: string;
  /** Whether it says that something failed, and no longer why: it was told before. */
  readonly isEcho?: true;
}

/** Reads what `kubectl get pod NAME --output json` prints. @returns undefined where it is no Pod */
export function parsePod(text: string): PodStatus | undefined {
  const parsed = podSchema.safeParse(tryJson(text));
  return parsed.success ? statusOf(parsed.data) : undefined;
}

/** Reads what `kubectl get pods --output json` prints. What is no Pod is left out. */
export function parsePods(text: string): PodStatus[] {
  const list = z.looseObject({ items: z.array(z.unknown()) }).safeParse(tryJson(text));
  return (list.data?.items ?? []).flatMap((item) => {
    const parsed = podSchema.safeParse(item);
    return parsed.success ? [statusOf(parsed.data)] : [];
  });
}

/**
 * Whether a Pod was left behind by a run that has ended. Of a run on another machine nobody can tell but by the time:
 * what it was made for is over by then.
 * @param isGone whether the process of an identity has ended, as far as can be seen from here
 */
export function isLeftBehind(pod: PodStatus, isGone: (identity: string) => boolean, now: number): boolean {
  if (pod.identity !== undefined && isGone(pod.identity)) return true;
  return pod.created !== undefined && now - pod.created > LIFETIME * 1000;
}

function statusOf(pod: PodAnswer): PodStatus {
  const { metadata, status } = pod;
  const created = Date.parse(metadata.creationTimestamp ?? "");
  const identity = metadata.annotations?.[IDENTITY];
  const containers = status?.containerStatuses ?? [];
  const trouble = troubleOf(pod);
  return {
    name: metadata.name,
    ...(Number.isFinite(created) && { created }),
    ...(identity !== undefined && { identity }),
    isReady:
      status?.phase === "Running" && containers.length > 0 && containers.every(({ state }) => state?.running),
    ...(trouble && { trouble }),
  };
}

function troubleOf({ metadata: { name }, status }: PodAnswer): Trouble | undefined {
  if (status?.phase === "Failed" && status.reason) {
    const why = status.reason === "DeadlineExceeded" ? "it lived for as long as a Pod may" : status.message;
    return { kind: "final", what: `the Pod ${name} was ended (${status.reason})${after(why)}` };
  }
  for (const container of [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]) {
    const trouble = endOf(container, name) ?? waitOf(container, name);
    if (trouble) return trouble;
  }
  const unscheduled = status?.conditions?.find(
    ({ type, status, reason }) => type === "PodScheduled" && status === "False" && reason === "Unschedulable",
  );
  if (!unscheduled) return undefined;
  return {
    kind: "node",
    what: `no node takes the Pod ${name}${after(unscheduled.message)}`,
    hint: "make room, or add a node of the platform that is tested: kubectl get nodes --label-columns kubernetes.io/arch",
  };
}

/** A container that has ended, though each of them waits for us; or one that had to prepare the others and failed. */
function endOf({ name, state }: ContainerAnswer, pod: string): Trouble | undefined {
  const ended = state?.terminated;
  if (!ended || (ended.exitCode === 0 && ended.reason === "Completed")) return undefined;
  const how = ended.reason === "OOMKilled" ? "it took more memory than it may" : ended.message;
  const reason = ended.reason ? `, ${ended.reason}` : "";
  return {
    kind: "final",
    what: `the container ${name} of the Pod ${pod} has ended (exit code ${ended.exitCode}${reason})${after(how)}`,
    printed: name,
  };
}

const PULLING = {
  what: "cannot be pulled",
  hint:
    "the cluster's nodes pull it: they need to reach the registry, and credentials for it (imagePullSecrets of the " +
    "ServiceAccount default in the namespace)",
};

/** Reasons for which a container waits, and will go on waiting. */
const WAITING: Readonly<Record<string, { kind: Trouble["kind"]; what: string; hint?: string }>> = {
  ErrImagePull: { kind: "image", ...PULLING },
  ImagePullBackOff: { kind: "image", ...PULLING },
  RegistryUnavailable: { kind: "image", ...PULLING },
  ErrImageNeverPull: {
    kind: "final",
    what: "is not on the node, and is not pulled",
    hint: "something changes imagePullPolicy to Never: leave the Pods of this namespace as they are",
  },
  InvalidImageName: { kind: "final", what: "has a name that the node does not take" },
  ImageInspectError: { kind: "final", what: "cannot be read by the node" },
  CreateContainerConfigError: { kind: "final", what: "cannot be run as its container is configured" },
  CreateContainerError: { kind: "final", what: "cannot be run" },
  RunContainerError: { kind: "final", what: "cannot be run" },
};

function waitOf({ name, image, state }: ContainerAnswer, pod: string): Trouble | undefined {
  const { reason, message } = state?.waiting ?? {};
  const known = reason && Object.hasOwn(WAITING, reason) ? WAITING[reason] : undefined;
  if (!known) return undefined;
  const { kind, what, hint } = known;
  const which = `the image ${image ?? `of the container ${name}`}`;
  return {
    kind,
    what: `${which} ${what} for the Pod ${pod} (${reason})${after(message)}`,
    ...(hint !== undefined && { hint }),
    ...(reason === "ImagePullBackOff" && { isEcho: true }),
  };
}

function after(message: string | null | undefined): string {
  return message ? `: ${message.trim()}` : "";
}
