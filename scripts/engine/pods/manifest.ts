import type { Container, Pod, Volume, VolumeMount } from "kubernetes-types/core/v1.js";
import type { Platform } from "../../model/platform.ts";
import type { Variant } from "../../model/target.ts";

/**
 * The Pod that tests a release: one container for each way in which an image is run. None of them starts what it is made
 * for; each sleeps, and is told what to run. All of it is let in by the restricted profile of Kubernetes' Pod Security
 * Standards. Pure.
 */

/** One way in which an image is run: who by, and whether anything can be written but an empty `/tmp`. */
export interface Shape {
  readonly variant: Variant;
  /** `UID` or `UID:GID`, never root. */
  readonly user: string;
  readonly isReadOnly: boolean;
}

/** What a Pod is made of. */
export interface PodRequest {
  /** Unique in the namespace. */
  readonly name: string;
  /** What people know the release by: `node:22`. */
  readonly title: string;
  /** Whose it is: its label, and the identity of the process that asks for it, where the system tells one. */
  readonly run: { readonly label: string; readonly identity?: string | undefined };
  readonly platform: Platform;
  /** The images by digest: `registry.example/birds/node@sha256:…`. */
  readonly images: Readonly<Partial<Record<Variant, string>>>;
  readonly shapes: readonly Shape[];
  /** Folders that the containers share: dev fills them, and only dev may write there. */
  readonly folders: readonly string[];
  /** Whether what is run there fetches something: a NetworkPolicy goes by it. */
  readonly needsNetwork: boolean;
}

/** What all Pods of smoke tests are labelled with, whoever made them. */
export const LABELS = {
  "app.kubernetes.io/managed-by": "birdhouse",
  "app.kubernetes.io/component": "smoke-test",
} as const;

/** Where a Pod says which process it belongs to. */
export const IDENTITY = "birdhouse/run";

/** Seconds that a Pod lives at most, whatever becomes of who made it: no test of a release takes two hours. */
export const LIFETIME = 2 * 60 * 60;

/** Where each container finds what keeps it alive: an image may have no shell, and nothing that waits. */
const TOOLS = "/birdhouse";

/** Starts a program of busybox, which brings its own loader: the image's C library is another one, or none. */
const BUSYBOX = [`${TOOLS}/ld`, "--library-path", TOOLS, `${TOOLS}/busybox`] as const;

/** The name of the container that lays out the tools. */
const PREPARING = "prepare";

/**
 * Copies busybox of the dev image, its loader and the libraries that this lists (`NAME => PATH (ADDRESS)`, by musl and
 * glibc alike). Of a busybox without libraries there is nothing to list, and the loader starts it all the same. The
 * folders, its arguments, are open to everybody in Kubernetes; podman gives them to whom it shows them first.
 */
const PREPARE = `set -eu
for ld in /lib/ld-musl-*.so.1 /lib64/ld-linux-*.so.* /lib/ld-linux-*.so.*; do [ ! -f "$ld" ] || break; done
cp "$ld" ${TOOLS}/ld
cp /bin/busybox ${TOOLS}/busybox
{ "$ld" --list /bin/busybox 2> /dev/null || true; } | while read -r name arrow path _; do
  [ "$arrow" != "=>" ] || cp "$path" "${TOOLS}/$name"
done
${BUSYBOX.join(" ")} true
for folder; do chmod 0777 "$folder" 2> /dev/null || true; done
`;

/** Of every container. Source: Kubernetes, "Pod Security Standards", Restricted. */
const RESTRICTED = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };

/** Small, as most of them only wait; and no test may take a node's memory from others. */
const RESOURCES = {
  requests: { cpu: "10m", memory: "16Mi" },
  limits: { memory: "4Gi" },
};

