import type { Catalog, Release, Target } from "../model/target.ts";
import { commandLine } from "../system/shown/started.ts";

/** Where an app is inside a container: the folder that dev works in unless the catalog says otherwise. */
const APP = "/usr/src/app";

/** What a consumer types, and what it is for. */
export interface Step {
  readonly title: string;
  readonly commands: readonly string[];
}

/** The reference that a consumer pulls a target by: `ghcr.io/birdhouse/node:22-dev`. */
export function referenceOf({ registry }: Pick<Catalog, "registry">, target: Target): string {
  return `${registry}/${target.name}`;
}

/** The line that runs a command in an image, and touches nothing of the consumer's. */
export function runLine(reference: string, command: readonly string[]): string {
  return `docker run --rm ${reference} ${commandLine(command)}`;
}

/**
 * The line that runs a command in an image on the app in the consumer's folder: what it makes there is theirs.
 * @param asRoot whether the command needs root, and so sees to that itself
 */
export function runInAppLine(reference: string, command: readonly string[], asRoot = false): string {
  const user = asRoot ? "" : '-u "$(id -u):$(id -g)" ';
  return `docker run --rm ${user}-v "$PWD":${APP} -w ${APP} ${reference} ${commandLine(command)}`;
}

/** The release that READMEs speak of where one stands for all: that with the tag `latest`, or the newest. */
export function shownRelease(releases: readonly [Release, ...Release[]]): Release {
  return releases.find(({ runtime }) => runtime.tags.includes("latest")) ?? releases[0];
}

/** The release that an image's example is shown with: the newest that it runs on. */
export function exampleRelease(releases: readonly Release[]): Release | undefined {
  return releases.find(({ runtime }) => runtime.example !== undefined);
}

/** What a consumer types in the example's folder, in order: from its dependencies to the app that runs. */
export function exampleSteps(catalog: Pick<Catalog, "registry">, { image, runtime, dev }: Release): Step[] {
  const { example } = runtime;
  if (!example) return [];
  const inDev = (command: readonly string[], asRoot = false) =>
    runInAppLine(referenceOf(catalog, dev), command, asRoot);
  const { dependencies, root, test, build } = example;
  return [
    ...(dependencies ? [{ title: "Get the dependencies", commands: [inDev(dependencies, root)] }] : []),
    build
      ? { title: "Test and compile", commands: [inDev(test), inDev(build)] }
      : { title: "Test", commands: [inDev(test)] },
    { title: "Build a small image", commands: [`docker build -t hello-${image} .`] },
    { title: "Run it", commands: [`docker run --rm hello-${image}`] },
  ];
}
