import { homeOf } from "../../model/configuration.ts";
import type { SiteVersion } from "./images.ts";
import type { Site } from "./site.ts";
import { idOf, UNKNOWN } from "./words.ts";

/** What moving.hbs shows: how others' images differ from the one here, line by line. Pure. */
export function movingView({ moving }: Site, { release }: SiteVersion) {
  const others = moving[release.image] ?? [];
  return others.map(({ name, facts, sources, changes }) => ({
    name,
    id: idOf("from", name),
    sources,
    changes: changes.map((line) => line.replaceAll("{{version}}", release.version)),
    facts: Object.entries(facts).map(([what, theirs]) => ({
      what,
      theirs,
      ours: OURS[what]?.(release) ?? UNKNOWN,
    })),
  }));
}

/** How what is compared is here, by its name in moving.json. */
const OURS: Readonly<Record<string, (release: SiteVersion["release"]) => string>> = {
  user: ({ runtime }) => `${runtime.user.name}, ${runtime.user.uid}`,
  shell: ({ runtime, dev }) =>
    `${runtime.shell ? "yes" : "only where a package brings one"}; ${dev.name} has one`,
  "package manager": ({ dev }) => `none; apk in ${dev.name}`,
  "entry point": ({ runtime }) => (runtime.entrypoint ? JSON.stringify(runtime.entrypoint) : "none"),
  command: ({ runtime }) => (runtime.cmd ? JSON.stringify(runtime.cmd) : "none"),
  program: () => "/usr/bin/node",
  "working directory": ({ runtime }) => runtime.workdir ?? homeOf(runtime.user),
  "C library": () => "musl",
  npm: ({ dev }) => `in ${dev.name} only`,
};
