import { join } from "node:path";
import { z } from "zod";
import { PLATFORMS, type Platform } from "../model/platform.ts";
import { homeDirectory } from "../system/environment.ts";
import { tryJson } from "../system/json.ts";

/** Where buildx keeps what it knows. Source: docker/buildx, util/confutil */
export function buildxFolder(): string {
  const docker = process.env.DOCKER_CONFIG ?? join(homeDirectory() ?? "/nowhere", ".docker");
  return process.env.BUILDX_CONFIG ?? join(docker, "buildx");
}

/** The platforms of all nodes in what `docker buildx inspect` prints: `Platforms: linux/amd64*, linux/386`. */
export function parsePlatforms(text: string): Platform[] {
  return oursAmong(namesIn(text));
}

/**
 * The platforms that one node is there for: those that its maintainer declared, marked with `*`, else that of its own
 * processor, which stands first. What else it lists, an emulator may run. Pure.
 * Source: docker/buildx, commands/inspect.go; moby/buildkit, util/archutil
 */
export function parseOwnPlatforms(text: string): Platform[] {
  const names = namesIn(text);
  const declared = names.filter((name) => name.endsWith("*"));
  return oursAmong(declared.length > 0 ? declared : names.slice(0, 1));
}

/** The names as they stand there, with their marks. */
function namesIn(text: string): string[] {
  return [...text.matchAll(/^[ \t]*Platforms:[ \t]*(.*)$/gm)].flatMap(([, list = ""]) =>
    list.split(",").map((name) => name.trim()),
  );
}

function oursAmong(names: readonly string[]): Platform[] {
  const plain = new Set(names.map((name) => name.replace(/\*$/, "")));
  return PLATFORMS.filter((platform) => plain.has(platform));
}

/** A machine of a builder: what buildx keeps of it is its own affair, and handed on as it stands. */
const nodeSchema = z.looseObject({ Name: z.string().regex(/^[\w.-]{1,200}$/) });
const builderSchema = z.looseObject({ Name: z.string(), Nodes: z.array(nodeSchema).max(1000) });

/** A builder of one node out of several. */
export interface SingleNode {
  readonly name: string;
  /** The file that makes a builder of it, for buildx. */
  fileFor(builder: string): string;
}

/**
 * The nodes of a builder, by the file in which buildx keeps it. Pure.
 * Source: docker/buildx, store/nodegroup.go
 * @returns none where it is no such file
 */
export function parseNodes(text: string): SingleNode[] {
  const { data } = builderSchema.safeParse(tryJson(text));
  return (data?.Nodes ?? []).map((node) => ({
    name: node.Name,
    fileFor: (Name) => JSON.stringify({ ...data, Name, Nodes: [node] }),
  }));
}
