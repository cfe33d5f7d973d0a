import ms from "ms";

const MINUTES_PER_DAY = 24 * 60;

/**
 * Lays steps end to end.
 * @param {string} start a time of day: "08:00"
 * @param {[title: string, duration: string][]} steps each with a duration that ms understands: "90m", "1.5h"
 * @returns {string[]} a line for each step, and one for the end
 */
export function schedule(start, steps) {
  let minute = minuteOf(start);
  const lines = steps.map(([title, duration]) => {
    const length = ms(duration);
    if (length === undefined) throw new TypeError(`${title}: "${duration}" is no duration`);
    const line = `${timeOf(minute)} ${title} for ${ms(length, { long: true })}`;
    minute += length / ms("1m");
    return line;
  });
  return [...lines, `${timeOf(minute)} done`];
}

function minuteOf(time) {
  const [hours, minutes] = time.split(":").map(Number);
  return hours * 60 + minutes;
}

function timeOf(minute) {
  const ofDay = minute % MINUTES_PER_DAY;
  return [Math.floor(ofDay / 60), ofDay % 60].map((part) => String(part).padStart(2, "0")).join(":");
}
