/** The candidate that `word` most likely meant; undefined when none is close. */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    if (candidate === word) continue;
    const distance =
      normalize(candidate) === normalize(word)
        ? 0
        : editDistance(word.toLowerCase(), candidate, bestDistance);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** People write `aes256gcm`, `aes_gcm_256`, `keyExchange`: compare words and numbers whatever their order and case. */
const normalize = (word: string): string =>
  (word.toLowerCase().match(/[a-z]+|\d+/g) ?? []).sort().join("");

/** Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`; `limit` when it is that or more. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(
        (last[j] ?? limit) + 1,
        (row[j - 1] ?? limit) + 1,
        (last[j - 1] ?? limit) + cost,
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (beforeLast[j - 2] ?? limit) + 1);
      row.push(best);
    }
    [beforeLast, last] = [last, row];
  }
  return Math.min(limit, last[b.length] ?? limit);
}
