import ms from "ms";

/** How long something takes, in words. */
export function inWords(milliseconds: number): string {
  return ms(milliseconds, { long: true });
}

if (import.meta.main) {
  const tasks = { "hatch an egg": 14 * 86_400_000, "sing a song": 2_500 };
  for (const [task, milliseconds] of Object.entries(tasks)) {
    console.log(`To ${task} takes ${inWords(milliseconds)}.`);
  }
}
