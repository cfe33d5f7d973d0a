import type { Writable } from "node:stream";
import type { Dispatcher } from "undici";
import { writableAt } from "../files/files.ts";
import { explainFailure, HTTP_CODE, HttpError, shownUrl } from "./error.ts";
import { LIMITS } from "./limits.ts";
import type { HttpRequest, HttpResponse } from "./message.ts";

/** A request with its limits, and who waits for its answer. */
interface Asked extends HttpRequest {
  readonly limit: number;
  /** Milliseconds, as `deadline`. */
  readonly idle: number;
  readonly deadline: number;
  /** Bytes of what is sent that are on their way. */
  readonly sent: () => number;
  /** That it goes by, for errors. */
  readonly proxy: URL | undefined;
  readonly resolve: (response: HttpResponse) => void;
  readonly reject: (error: unknown) => void;
}

/** Milliseconds that Node can wait: nobody waits so long. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** One request on its way, and its answer as it comes in, within its limits. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #request: Asked;
  readonly #chunks: Buffer[] = [];
  readonly #interrupt = () => this.#fail(this.#request.signal?.reason);
  #controller: Dispatcher.DispatchController | undefined;
  #file: Writable | undefined;
  /** Until all of it must be there, and until anything must be heard. */
  #whole: NodeJS.Timeout | undefined;
  #next: NodeJS.Timeout | undefined;
  /** Of a long answer: whether it moves on at all. */
  #pace: NodeJS.Timeout | undefined;
  #sent = 0;
  #status = 0;
  #headers: Record<string, string> = {};
  #size = 0;
  #isOver = false;

  constructor(request: Asked) {
    this.#request = request;
    request.signal?.addEventListener("abort", this.#interrupt, { once: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // It was given up while it waited for a connection.
    if (this.#isOver) controller.abort(new Error("it is no longer wanted"));
    else this.#startClock();
  }

  onResponseStart(_: unknown, status: number, headers: Record<string, string | string[] | undefined>): void {
    // What comes before the answer (RFC 9110, section 15.2, "Informational").
    this.#next?.refresh();
    if (this.#isOver || status < 200) return;
    this.#status = status;
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined) this.#headers[name] = Array.isArray(value) ? value.join(", ") : value;
    }
    const { method, saveTo } = this.#request;
    if (method !== "HEAD" && Number(this.#headers["content-length"]) > this.#most) this.#exceed();
    if (this.#isOver || saveTo === undefined || status !== 200) return;
    this.#file = writableAt(saveTo);
    this.#file.on("error", (error) => this.#fail(error));
    this.#file.on("finish", () => this.#succeed());
    this.#file.on("drain", () => this.#controller?.resume());
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isOver) return;
    this.#next?.refresh();
    this.#size += chunk.length;
    if (this.#size > this.#most) this.#exceed(chunk);
    else if (!this.#file) this.#chunks.push(chunk);
    else if (!this.#file.write(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    if (this.#isOver) return;
    if (this.#file) this.#file.end();
    else this.#succeed();
  }

  onResponseError(_: unknown, error: Error): void {
    this.#fail(error);
  }

  get #isGood(): boolean {
    return this.#status >= 200 && this.#status < 300;
  }

  /** Bytes that are read of this answer. */
  get #most(): number {
    return this.#isGood ? this.#request.limit : LIMITS.refusal;
  }

  #startClock(): void {
    if (this.#whole) return;
    const { deadline, idle } = this.#request;
    const late = () =>
      this.#fail(this.#error(`the answer was not complete within ${deadline / 1000} s`, HTTP_CODE.deadline));
    this.#whole = setTimeout(late, Math.min(deadline, LONGEST_TIMER));
    this.#next = setTimeout(() => this.#silence(), idle);
    if (this.#request.saveTo !== undefined) this.#pace = this.#watchPace(idle);
  }

  /** What is saved to a file may take hours, for it may be large: a byte now and then is not enough of it. */
  #watchPace(idle: number): NodeJS.Timeout {
    const least = (idle / 1000) * LIMITS.pace;
    let before = 0;
    return setInterval(() => {
      const moved = this.#size - before;
      before = this.#size;
      const slow = `less than ${LIMITS.pace} bytes a second came for ${idle / 1000} s`;
      if (moved < least) this.#fail(this.#error(slow, HTTP_CODE.idle));
    }, idle);
  }

  /** Nothing has been heard; where we are still sending, nothing need be. */
  #silence(): void {
    const { idle, sent } = this.#request;
    const before = this.#sent;
    this.#sent = sent();
    if (this.#sent > before) this.#next?.refresh();
    else this.#fail(this.#error(`no data came for ${idle / 1000} s`, HTTP_CODE.idle));
  }

  /** What is too long fails; of what nobody has to read the beginning is enough. */
  #exceed(chunk?: Buffer): void {
    if (this.#isGood && !this.#request.mayCut) {
      const most = `the answer is longer than ${this.#most} bytes`;
      this.#fail(this.#error(`${most}: it is damaged, or not what was asked for`, HTTP_CODE.tooLong));
      return;
    }
    if (!chunk && this.#chunks.length === 0) return;
    if (chunk) this.#chunks.push(chunk.subarray(0, chunk.length - (this.#size - this.#most)));
    const controller = this.#controller;
    this.#succeed();
    controller?.abort(new Error("the rest is not wanted"));
  }

  #succeed(): void {
    if (!this.#finish()) return;
    const { url, resolve } = this.#request;
    const [first, ...others] = this.#chunks;
    const body = first && others.length === 0 ? first : Buffer.concat(this.#chunks);
    resolve({ status: this.#status, headers: this.#headers, body, url });
  }

  #fail(error: unknown): void {
    if (!this.#finish()) return;
    this.#file?.destroy();
    const { signal, reject } = this.#request;
    reject(signal?.aborted ? signal.reason : this.#inWords(error));
    this.#controller?.abort(error instanceof Error ? error : new Error("it is no longer wanted"));
  }

  /** @returns false where it is over already */
  #finish(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    clearTimeout(this.#whole);
    clearTimeout(this.#next);
    clearInterval(this.#pace);
    this.#request.signal?.removeEventListener("abort", this.#interrupt);
    return true;
  }

  #inWords(error: unknown): HttpError {
    if (error instanceof HttpError) return error;
    const { reason, code } = explainFailure(error);
    return this.#error(reason, code, error);
  }

  #error(reason: string, code: string, cause?: unknown): HttpError {
    const { url, proxy } = this.#request;
    const by = proxy ? `by way of the proxy ${shownUrl(proxy)}: ` : "";
    return new HttpError(url, `${by}${reason}`, code, { cause });
  }
}
