/** Versions of the system, and which of two is newer. Source: semver.org 2.0.0 §11. */

/** Negative when `a` is older than `b`, zero when both are the same; undefined when one of them is no version. */
export function compareVersions(a: string, b: string): number | undefined {
  const [one, two] = [parse(a), parse(b)];
  if (!one || !two) return undefined;
  for (let index = 0; index < 3; index++) {
    const difference = (one.numbers[index] ?? 0) - (two.numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return comparePreReleases(one.preRelease, two.preRelease);
}

/** True for `0.5.1` and `0.5.1-rc.2`. */
export const isVersion = (text: string): boolean => parse(text) !== undefined;

interface Version {
  readonly numbers: readonly number[];
  /** Identifiers after the hyphen; empty for a release. */
  readonly preRelease: readonly string[];
}

function parse(text: string): Version | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/.exec(text);
  if (!match) return undefined;
  const [, major, minor, patch, preRelease = ""] = match;
  const numbers = [major, minor, patch].map(Number);
  return { numbers, preRelease: preRelease === "" ? [] : preRelease.split(".") };
}

/** A release is newer than what came before it; else the first identifier that differs decides. */
function comparePreReleases(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length;
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const difference = compareIdentifiers(a[index] ?? "", b[index] ?? "");
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Numbers by value and before words, words by code point. */
function compareIdentifiers(a: string, b: string): number {
  const [isNumber, isOtherNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumber && isOtherNumber) return Number(a) - Number(b);
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
