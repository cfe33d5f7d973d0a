import type { Webhook } from "../model/webhook.ts";
import { resolved } from "../report/notify.ts";
import { messageOf } from "../system/errors.ts";
import type { Check } from "./check.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether everyone who is to be told of runs could be: nothing is sent, since each would take it for a run. */
export function notifyCheck(webhooks: readonly Webhook[], env: Environment = process.env): Check {
  return {
    name: "notify",
    async run() {
      const problems = webhooks.flatMap((webhook) => problemsOf(webhook, env));
      if (problems.length > 0) {
        return {
          status: "fail",
          found: problems.join("\n"),
          advice: "set the variables where the run will have them, or mend notify of the catalog",
        };
      }
      const [first] = webhooks;
      const rest = webhooks.length > 1 ? ` and ${webhooks.length - 1} more` : "";
      return { status: "ok", found: `${first?.url}${rest}: not tried, as it would be taken for a run` };
    },
  };
}

/** As the catalog has them, so that no secret is in it. */
function problemsOf({ url, headers }: Webhook, env: Environment): string[] {
  const values = [[url, "url"], ...Object.entries(headers).map(([name, value]) => [value, `header ${name}`])];
  return values.flatMap(([value = "", what = ""]) => {
    try {
      const text = resolved(value, env);
      if (what !== "url" || isHttp(text)) return [];
      return [`${url}: expected an http or https URL there`];
    } catch (error) {
      return [`${url}: ${what}: ${messageOf(error)}`];
    }
  });
}

function isHttp(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
