import { copyFile, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../scripts/system/process/process.ts";
import { unmountBelow } from "../../scripts/system/state/run-folder.ts";
import { rootfsArchive } from "./alpine-fixtures.ts";
import { PROJECT_STATE, type World } from "./world.ts";

/** Alpine's root filesystem as an image that trusts the mirror's key. */
export async function publishBase(world: World, image: string): Promise<void> {
  const keys = join(PROJECT_STATE, "sandbox/keys");
  const context = world.path("base");
  await mkdir(context);
  await copyFile(rootfsArchive("3.20"), join(context, "rootfs.tar.gz"));
  for (const key of (await readdir(keys)).filter((name) => name.endsWith(".pub"))) {
    await copyFile(join(keys, key), join(context, key));
  }
  await writeFile(
    join(context, "Dockerfile"),
    "FROM scratch\nADD rootfs.tar.gz /\nCOPY *.pub /etc/apk/keys/\n",
  );
  const store = world.path("base-store");
  const buildah = ["buildah", "--root", join(store, "root"), "--runroot", join(store, "run")];
  await run([...buildah, "build", "--isolation", "chroot", "--tag", "base", context]);
  await run([...buildah, "push", "--tls-verify=false", "base", image]);
  await unmountBelow(store);
}
