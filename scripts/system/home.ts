import { homedir } from "node:os";

/**
 * The home directory of the user; undefined where there is none. A user without an entry in passwd(5), as containers
 * are often started with, has one only where HOME says so.
 */
export function homeDirectory(
  env: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
  if (env.HOME) return env.HOME;
  try {
    return homedir() || undefined;
  } catch {
    return undefined;
  }
}
