/**
 * What Alpine's packages bring for a machine that boots, has disks and an interface, and runs apk, and what apk notes
 * for itself: no runtime image holds any of it. Paths from the root; directories go with all that is in them. The
 * template of runtime images removes them, the smoke test looks for them.
 *
 * They come of alpine-baselayout-data (up to 3.15 alpine-baselayout), alpine-keys, busybox and apk. What apk has
 * installed, `lib/apk/db/installed`, is not among them: scanners and plans read that.
 */
export const UNNEEDED: readonly string[] = [
  ...inFolder("etc", [
    ...["apk", "busybox-paths.d", "conf.d", "crontabs", "fstab", "init.d", "inittab", "issue"],
    ...["logrotate.d", "modprobe.d", "modules", "modules-load.d", "motd", "network", "periodic"],
    ...["securetty", "sysctl.conf", "sysctl.d", "udhcpc", "udhcpd.conf"],
  ]),
  ...inFolder("lib", ["firmware", "mdev", "modules-load.d", "sysctl.d"]),
  ...inFolder("usr/lib", ["modules-load.d", "sysctl.d"]),
  ...inFolder("usr/share", ["apk", "udhcpc"]),
  ...inFolder("var", ["cache/apk", "cache/misc", "lib/udhcpd", "log/apk.log", "spool/cron"]),
  // Where /usr is merged, apk 3 keeps its notes there.
  ...["lib/apk", "usr/lib/apk"].flatMap((folder) => inFolder(folder, ["exec", ...ofDatabase()])),
];

/** apk's notes beside the list of what is installed. apk 3 compresses the scripts. */
function ofDatabase(): string[] {
  return ["lock", "scripts.tar", "scripts.tar.gz", "triggers"].map((name) => `db/${name}`);
}

function inFolder(folder: string, names: readonly string[]): string[] {
  return names.map((name) => `${folder}/${name}`);
}
