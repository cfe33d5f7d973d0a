import type { Event } from "../pipeline/events.ts";
import { withoutSecrets } from "../system/shown/secrets.ts";

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
