/** The door of the import: a router's configuration in; our file, its secrets and a verdict on every line out. */

import { isDnsName } from "../identity-syntax.ts";
import { emptyDraft, type MissingFile, type SecretFile } from "./draft.ts";
import { InterfaceMapping, type MappedInterface } from "./interface-mapping.ts";
import { interfaceParts } from "./interface-parts.ts";
import { Ledger, type Remark, type Verdict } from "./ledger.ts";
import { readSections, sectionsOf, valueIn } from "./read-sections.ts";
import { SecretFiles } from "./secret-files.ts";
import { readIosText } from "./text-lines.ts";
import { translateClients } from "./translate-clients.ts";
import { translateSla } from "./translate-sla.ts";
import { translateTracks } from "./translate-tracks.ts";
import type { Work } from "./work.ts";
import { writeDraft } from "./write-draft.ts";

export interface ImportOptions {
  /** Names on this machine by the router's; what is not there gets a name by what it is for. */
  readonly interfaces?: ReadonlyMap<string, string>;
  /** The name of the router's file, as the head of ours tells it. */
  readonly source: string;
}

export interface ImportedConfig {
  /** The configuration, with comments that say which lines its parts come from. */
  readonly yaml: string;
  /** How many clients it has. */
  readonly clients: number;
  /** Files that belong beside it; the caller owns the secrets. */
  readonly secrets: readonly SecretFile[];
  /** Certificates of authorities: PEM by path. */
  readonly certificates: ReadonlyMap<string, string>;
  /** Files that it names and that somebody has to put there. */
  readonly missing: readonly MissingFile[];
  readonly interfaces: readonly MappedInterface[];
  /** Interfaces that a name was asked for, and that the configuration has no use for. */
  readonly unusedInterfaces: readonly string[];
  /** Every line that is not carried over, in the order of the file. */
  readonly remarks: readonly Remark[];
  /** What became of each line, by its number from 1. */
  readonly verdicts: ReadonlyMap<number, Verdict>;
}

/** Reads a Cisco IOS or IOS-XE running-config. Never throws, whatever the text is. */
export function importIos(
  text: string,
  { interfaces = new Map(), source }: ImportOptions,
): ImportedConfig {
  const lines = readIosText(text);
  const roots = readSections(lines);
  const work: Work = {
    roots,
    ledger: new Ledger(),
    names: new InterfaceMapping(interfaces, interfaceParts(roots)),
    secrets: new SecretFiles(),
    draft: emptyDraft(),
    certificates: new Map(),
    ipsecNames: new Map(),
    trustpointNames: new Map(),
  };
  translateHostname(work);
  for (const probe of sectionsOf(roots, "sla")) translateSla(work, valueIn(probe, "number"));
  translateTracks(work);
  translateClients(work);
  carryNamedInterfaces(work);
  return {
    yaml: writeDraft(work.draft, source, work.secrets.missing),
    clients: work.draft.clients.size,
    secrets: work.secrets.files,
    certificates: work.certificates,
    missing: work.secrets.missing,
    interfaces: work.names.used,
    unusedInterfaces: work.names.unused,
    remarks: work.ledger.remarks(roots),
    verdicts: work.ledger.verdicts(roots, lines),
  };
}

function translateHostname(work: Work): void {
  const section = sectionsOf(work.roots, "hostname").at(-1);
  if (!section) return;
  const name = valueIn(section, "name");
  if (!isDnsName(name)) {
    work.ledger.left(section, "is no DNS name");
    return;
  }
  work.draft.hostname = { value: name, from: section };
  work.ledger.carried(section);
}

/** An interface whose name is in our file is carried over by name; its own lines are the system's. */
function carryNamedInterfaces(work: Work): void {
  const named = new Set(work.names.used.map(({ router }) => router));
  for (const section of sectionsOf(work.roots, "interface"))
    if (named.has(valueIn(section, "name"))) work.ledger.carried(section);
}
