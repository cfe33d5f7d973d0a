const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** The bytes that a size of the catalog stands for: `30 MB` → 30,000,000. */
export function bytesOf(size: string): number {
  const [, number = "", unit = ""] = /^([\d.]+) ?([A-Za-z]+)$/.exec(size) ?? [];
  const bytes = Number(number) * (UNITS[unit] ?? Number.NaN);
  if (!Number.isFinite(bytes)) throw new Error(`${size} is no size`);
  return Math.round(bytes);
}
