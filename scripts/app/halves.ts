import { hostPlatform, type Platform } from "../model/platform.ts";
import { isDue, type PlannedTarget } from "../plan/plan.ts";
import { UserError } from "../system/errors.ts";
import type { Session } from "./session.ts";

/**
 * Requires that this machine can build what is planned for another platform than its own: dev images are built by
 * programs of their own platform.
 * @throws UserError where it cannot
 */
export async function requireAbility(
  session: Pick<Session, "runnable">,
  planned: readonly PlannedTarget[],
  platform: Platform,
): Promise<void> {
  if (platform === hostPlatform()) return;
  const isDev = ({ target, platforms }: PlannedTarget) =>
    target.variant === "dev" && platforms.includes(platform);
  if (!planned.some((one) => isDue(one) && isDev(one))) return;
  const runnable = await session.runnable();
  if (runnable?.platforms.includes(platform)) return;
  throw new UserError(
    `this machine is no ${platform}, and cannot run its programs to build dev images`,
    runnable?.advice(platform) ?? "run it on a machine of that platform",
  );
}
