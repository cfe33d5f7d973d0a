import { createHash } from "node:crypto";
import { z } from "zod";
import { unusualCompression } from "./compression.ts";
import type { Platform } from "./platform.ts";
import { ownRepositoriesOf } from "./repositories.ts";
import type { Catalog, Target } from "./target.ts";

/**
 * All that decides what a build makes, by name, so that a plan can say which of them changed. A value is a
 * text, or a list whose order does not matter. Small values stand for themselves; the Dockerfile is a hash.
 */
export type Inputs = Readonly<Record<string, string | readonly string[]>>;

export const inputsSchema = z.record(z.string(), z.union([z.string(), z.array(z.string())]));

/** One input that is not as it was: what is gone, what came. */
export interface InputChange {
  readonly input: string;
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/**
 * The inputs of a target.
 * @param dockerfile its rendered Dockerfile
 * @param platforms those that it is built for: all that the catalog wants, unless a plan has chosen others
 */
export function inputsOf(
  target: Target,
  catalog: Pick<Catalog, "branches" | "sources" | "certificates" | "repositories" | "compression">,
  dockerfile: string,
  platforms: readonly Platform[] = target.platforms,
): Inputs {
  const repositories = [
    ...(catalog.branches[target.branch]?.repositories ?? []),
    ...ownRepositoriesOf(catalog, target.branch).flatMap(({ url, keys }) => [
      url,
      ...Object.entries(keys).map(([name, { digest }]) => `${name} ${digest}`),
    ]),
  ];
  // Comments build nothing.
  const instructions = dockerfile.replace(/^#.*\n/gm, "");
  return {
    branch: target.branch,
    platforms,
    sources: [catalog.sources.base, catalog.sources.packages],
    // Only where the catalog says it: what was published before it could must not seem changed.
    ...(repositories.length > 0 && { repositories }),
    ...certificatesOf(catalog),
    ...compressionIn(catalog),
    packages: target.world,
    env: Object.entries(target.env).map(([name, value]) => `${name}=${value}`),
    links: Object.entries(target.links).map(([path, aim]) => `${path}→${aim}`),
    ...labelsOf(target),
    ...filesOf(target),
    config: [
      ...(target.entrypoint ? [`entrypoint=${JSON.stringify(target.entrypoint)}`] : []),
      ...(target.cmd ? [`cmd=${JSON.stringify(target.cmd)}`] : []),
      ...(target.workdir === undefined ? [] : [`workdir=${target.workdir}`]),
      ...userOf(target),
      ...target.expose.map((port) => `expose=${port}`),
      ...target.volumes.map((path) => `volume=${path}`),
      ...(target.stopsignal === undefined ? [] : [`stopsignal=${target.stopsignal}`]),
      ...(target.healthcheck ? [`healthcheck=${JSON.stringify(target.healthcheck)}`] : []),
    ],
    dockerfile: createHash("sha256").update(instructions).digest("hex").slice(0, 12),
  };
}

/** Likewise. */
function filesOf({ files }: Target): Inputs {
  const entries = Object.entries(files).map(
    ([path, { content, mode, owner }]) => `${path} ${mode} ${owner} ${content.digest}`,
  );
  return entries.length > 0 ? { files: entries } : {};
}

/** Only where it is not the usual one of its variant. */
function userOf({ user, variant }: Target): string[] {
  const usual = variant === "dev" ? "root" : "nonroot";
  return user.name === usual ? [] : [`user=${user.name}:${user.uid}:${user.gid}`];
}

/** Only where there are some: what was published before there could be must not seem changed. */
function certificatesOf({ certificates = [] }: Pick<Catalog, "certificates">): Inputs {
  const entries = certificates.map(({ fileName, content }) => `${fileName} ${content.digest}`);
  return entries.length > 0 ? { certificates: entries } : {};
}

/** Only where it is not what it always was: what was published before must not seem changed. */
function compressionIn({ compression }: Pick<Catalog, "compression">): Inputs {
  const text = unusualCompression(compression);
  return text === undefined ? {} : { compression: text };
}

/** Only where there are some: what was published before there could be must not seem changed. */
function labelsOf({ labels }: Target): Inputs {
  const entries = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  return entries.length > 0 ? { labels: entries } : {};
}

/**
 * What differs between two sets of inputs, by name. The Dockerfile follows from the other inputs, so its
 * change is told only when it is the only one: then it was the templates or a part of the catalog with no
 * name of its own here.
 */
export function changedInputs(before: Inputs, now: Inputs): InputChange[] {
  const changes = [...new Set([...Object.keys(before), ...Object.keys(now)])].map((input) => {
    const [was, is] = [[before[input] ?? []].flat(), [now[input] ?? []].flat()];
    const removed = was.filter((item) => !is.includes(item));
    return { input, removed, added: is.filter((item) => !was.includes(item)) };
  });
  const real = changes.filter(({ removed, added }) => removed.length + added.length > 0);
  const named = real.filter(({ input }) => input !== "dockerfile");
  return named.length > 0 ? named : real;
}
