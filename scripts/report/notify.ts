import { fillTemplate, type NotifyView } from "../catalog/schema/template.ts";
import type { RunSummary, RunTarget } from "../model/run.ts";
import { DEFAULT_TEMPLATE, type Occasion, sendsJson, type Webhook } from "../model/webhook.ts";
import { systemClock } from "../system/environment.ts";
import { messageOf } from "../system/errors.ts";
import { HTTP_CODE, HttpError } from "../system/http/error.ts";
import { createTransport } from "../system/http/http.ts";
import { type RetryPolicy, withRetries } from "../system/http/limits.ts";
import type { HttpRequest } from "../system/http/message.ts";
import { shownIn } from "../system/shown/output.ts";
import { rememberSecret } from "../system/shown/secrets.ts";
import { type FailureGroup, groupFailures } from "./failure.ts";
import { calledOut, verdictOf } from "./run-verdict.ts";
import { fixedIn } from "./tally.ts";

/** What sending needs. */
export interface NotifyContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds that a server has to answer. */
  readonly timeout?: number;
  readonly retries?: RetryPolicy;
}

const TIMEOUT_MS = 10_000;
/** The run is over, and waits for nobody long. */
const RETRIES: RetryPolicy = {
  attempts: 2,
  firstDelay: 2_000,
  longestDelay: 2_000,
  longestRetryAfter: 10_000,
};

/**
 * Tells everyone of a run who wants to hear of it, all at once.
 * @returns what did not arrive, and why, as a line for each; none of them names a URL that came from the environment
 */
export async function notify(
  webhooks: readonly Webhook[],
  summary: RunSummary,
  context: NotifyContext,
): Promise<string[]> {
  const wanted = webhooks.filter(({ when }) => isOccasion(when, summary));
  const problems = wanted.map(async (webhook) => {
    try {
      await send(webhook, summary, context);
      return [];
    } catch (error) {
      return [`${nameOf(webhook)} did not get the notification of this run: ${messageOf(error)}`];
    }
  });
  return (await Promise.all(problems)).flat();
}

/** What of a webhook may be shown: to know its path is to be able to write there. */
function nameOf({ url }: Webhook): string {
  return isHttp(url) ? `${new URL(url).origin}/…` : url;
}

/** Whether a text is a URL that HTTP can be spoken to. */
export function isHttp(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

async function send(
  { url, template = DEFAULT_TEMPLATE, headers }: Webhook,
  summary: RunSummary,
  { env, timeout = TIMEOUT_MS, retries = RETRIES }: NotifyContext,
): Promise<void> {
  const target = resolved(url, env);
  if (!isHttp(target)) throw new Error("its URL must begin with http:// or https://");
  const body = fillTemplate(template, viewOf(summary));
  if (sendsJson(headers)) JSON.parse(body);
  const own = Object.entries(headers).map(
    ([name, value]) => [name.toLowerCase(), resolved(value, env)] as const,
  );
  const request: HttpRequest = {
    method: "POST",
    url: new URL(target),
    headers: { "content-type": "application/json", ...Object.fromEntries(own) },
    body: Buffer.from(body),
    // What it says is nothing to us.
    mayCut: true,
    deadline: 2 * timeout,
  };
  // A redirected POST becomes a GET, which nobody reads: so none is followed.
  const transport = createTransport({ env, idleTimeout: timeout });
  const response = await withRetries(() => transport(request), retries, systemClock).catch(
    (error: unknown) => {
      throw new Error(wordsFor(error, timeout));
    },
  );
  if (response.status < 200 || response.status > 299) {
    throw new Error(`its server answered with HTTP ${response.status}`);
  }
}

/** `env://NAME` is what the environment has under that name. @throws Error where it has nothing */
export function resolved(text: string, env: NotifyContext["env"]): string {
  const [, name] = /^env:\/\/(\w+)$/.exec(text) ?? [];
  if (name === undefined) return text;
  const value = env[name];
  if (value === undefined || value.trim() === "")
    throw new Error(`the environment variable ${name} is not set`);
  rememberSecret(value.trim());
  return value.trim();
}

/** Why there was no answer, by a code: nothing that the server or the environment said is repeated. */
function wordsFor(error: unknown, timeout: number): string {
  if (!(error instanceof HttpError)) return "its server cannot be reached";
  if (error.code === HTTP_CODE.idle || error.code === HTTP_CODE.deadline) {
    return `no answer within ${timeout / 1000} s`;
  }
  return `its server cannot be reached${error.code === "" ? "" : ` (${error.code})`}`;
}

/** How many failures the text names. */
const NAMED = 10;

/** What a template sees of a run. Pure. */
export function viewOf(summary: RunSummary): NotifyView {
  const failed = summary.targets.filter(({ status }) => status === "failed");
  const cves = [...fixedIn(summary.targets).keys()].sort();
  const verdict = verdictOf(summary);
  const groups = groupFailures(failed, ({ failure }) => ({ message: "", stage: "", ...failure }));
  const more = groups.slice(NAMED).flatMap(({ members }) => members).length;
  const lines = [
    `Birdhouse, ${summary.registry}: ${verdict}`,
    ...calledOut(summary.targets).map((text) => `‼ ${text}`),
    ...groups.slice(0, NAMED).map((group) => failureLine(group)),
    ...(more > 0 ? [`✖ ${more} more`] : []),
    ...(cves.length > 0 ? [`fixed: ${cves.join(", ")}`] : []),
  ];
  // Whatever a template takes of it may be shown.
  return shownIn({ ...summary, verdict, text: lines.join("\n"), failed, cves });
}

/** One cause, with the targets that it stops. */
function failureLine({ failure, members }: FailureGroup<RunTarget>): string {
  const [{ target, failure: first }] = members;
  const whom = members.length === 1 ? target : `${target} and ${members.length - 1} more`;
  return `✖ ${whom}: ${first?.stage}: ${failure.cause}`;
}

/**
 * Whether a run is an occasion to call. That somebody else was running is no failure: they give their own account.
 */
function isOccasion(when: Occasion, { exitCode, targets }: RunSummary): boolean {
  if (when === "always") return true;
  if (when === "fixes") return fixedIn(targets).size > 0;
  return exitCode !== 0 && exitCode !== 3;
}
