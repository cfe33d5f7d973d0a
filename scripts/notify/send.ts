import { setTimeout as sleep } from "node:timers/promises";
import type { RunSummary } from "../runs/summary.ts";
import { messageOf } from "../system/errors.ts";
import { rememberSecret } from "../system/secrets.ts";
import { fillTemplate } from "./template.ts";
import { isOccasion, viewOf } from "./view-of.ts";
import { DEFAULT_TEMPLATE, sendsJson, type Webhook } from "./webhook.ts";

/** What sending needs of the world. */
export interface SendContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds that a server has to answer. */
  readonly timeout?: number;
  /** Milliseconds before each further attempt. */
  readonly delays?: readonly number[];
}

const TIMEOUT_MS = 10_000;
const DELAYS_MS = [2_000];

/**
 * Tells everyone of a run who wants to hear of it, all at once.
 * @returns what did not arrive, and why, as a line for each; none of them names a URL that came from the environment
 */
export async function notify(
  webhooks: readonly Webhook[],
  summary: RunSummary,
  context: SendContext,
): Promise<string[]> {
  const wanted = webhooks.filter(({ when }) => isOccasion(when, summary));
  const problems = wanted.map(async (webhook) => {
    try {
      await send(webhook, summary, context);
      return [];
    } catch (error) {
      return [`${nameOf(webhook)} was not told of this run: ${messageOf(error)}`];
    }
  });
  return (await Promise.all(problems)).flat();
}

/** What of a webhook may be shown: to know its path is to be able to write there. */
function nameOf({ url }: Webhook): string {
  return URL.canParse(url) && /^https?:/i.test(url) ? `${new URL(url).origin}/…` : url;
}

async function send(
  { url, template = DEFAULT_TEMPLATE, headers }: Webhook,
  summary: RunSummary,
  { env, timeout = TIMEOUT_MS, delays = DELAYS_MS }: SendContext,
): Promise<void> {
  const target = resolved(url, env);
  if (!/^https?:$/.test(URL.canParse(target) ? new URL(target).protocol : "")) {
    throw new Error("expected an http or https URL there");
  }
  const body = fillTemplate(template, viewOf(summary));
  if (sendsJson(headers)) JSON.parse(body);
  const own = Object.entries(headers).map(
    ([name, value]) => [name.toLowerCase(), resolved(value, env)] as const,
  );
  const request: RequestInit = {
    method: "POST",
    headers: { "content-type": "application/json", ...Object.fromEntries(own) },
    body,
    // A redirected POST becomes a GET, which nobody reads.
    redirect: "manual",
  };
  for (const delay of delays) {
    const failure = await attempt(target, request, timeout);
    if (failure === undefined) return;
    if (!failure.mayPass) throw new Error(failure.reason);
    await sleep(delay);
  }
  const failure = await attempt(target, request, timeout);
  if (failure) throw new Error(failure.reason);
}

/** `env://NAME` is what the environment has under that name. @throws Error where it has nothing */
function resolved(text: string, env: SendContext["env"]): string {
  const [, name] = /^env:\/\/(\w+)$/.exec(text) ?? [];
  if (name === undefined) return text;
  const value = env[name];
  if (value === undefined || value.trim() === "") throw new Error(`the environment has no ${name}`);
  rememberSecret(value.trim());
  return value.trim();
}

interface Failure {
  readonly reason: string;
  /** Whether it is worth another attempt. */
  readonly mayPass: boolean;
}

async function attempt(url: string, request: RequestInit, timeout: number): Promise<Failure | undefined> {
  try {
    const response = await fetch(url, { ...request, signal: AbortSignal.timeout(timeout) });
    await response.body?.cancel();
    if (response.ok) return undefined;
    const { status } = response;
    return { reason: `its server answered with HTTP ${status}`, mayPass: status === 429 || status >= 500 };
  } catch (error) {
    const isSlow = error instanceof Error && error.name === "TimeoutError";
    const reason = isSlow ? `no answer within ${timeout / 1000} s` : causeOf(error);
    return { reason, mayPass: true };
  }
}

/** fetch says only that it failed; why is in the cause, by a code: nothing that it was told is repeated. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
  return `its server cannot be reached${code}`;
}
