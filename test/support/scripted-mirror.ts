import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { loadSigningKey } from "../../sandbox/mirror/signing-key.ts";
import { type FileServer, serveDirectory } from "../../sandbox/serve.ts";
import { ScriptedBranch } from "./scripted-branch.ts";
import { PROJECT_STATE } from "./world.ts";

/** A package mirror that a test moves: some branches of the sandbox's, with packages of the test's own. */
export class ScriptedMirror {
  #server: FileServer | undefined;

  private constructor(
    readonly directory: string,
    readonly branches: readonly ScriptedBranch[],
  ) {}

  static async open(...branches: readonly string[]): Promise<ScriptedMirror> {
    // Beside what it links to: links go across no file system.
    await mkdir(join(PROJECT_STATE, "test"), { recursive: true });
    const directory = await mkdtemp(join(PROJECT_STATE, "test/mirror-"));
    const key = await loadSigningKey(join(PROJECT_STATE, "sandbox/keys"));
    const opened: ScriptedBranch[] = [];
    for (const branch of branches.length > 0 ? branches : ["3.22"]) {
      // Links of files, not copies of them: what is written anew must be removed first.
      const sandbox = join(PROJECT_STATE, "sandbox/mirror", `v${branch}`);
      await promisify(execFile)("cp", ["-al", sandbox, directory]);
      opened.push(await ScriptedBranch.open(directory, branch, key));
    }
    const mirror = new ScriptedMirror(directory, opened);
    mirror.#server = await serveDirectory(directory, 0);
    return mirror;
  }

  get url(): string {
    return this.#server?.url ?? "";
  }

  /** Where the public key is. */
  get keys(): string {
    return join(PROJECT_STATE, "sandbox/keys");
  }

  /** One of its branches; without a name the first. */
  on(branch?: string): ScriptedBranch {
    const found =
      branch === undefined ? this.branches[0] : this.branches.find((one) => one.branch === branch);
    if (!found) throw new Error(`this mirror has no ${branch}`);
    return found;
  }

  /** The folder of the first branch's community repository: for tests that spoil what is in it. */
  get community(): string {
    return this.on().community;
  }

  /** Puts a build of a package into the first branch, in place of the one before. */
  put(name: string, version: string, depends: readonly string[] = []): Promise<void> {
    return this.on().put(name, version, { depends });
  }

  /** Says which version of a package fixed what, on the first branch. */
  fix(fixes: Parameters<ScriptedBranch["fix"]>[0]): Promise<void> {
    return this.on().fix(fixes);
  }

  /** Goes away, as a mirror does for a night. */
  async stop(): Promise<void> {
    await this.#server?.close();
  }

  async start(): Promise<void> {
    this.#server = await serveDirectory(this.directory, Number(new URL(this.url).port));
  }

  async close(): Promise<void> {
    await this.stop();
    await rm(this.directory, { recursive: true, force: true });
  }
}
