import type { SiteVersion } from "./images.ts";
import type { ConfigFacts, SiteTarget } from "./site.ts";
import { UNKNOWN } from "./words.ts";

/** One thing that all variants are asked: its name, and how a configuration answers. */
type Question = readonly [name: string, answer: (config: ConfigFacts) => readonly string[], none: string];

const json = (words: readonly string[]) => (words.length === 0 ? [] : [JSON.stringify(words)]);

const QUESTIONS: readonly Question[] = [
  ["user", ({ user }) => (user === undefined ? [] : [user]), "root"],
  ["entry point", ({ entrypoint }) => json(entrypoint), "none"],
  ["command", ({ cmd }) => json(cmd), "none"],
  ["environment", ({ env }) => env, "none"],
  ["working directory", ({ workdir }) => (workdir === undefined ? [] : [workdir]), "/"],
  ["listens on", ({ ports }) => ports, "nothing is said"],
  ["volumes", ({ volumes }) => volumes, "none"],
  ["ends on", ({ stopSignal }) => (stopSignal === undefined ? [] : [stopSignal]), "SIGTERM"],
  ["health check", ({ healthcheck }) => json(healthcheck), "none"],
  ["newest package built", ({ created }) => (created === undefined ? [] : [created]), UNKNOWN],
];

/**
 * The variants of a version side by side, for pair.hbs: what their configurations in the registry say, and what the
 * catalog says of a shell and a package manager. Pure.
 */
export function pairView({ targets }: Pick<SiteVersion, "targets">) {
  const columns = targets.map((one) => ({ one, config: one.manifests[0]?.config }));
  const rows = QUESTIONS.map(([name, answer, none]) => ({
    name,
    cells: columns.map(({ config }) => {
      if (!config) return { items: [], text: UNKNOWN };
      const items = answer(config);
      return { items, text: items.length === 0 ? none : "" };
    }),
  }));
  const plain = (name: string, tell: (one: SiteTarget) => string) => ({
    name,
    cells: targets.map((one) => ({ items: [], text: tell(one) })),
  });
  return {
    columns: targets.map(({ status }) => status.planned.target.name),
    rows: [
      plain("for", forText),
      ...rows,
      plain("shell", shellText),
      plain("package manager", ({ status }) => (status.planned.target.variant === "dev" ? "apk" : "none")),
      {
        name: "platforms",
        cells: targets.map(({ manifests }) => {
          const items = manifests.map(({ platform }) => platform);
          return { items, text: items.length === 0 ? UNKNOWN : "" };
        }),
      },
    ],
  };
}

function forText({ status }: SiteTarget): string {
  const { variant } = status.planned.target;
  if (variant === "dev") return "building";
  return variant === "debug" ? "looking into what does not run as it should" : "running";
}

function shellText({ status }: SiteTarget): string {
  const { shell, variant } = status.planned.target;
  return shell || variant !== "runtime" ? "/bin/sh" : "only where a package brings one";
}
