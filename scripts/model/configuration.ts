/** What an image says of how it is to be run. */

/** What may ask a program to end. SIGKILL is none: it asks nothing. */
export const STOP_SIGNALS = [
  "SIGTERM",
  "SIGINT",
  "SIGQUIT",
  "SIGHUP",
  "SIGUSR1",
  "SIGUSR2",
  "SIGWINCH",
  "SIGRTMIN+3",
] as const;

/** Who the commands of an image run as. */
export interface ImageUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** The users that an image can have without making one. */
export const KNOWN_USERS = {
  root: { name: "root", uid: 0, gid: 0 },
  nonroot: { name: "nonroot", uid: 65532, gid: 65532 },
} as const satisfies Readonly<Record<string, ImageUser>>;

/** Whether an image must make its user: it is none of those that there are. */
export function isOwnUser({ name }: ImageUser): boolean {
  return !Object.hasOwn(KNOWN_USERS, name);
}

/** Where a user's own files are: `/home/app`. */
export function homeOf({ name }: ImageUser): string {
  return name === "root" ? "/root" : `/home/${name}`;
}

/** `app:1000:2000` → its parts; without a group the group has the user's number. `root` and `nonroot` are known. */
export function userOf(text: string): ImageUser {
  const [name = "", uid = "", gid = uid] = text.split(":");
  if (name === "root" || name === "nonroot") return KNOWN_USERS[name];
  return { name, uid: Number(uid), gid: Number(gid) };
}

/** What is in a file that a Dockerfile makes: its lines where it is plain text, otherwise its bytes in base64. */
export type FileContent = {
  /** The first 12 hexadecimal digits of its SHA-256. */
  readonly digest: string;
} & ({ readonly lines: readonly string[] } | { readonly base64: string });

/** The text of a content. */
export function textOf(content: FileContent): string {
  if ("base64" in content) return Buffer.from(content.base64, "base64").toString("utf8");
  return content.lines.map((line) => `${line}\n`).join("");
}

/** Authorities that images trust beside those of Mozilla's list. */
export interface OwnCertificate {
  /** As it is called below `/usr/local/share/ca-certificates/`. */
  readonly fileName: string;
  /** Certificates in PEM. */
  readonly content: FileContent;
  /** Whose they are and when each ends: `Example Root CA, until 2035-01-01`. */
  readonly subjects: readonly string[];
}

/** Who a file of an image belongs to: root, or the user that the image's commands run as. */
export const FILE_OWNERS = ["root", "user"] as const;

/** A file that an image has beside its packages'. */
export interface PlacedFile {
  readonly content: FileContent;
  /** As `chmod` takes it: `0644`. */
  readonly mode: string;
  readonly owner: (typeof FILE_OWNERS)[number];
  /** That it was read from a file, which may be edited while the catalog stays as it is; left out where that has it. */
  readonly isRead?: true;
}

/** How an engine finds out whether the program in a container works. Times as `30s`. */
export interface Healthcheck {
  /** A command as an argument array. Its exit code tells: 0 is healthy. */
  readonly test: readonly string[];
  readonly interval?: string | undefined;
  readonly timeout?: string | undefined;
  readonly startPeriod?: string | undefined;
  readonly retries?: number | undefined;
}

/** Nanoseconds in each unit of a time. */
const UNITS: Readonly<Record<string, number>> = { ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/**
 * A health check as the configuration of an image has it. OCI's image specification has none and lets others add
 * fields; this one is of Docker's image specification 1.3, times in nanoseconds. Docker reads it in images of either
 * format; podman only in Docker's own, and Kubernetes never.
 */
export function healthcheckConfig({ test, interval, timeout, startPeriod, retries }: Healthcheck) {
  return {
    Test: ["CMD", ...test],
    ...(interval !== undefined && { Interval: nanoseconds(interval) }),
    ...(timeout !== undefined && { Timeout: nanoseconds(timeout) }),
    ...(startPeriod !== undefined && { StartPeriod: nanoseconds(startPeriod) }),
    ...(retries !== undefined && { Retries: retries }),
  };
}

/** @param time such as `30s`, as the catalog's schema has checked it */
function nanoseconds(time: string): number {
  return Number.parseInt(time, 10) * (UNITS[time.replace(/^\d+/, "")] ?? 0);
}
