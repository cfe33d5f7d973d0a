import { definedOf, type Written } from "./written.ts";

/** On which runs a webhook is called. */
export const OCCASIONS = ["failure", "fixes", "always"] as const;
export type Occasion = (typeof OCCASIONS)[number];

/** Somebody who is told how runs ended: a chat, a pager, a log. */
export interface Webhook {
  /** An http or https URL, or `env://VARIABLE` where it is secret. */
  readonly url: string;
  readonly when: Occasion;
  /** A Handlebars template of what is sent; without it DEFAULT_TEMPLATE. */
  readonly template?: string;
  /** Header → value, or `env://VARIABLE`. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What Slack, Mattermost and Teams understand. */
export const DEFAULT_TEMPLATE = '{"text": {{json text}} }';

/** The webhook of an entry of a catalog file's block `notify`. */
export function webhookOf(file: Written<Webhook> & Pick<Webhook, "url">): Webhook {
  return { when: "failure", headers: {}, ...definedOf(file) };
}

/** Whether JSON is sent: it is, unless a header says otherwise. */
export function sendsJson(headers: Readonly<Record<string, string>>): boolean {
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === "content-type")?.[1];
  return type === undefined || /json/i.test(type);
}
