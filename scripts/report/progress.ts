import { createLogUpdate } from "log-update";
import type { Stage } from "../model/run.ts";
import type { Event, Listener } from "../pipeline/events.ts";
import { isDebugging } from "../system/debug.ts";
import { formatSeconds } from "../system/shown/format.ts";
import { coloured, shown } from "../system/shown/output.ts";
import { withoutSecrets } from "../system/shown/secrets.ts";
import { readFailure } from "./failure.ts";

/** Shows what the pipeline does, for as long as it does it. */
export interface Progress {
  readonly listener: Listener;
  /** Leaves the screen in order, whatever had been going on. */
  close(): void;
}

/** Progress for people: a live list on a terminal, plain lines elsewhere. Both on standard error. */
export function openProgress(stream: NodeJS.WriteStream): Progress {
  // What --debug tells would be drawn over.
  return stream.isTTY && !isDebugging() ? liveProgress(stream) : plainProgress(stream);
}

/** For `--json`: what is said by the way, which the document does not have. How far the work is, nobody reads there. */
export function notesAlone(stream: NodeJS.WritableStream): Progress {
  return lineByLine(stream, (event) => (event.type === "note" ? event.text : undefined));
}

/** One line for each thing that ends, so that a log of CI reads well. */
export function plainProgress(stream: NodeJS.WritableStream): Progress {
  return lineByLine(stream, describe);
}

function lineByLine(stream: NodeJS.WritableStream, lineOf: (event: Event) => string | undefined): Progress {
  return {
    listener: (event) => {
      const line = lineOf(event);
      if (line !== undefined) stream.write(`${coloured(shown(line), stream)}\n`);
    },
    close: () => {},
  };
}

/** What has ended stands above; below it a list of what is under way, redrawn as it changes. */
export function liveProgress(stream: NodeJS.WriteStream): Progress {
  const redraw = createLogUpdate(stream);
  const state = new LiveState();
  const draw = () => redraw(shown(state.lines().join("\n")));
  const timer = setInterval(draw, FRAME_MS);
  timer.unref();
  return {
    listener: (event) => {
      state.apply(event);
      const line = describe(event);
      if (line !== undefined) {
        redraw.clear();
        stream.write(`${coloured(shown(line), stream)}\n`);
      }
      draw();
    },
    close: () => {
      clearInterval(timer);
      redraw.clear();
      redraw.done();
    },
  };
}

const FRAME_MS = 100;
const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/** What a live list shows: the targets at work, and how many are done. */
export class LiveState {
  readonly #active = new Map<string, { stage: string; since: number }>();
  #last: Stage = "publish";
  #total = 0;
  #ended = 0;

  apply(event: Event): void {
    switch (event.type) {
      case "planned":
        this.#total = event.targets.length;
        this.#last = event.last;
        break;
      case "started":
        this.#active.set(event.target, { stage: event.stage, since: performance.now() });
        break;
      case "finished":
        this.#active.delete(event.target);
        if (event.stage === this.#last) this.#ended++;
        break;
      case "failed":
      case "held":
        this.#active.delete(event.target);
        this.#ended++;
        break;
      case "unstarted":
        this.#ended++;
        break;
      default:
        break;
    }
  }

  lines(): string[] {
    if (this.#total === 0) return [];
    const now = performance.now();
    const frame = FRAMES[Math.floor(now / FRAME_MS) % FRAMES.length];
    const active = [...this.#active].map(
      ([target, { stage, since }]) =>
        `${frame} ${target.padEnd(20)} ${stage} ${formatSeconds((now - since) / 1000)}`,
    );
    return [...active, `  ${this.#ended} of ${this.#total} targets done`];
  }
}

/** An event as a line; undefined where it is not worth one. */
export function describe(event: Event): string | undefined {
  switch (event.type) {
    case "note":
    case "plan":
      return event.text;
    case "engine":
      return `building with ${event.title}`;
    case "planned":
    case "started":
    case "done":
      return undefined;
    case "finished":
      return `✔ ${event.target.padEnd(20)} ${event.stage.padEnd(8)} ${formatSeconds(event.seconds)}`;
    case "failed":
      return `✖ ${event.target.padEnd(20)} ${event.stage} failed: ${readFailure(event.message).cause}`;
    case "held":
      return `- ${event.target.padEnd(20)} held back, because ${event.pair} failed`;
    case "unstarted":
      return `- ${event.target.padEnd(20)} not started before the deadline`;
  }
}

/** An event as anyone may have it: its texts are of servers and programs, which may repeat what they were told. Pure. */
export function eventWithoutSecrets(event: Event): Event {
  switch (event.type) {
    case "note":
    case "plan":
      return { ...event, text: withoutSecrets(event.text) };
    case "engine":
      return { ...event, title: withoutSecrets(event.title) };
    case "failed":
      return { ...event, message: withoutSecrets(event.message) };
    default:
      // Names of targets and stages, numbers, digests.
      return event;
  }
}
