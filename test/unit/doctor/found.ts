import { type Check, type CheckResult, examine } from "../../../scripts/doctor/check.ts";

/** What a check comes to, whatever it throws. */
export async function found(check: Check): Promise<CheckResult> {
  const [examined] = await examine([check]);
  if (!examined) throw new Error("nothing was examined");
  const { name: _, ...result } = examined;
  return result;
}
