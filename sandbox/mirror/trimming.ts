/** What is left out of Debian's packages, so that converting them is quick and nothing superfluous comes along. */

/** Packages that no image needs: what installs and sets up Debian itself, documents, sanitizers. */
const LEFT_OUT = [
  /^(base-files|debianutils|dpkg|dpkg-dev|debconf|install-info|init-system-helpers|libc-gconv-modules-extra|netbase|media-types)$/,
  /^(adduser|cpp|ucf|procps|ca-certificates-java|default-jre-headless|default-d-compiler|php-cli|php-common)$/,
  /^lib(a|l|t|ub|hwa)san\d+$/,
  /^(libjs-|erlang-(wx|debugger|reltool)$)/,
];

/** Dependencies that no image needs, though others need the same package. */
const CUT: Readonly<Record<string, readonly string[]>> = {
  "ca-certificates": ["openssl"],
  // Only rarely used commands of git are written in Perl.
  git: ["perl", "liberror-perl", "git-man"],
  // Alpine has these as modules and packages of their own.
  "php8.4-cli": ["php8.4-opcache"],
  "php-pear": ["php-xml"],
  "guile-3.0-dev": ["libltdl-dev"],
  tcllib: ["iproute2"],
  // What R draws with, on paper and in windows.
  "r-base-core": [
    ...[
      "libcairo2",
      "libglib2.0-0t64",
      "libpango-1.0-0",
      "libpangocairo-1.0-0",
      "libpaper-utils",
      "libtcl8.6",
    ],
    ...["libtiff6", "libtk8.6", "libx11-6", "libxt6t64", "xdg-utils"],
  ],
  // Which Lua it serves is said by luarocks5.1 and luarocks5.4.
  luarocks: ["lua-any", "lua5.1", "liblua5.1-dev", "wget"],
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
  // Character sets, but for those that programs take for granted.
  /\/gconv\/(?!gconv-modules|ISO8859-(1|15)\.|UTF-|UNICODE|CP1252)/,
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
