import type { Platform } from "./platform.ts";

/** On which machines a CI makes images: each platform's by its label, or by an emulator on the machine of another. */
export type Runners = Readonly<Partial<Record<Platform, string>>>;

/** Instead of a label: there is no machine of the platform. */
export const EMULATED = "emulated";

/** The platforms that have a machine of their own. */
export function nativePlatforms(runners: Runners): Platform[] {
  return (Object.keys(runners) as Platform[]).filter((one) => runners[one] !== EMULATED);
}
