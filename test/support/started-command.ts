import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

const PATIENCE_MS = 120_000;
const POLL_MS = 20;

/** What a command came to. */
export interface EndedCommand {
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs beside the test, and what it has printed so far. */
export class StartedCommand {
  readonly child: ChildProcess;
  readonly ended: Promise<EndedCommand>;
  stdout = "";
  stderr = "";

  /** @param options of `spawn`; `env` is added to our own environment */
  constructor([command = "", ...args]: readonly string[], options: SpawnOptions = {}) {
    const env = { ...process.env, ...options.env };
    this.child = spawn(command, args, { ...options, env, stdio: ["ignore", "pipe", "pipe"] });
    for (const name of ["stdout", "stderr"] as const) {
      this.child[name]?.setEncoding("utf8").on("data", (text: string) => {
        this[name] += text;
      });
    }
    this.ended = once(this.child, "close").then(() => {
      const { stdout, stderr } = this;
      return { exitCode: this.child.exitCode, stdout, stderr };
    });
  }

  /** @throws Error when it ends before, or the moment does not come within two minutes */
  async until(what: string, isThere: () => boolean | Promise<boolean>): Promise<void> {
    for (let patience = PATIENCE_MS; !(await isThere()); patience -= POLL_MS) {
      const hasEnded = this.child.exitCode !== null || this.child.signalCode !== null;
      if (hasEnded || patience <= 0) {
        const how = hasEnded
          ? `it ended with ${this.child.exitCode ?? this.child.signalCode}`
          : "it runs still";
        throw new Error(`waited for ${what}, and ${how}: ${this.stderr}`);
      }
      await sleep(POLL_MS);
    }
  }

  /** Waits until it has said which engine it builds with. @param engine such as `buildah` */
  builds(engine = ""): Promise<void> {
    const words = `building with ${engine}`;
    return this.until(words, () => this.stderr.includes(words));
  }

  /** Sends a signal, and waits for the end. */
  async end(signal: NodeJS.Signals): Promise<EndedCommand> {
    this.child.kill(signal);
    return this.ended;
  }
}
