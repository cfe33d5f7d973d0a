import { copyFile, mkdir, readdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { run } from "../../scripts/system/process/process.ts";
import { unmountBelow } from "../../scripts/system/state/run-folder.ts";
import { rootfsArchive } from "./alpine-fixtures.ts";
import { PROJECT_STATE, type World } from "./world.ts";

/** Alpine's root filesystem as an image that trusts the mirror's key. */
export async function publishBase(world: World, image: string): Promise<void> {
  const keys = join(PROJECT_STATE, "sandbox/keys");
  const names = (await readdir(keys)).filter((name) => name.endsWith(".pub"));
  const paths = names.map((name) => join(keys, name));
  await publishRootfs(world, rootfsArchive("3.20"), paths, image);
}

/**
 * A root filesystem as an image, as Alpine's own base image is made.
 * @param archive the tar of it
 * @param keys public keys that it is to trust besides those that are in it
 * @param image where it goes, as `docker://HOST/NAME:TAG`
 */
export async function publishRootfs(
  world: World,
  archive: string,
  keys: readonly string[],
  image: string,
): Promise<void> {
  const context = world.path("base");
  await mkdir(context);
  await copyFile(archive, join(context, "rootfs.tar.gz"));
  for (const key of keys) await copyFile(key, join(context, basename(key)));
  const trust = keys.length > 0 ? "COPY *.pub /etc/apk/keys/\n" : "";
  await writeFile(join(context, "Dockerfile"), `FROM scratch\nADD rootfs.tar.gz /\n${trust}`);
  const store = world.path("base-store");
  const buildah = ["buildah", "--root", join(store, "root"), "--runroot", join(store, "run")];
  await run([...buildah, "build", "--isolation", "chroot", "--tag", "base", context]);
  await run([...buildah, "push", "--tls-verify=false", "base", image]);
  await unmountBelow(store);
}
