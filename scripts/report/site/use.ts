import { homeOf } from "../../model/configuration.ts";
import { commandLine } from "../../system/shown/started.ts";
import type { SiteVersion } from "./images.ts";
import type { Site } from "./site.ts";

/**
 * What somebody who uses a version asks, answered for use.hbs: how to look into a container without a shell, ports, health
 * checks, who owns files, and how it stands in a compose file and in a cluster. Pure.
 */
export function useView({ catalog }: Site, { release, targets }: SiteVersion) {
  const { runtime, dev, debug } = release;
  const digest = targets[0]?.status.planned.published?.digest;
  const has = ({ name }: { readonly name: string }) =>
    targets.some(({ status: { planned } }) => planned.target.name === name && planned.published);
  const reference = (name: string) => `${catalog.registry}/${name}`;
  const image = `${reference(runtime.name)}${digest === undefined ? "" : `@${digest}`}`;
  const { user } = runtime;
  const health = runtime.healthcheck?.test;
  return {
    name: runtime.name,
    dev: dev.name,
    user: user.uid === 0 ? "root" : `${user.name}, ${user.uid}`,
    isRoot: user.uid === 0,
    ids: `${user.uid}:${user.gid}`,
    home: runtime.workdir ?? homeOf(user),
    hasShell: runtime.shell,
    // Nothing is named that nobody can pull.
    hasDev: has(dev),
    debug: debug &&
      has(debug) && {
        name: debug.name,
        run: commandLine(["docker", "run", "--rm", "-it", "--entrypoint", "/bin/sh", reference(debug.name)]),
      },
    // A container of dev's beside the one that runs, which sees its processes and, by these, its files.
    beside: `docker run --rm -it --pid container:CONTAINER --network container:CONTAINER ${reference(dev.name)} sh`,
    inCluster: `kubectl debug -it POD --image=${reference(dev.name)} --target=CONTAINER -- sh`,
    copy: `COPY --chown=${user.uid}:${user.gid} . ${runtime.workdir ?? homeOf(user)}`,
    health: health && JSON.stringify(health),
    compose: composeText(image, runtime.user.uid, health),
    kubernetes: kubernetesText(image, runtime.image, user),
  };
}

function composeText(image: string, uid: number, health: readonly string[] | undefined): string {
  return [
    "services:",
    "  app:",
    `    image: ${image}`,
    // Process 1 gets no signal that it does not ask for.
    "    init: true",
    "    read_only: true",
    "    tmpfs: [/tmp]",
    ...(uid === 0 ? [] : ["    cap_drop: [ALL]"]),
    "    security_opt: [no-new-privileges:true]",
    ...(health ? ["    healthcheck:", `      test: ${JSON.stringify(["CMD", ...health])}`] : []),
  ].join("\n");
}

function kubernetesText(
  image: string,
  name: string,
  { uid, gid }: { readonly uid: number; readonly gid: number },
): string {
  return [
    "apiVersion: v1",
    "kind: Pod",
    `metadata: { name: ${JSON.stringify(name.replaceAll(/[._]/g, "-"))} }`,
    "spec:",
    ...(uid === 0
      ? []
      : [
          "  securityContext:",
          "    runAsNonRoot: true",
          `    runAsUser: ${uid}`,
          `    runAsGroup: ${gid}`,
          `    fsGroup: ${gid}`,
        ]),
    "  containers:",
    "    - name: app",
    `      image: ${image}`,
    "      securityContext:",
    "        allowPrivilegeEscalation: false",
    "        readOnlyRootFilesystem: true",
    ...(uid === 0 ? [] : ["        capabilities: { drop: [ALL] }"]),
    "      volumeMounts: [{ name: tmp, mountPath: /tmp }]",
    "  volumes: [{ name: tmp, emptyDir: {} }]",
  ].join("\n");
}
