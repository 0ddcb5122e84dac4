/** What all parts of a translation share. */
import type { Draft } from "./draft.ts";
import type { InterfaceMapping } from "./interface-mapping.ts";
import type { Ledger } from "./ledger.ts";
import { type Section, sectionsOf, valueIn } from "./read-sections.ts";
import type { SecretFiles } from "./secret-files.ts";

export interface Work {
  readonly roots: readonly Section[];
  readonly ledger: Ledger;
  readonly names: InterfaceMapping;
  readonly secrets: SecretFiles;
  readonly draft: Draft;
  /** Certificates that were in the configuration: PEM by path. */
  readonly certificates: Map<string, string>;
  /** Names in the file by names on the router, of IPsec profiles and of trustpoints. */
  readonly ipsecNames: Map<string, string>;
  readonly trustpointNames: Map<string, string>;
}

/** The section of a kind with a name; the last one where there are more, for that is what counts on the router. */
export function namedSection(
  work: Work,
  id: string,
  name: string,
  key = "name",
): Section | undefined {
  return sectionsOf(work.roots, id).findLast((section) => valueIn(section, key) === name);
}

/** The last line of a kind within a section. */
export function lineOf(
  section: Section | undefined,
  ...ids: readonly string[]
): Section | undefined {
  return section && sectionsOf(section.children, ...ids).at(-1);
}

/** Every line of a kind within a section. */
export function linesOf(
  section: Section | undefined,
  ...ids: readonly string[]
): readonly Section[] {
  return section ? sectionsOf(section.children, ...ids) : [];
}

/** A number of a line, which is carried over; undefined after telling the ledger that it is out of our range. */
export function carriedNumber(
  work: Work,
  line: Section | undefined,
  name: string,
  [least, most]: readonly [number, number],
): number | undefined {
  if (!line || valueIn(line, name) === "") return undefined;
  const number = Number(valueIn(line, name));
  if (number >= least && number <= most) {
    work.ledger.carried(line);
    return number;
  }
  work.ledger.left(line, `out of range here (${least} to ${most}): the default is used`);
  return undefined;
}

/** A value of a line, which is carried over with it; undefined where there is no such line. */
export function carriedValue(
  work: Work,
  line: Section | undefined,
  name: string,
): string | undefined {
  if (!line) return undefined;
  work.ledger.carried(line);
  return valueIn(line, name);
}