/** The Pod, as the API takes it. */
export function podManifest(request: PodRequest): Pod {
  const { name, title, run, platform, images, shapes, folders, needsNetwork } = request;
  const [os = "linux", arch = ""] = platform.split("/");
  const readOnly = shapes.filter(({ isReadOnly }) => isReadOnly);
  const emptyDir = (volume: string): Volume => ({ name: volume, emptyDir: {} });
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      labels: {
        ...LABELS,
        [IDENTITY]: run.label,
        "birdhouse/network": needsNetwork ? "internet" : "none",
      },
      annotations: {
        "birdhouse/release": title,
        ...(run.identity !== undefined && { [IDENTITY]: run.identity }),
      },
    },
    spec: {
      restartPolicy: "Never",
      activeDeadlineSeconds: LIFETIME,
      // What sleeps as process 1 hears no SIGTERM.
      terminationGracePeriodSeconds: 1,
      automountServiceAccountToken: false,
      // Else the environment tells of whatever else is in the namespace.
      enableServiceLinks: false,
      nodeSelector: { "kubernetes.io/os": os, "kubernetes.io/arch": arch },
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      initContainers: [
        {
          name: PREPARING,
          image: images.dev ?? "",
          command: ["/bin/sh", "-c", PREPARE, "sh", ...folders],
          resources: RESOURCES,
          securityContext: { ...RESTRICTED, ...userOf(DEV_USER) },
          volumeMounts: [{ name: "tools", mountPath: TOOLS }, ...sharedFolders(folders)],
        },
      ],
      containers: shapes.map((shape) => containerOf(shape, images[shape.variant] ?? "", folders)),
      volumes: [
        emptyDir("tools"),
        ...folders.map((_, nth) => emptyDir(folderName(nth))),
        ...readOnly.map((shape) => emptyDir(temporaryOf(shape))),
      ],
    },
  };
}

/** Who dev's programs run as in a Pod: nobody that an image knows, and none of those who then run what they made. */
export const DEV_USER = "10001:10001";

function containerOf(shape: Shape, image: string, folders: readonly string[]): Container {
  const { variant, user, isReadOnly } = shape;
  const isWriter = variant === "dev" && !isReadOnly;
  const shared = sharedFolders(folders).map((mount) => (isWriter ? mount : { ...mount, readOnly: true }));
  const temporary: VolumeMount[] = isReadOnly ? [{ name: temporaryOf(shape), mountPath: "/tmp" }] : [];
  return {
    name: containerName(shape),
    image,
    command: [...BUSYBOX, "sleep", String(LIFETIME)],
    resources: RESOURCES,
    securityContext: {
      ...RESTRICTED,
      ...userOf(user),
      ...(isReadOnly && { readOnlyRootFilesystem: true }),
    },
    volumeMounts: [{ name: "tools", mountPath: TOOLS, readOnly: true }, ...shared, ...temporary],
  };
}

function sharedFolders(folders: readonly string[]): VolumeMount[] {
  return folders.map((folder, nth) => ({ name: folderName(nth), mountPath: folder }));
}

/** The name of the container that runs an image in some way: `runtime-1000-1000-read-only`. */
export function containerName({ variant, user, isReadOnly }: Shape): string {
  return `${variant}-${user.replace(":", "-")}${isReadOnly ? "-read-only" : ""}`;
}

function temporaryOf(shape: Shape): string {
  return `tmp-${containerName(shape)}`;
}

function folderName(nth: number): string {
  return `folder-${nth}`;
}

/** Where there is no group it is 0, as it is for a number that an image does not know. */
function userOf(user: string): { runAsUser: number; runAsGroup?: number } {
  const [uid = "", gid] = user.split(":");
  return { runAsUser: Number(uid), ...(gid !== undefined && { runAsGroup: Number(gid) }) };
}

/**
 * What is run in a container, so that a command begins in a folder and with variables: `kubectl exec` takes neither. The
 * program is looked for here, since some of busybox's shells take their own instead.
 */
const WITH_SURROUNDINGS = `while [ "$1" != -- ]; do export "$1"; shift; done
cd "$2" || exit
shift 2
case "$1" in
*/*) exec "$@" ;;
esac
program=$1
shift
IFS=:
for folder in \${PATH:-/usr/local/bin:/usr/bin:/bin}; do
  if [ -f "$folder/$program" ] && [ -x "$folder/$program" ]; then exec "$folder/$program" "$@"; fi
done
echo "$program: not found" >&2
exit 127`;

/** The words that run a command in a folder, with variables beside those of the image. */
export function withSurroundings(
  argv: readonly string[],
  workdir: string,
  env: Readonly<Record<string, string>>,
): string[] {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return [...BUSYBOX, "sh", "-c", WITH_SURROUNDINGS, "sh", ...variables, "--", workdir, ...argv];
}
