/** The files of /etc that every system has, as Alpine's alpine-baselayout-data and alpine-release hold them. */

/** name, user and group id, home, shell */
const USERS: readonly (readonly [string, number, string, string])[] = [
  ["root", 0, "/root", "/bin/sh"],
  ["bin", 1, "/bin", "/sbin/nologin"],
  ["daemon", 2, "/sbin", "/sbin/nologin"],
  ["mail", 8, "/var/mail", "/sbin/nologin"],
  ["guest", 405, "/dev/null", "/sbin/nologin"],
  ["nobody", 65534, "/", "/sbin/nologin"],
];

/** Groups that are no user's own. */
const GROUPS: readonly (readonly [string, number])[] = [
  ["sys", 3],
  ["adm", 4],
  ["tty", 5],
  ["disk", 6],
  ["wheel", 10],
  ["users", 100],
];

const SERVICES: readonly (readonly [string, number, string])[] = [
  ["ssh", 22, "tcp"],
  ["domain", 53, "tcp"],
  ["domain", 53, "udp"],
  ["http", 80, "tcp"],
  ["ntp", 123, "udp"],
  ["https", 443, "tcp"],
];

const PROTOCOLS: readonly (readonly [string, number])[] = [
  ["ip", 0],
  ["icmp", 1],
  ["tcp", 6],
  ["udp", 17],
  ["ipv6", 41],
  ["ipv6-icmp", 58],
];

const lines = (items: readonly string[]): string => items.map((item) => `${item}\n`).join("");

const groups = [...USERS.map(([name, id]) => [name, id] as const), ...GROUPS].sort((a, b) => a[1] - b[1]);

/** Path → text, readable by all. */
export const SYSTEM_FILES: Readonly<Record<string, string>> = {
  "etc/group": lines(groups.map(([name, id]) => `${name}:x:${id}:${name === "root" ? "root" : ""}`)),
  "etc/hostname": "localhost\n",
  "etc/hosts": "127.0.0.1\tlocalhost localhost.localdomain\n::1\t\tlocalhost localhost.localdomain\n",
  "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n",
  "etc/passwd": lines(
    USERS.map(([name, id, home, shell]) => `${name}:x:${id}:${id}:${name}:${home}:${shell}`),
  ),
  "etc/profile": "export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\numask 022\n",
  "etc/protocols": lines(PROTOCOLS.map(([name, number]) => `${name}\t${number}\t${name.toUpperCase()}`)),
  "etc/services": lines(SERVICES.map(([name, port, protocol]) => `${name}\t${port}/${protocol}`)),
  "etc/shells": "/bin/sh\n",
};

/** etc/shadow: nobody can log in with a password, but for root, who needs none, as in Alpine's package. */
export const SHADOW = lines(USERS.map(([name]) => `${name}:${name === "root" ? "" : "!"}::0:::::`));

/** What a branch's alpine-release holds. It says plainly whose system this is. */
export function releaseFiles(branch: string): Readonly<Record<string, string>> {
  return {
    "etc/alpine-release": `${branch}.0\n`,
    "etc/issue": `Birdhouse sandbox, not Alpine (${branch})\n`,
    "etc/os-release": lines([
      'NAME="Birdhouse sandbox, not Alpine"',
      "ID=birdhouse-sandbox",
      "ID_LIKE=alpine",
      `VERSION_ID=${branch}.0`,
      `PRETTY_NAME="Birdhouse sandbox, not Alpine (${branch})"`,
    ]),
  };
}
