/** What is left out of Debian's packages, so that converting them is quick and nothing superfluous comes along. */

/** Packages that no image needs: what installs and sets up Debian itself, documents, sanitizers. */
const LEFT_OUT = [
  /^(dpkg|debconf|install-info|init-system-helpers|libc-gconv-modules-extra|netbase|media-types)$/,
  /^lib(a|l|t|ub|hwa)san\d+$/,
  /^libjs-/,
];

/** Dependencies that no image needs, though others need the same package. */
const CUT: Readonly<Record<string, readonly string[]>> = {
  "ca-certificates": ["openssl"],
  // Only rarely used commands of git are written in Perl.
  git: ["perl", "liberror-perl", "git-man"],
  // Which Lua it serves is said by luarocks5.1 and luarocks5.4.
  luarocks: ["lua-any", "lua5.1", "liblua5.1-dev"],
};

/** Whether a Debian package's dependency is left out. */
export function isLeftOut(name: string, dependentName: string): boolean {
  return LEFT_OUT.some((pattern) => pattern.test(name)) || (CUT[dependentName]?.includes(name) ?? false);
}

/** Files that nobody runs or reads in a container. */
const TRIMMED = [
  /^usr\/share\/(doc|doc-base|man|info|locale|lintian|bug|menu|ri|gdb|applications|pixmaps|icons)(\/|$)/,
  /^usr\/share\/(bash-completion|zsh|debhelper|initramfs-tools|apport|polkit-1)(\/|$)/,
  /^(etc\/(cron|logrotate|init|bash_completion)[^/]*|usr\/lib\/systemd)(\/|$)/,
  /^usr\/lib64(\/|$)/,
  /\/gconv(\/|$)/,
  // Test data, and what only those who work on the compiler itself run.
  /^usr\/share\/go-[^/]+\/(test|doc|api)(\/|$)/,
  /^usr\/share\/go-[^/]+\/.*(\/testdata(\/|$)|_test\.go$)/,
  /^usr\/lib\/python[^/]+\/(test|idlelib|turtledemo)(\/|$)/,
  /^usr\/bin\/[^/]*lto-dump[^/]*$/,
  // Whole interpreters as static libraries, and those of the sanitizers that are left out.
  /\/lib(python|perl|ruby)[^/]*\.a$/,
  /\/lib(a|l|t|ub|hwa)san[^/]*$/,
];

/** Whether a file, by its path from the root, is left out. */
export function isTrimmed(path: string): boolean {
  return TRIMMED.some((pattern) => pattern.test(path));
}

/**
 * Where a file of Debian's goes: below /usr, as Debian's newer suites have it. Older ones have libraries and
 * programs in directories of the root, and Alpine's /lib and /bin are no links.
 */
export function underUsr(path: string): string {
  return /^(bin|sbin|lib|lib32|lib64)(\/|$)/.test(path) ? `usr/${path}` : path;
}

/** All these rules as text, to tell whether a mirror was made by them. */
export const TRIMMING_RULES: string = JSON.stringify([LEFT_OUT.map(String), CUT, TRIMMED.map(String)]);
