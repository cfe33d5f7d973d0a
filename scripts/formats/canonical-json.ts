/**
 * JSON whose bytes depend on the value alone: keys sorted, no white space. Digests are made of it, so the
 * order in which an object was put together must not show. Keys without a value are left out.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => (isPlainObject(item) ? sorted(item) : item));
}

/** An object of JSON: neither a list nor null. */
export function isPlainObject(item: unknown): item is Record<string, unknown> {
  return typeof item === "object" && item !== null && !Array.isArray(item);
}

/** By code unit, not by locale: the same on every machine. */
function sorted(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
}
