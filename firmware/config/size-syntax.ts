const unitBytes = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const;

/** What `parseSize` takes, as a regular expression for the JSON Schema. */
export const sizePattern = "^\\d+(\\.\\d+)?(B|KiB|MiB|GiB|TiB)$";

/** Reads `64KiB`, `4500MiB`, `1GiB` as a whole number of bytes; undefined when `text` is none. */
export function parseSize(text: string): number | undefined {
  const match = new RegExp(sizePattern).exec(text);
  if (!match) return undefined;
  const unit = text.replace(/^[\d.]+/, "") as keyof typeof unitBytes;
  const bytes = Math.round(Number.parseFloat(text) * unitBytes[unit]);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Writes bytes with the largest unit that divides them: `64KiB`. */
export function formatSize(bytes: number): string {
  let best = `${bytes}B`;
  if (bytes === 0) return best;
  for (const [unit, size] of Object.entries(unitBytes))
    if (bytes % size === 0) best = `${bytes / size}${unit}`;
  return best;
}

/** Reads `10%` as 0.1; undefined when `text` is no percentage from 0 to 100. */
export function parsePercent(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)%$/.exec(text);
  const value = match ? Number(match[1]) / 100 : Number.NaN;
  return value <= 1 ? value : undefined;
}
