import { openMirror } from "../../sandbox/index.ts";
import { openLocalRegistry } from "../../scripts/registry/local.ts";

/**
 * The sandbox's registry and mirror on loopback, as a process, for a network of its own: directory, registry, port of
 * the mirror. It says when it is ready, and ends when its input does.
 */
const [state = "", registry = "", mirrorPort = ""] = process.argv.slice(2);
const note = (text: string) => console.error(text);
const closeRegistry = await openLocalRegistry({ host: registry, directory: `${state}/inner-registry`, note });
const closeMirror = await openMirror({ state, registry, mirrorPort: Number(mirrorPort), note });
process.stdout.write("ready\n");
process.stdin
  .on("end", async () => {
    await closeMirror();
    await closeRegistry();
    process.exit(0);
  })
  .resume();
