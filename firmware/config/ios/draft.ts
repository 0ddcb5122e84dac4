/** What an import makes: parts of our file by name, each with the lines it comes from, and secrets for files of their own. */
import type { SecretBytes } from "#lib/secret.ts";
import type { Section } from "./read-sections.ts";

/** A named part of the file: one client, one proposal … */
export interface Part {
  readonly value: Readonly<Record<string, unknown>>;
  /** Sections that it comes from. */
  readonly from: readonly Section[];
  /** What the reader of the file should know. */
  readonly notes: readonly string[];
}

/** Parts of one section of the file, in its order. */
export type Parts = Map<string, Part>;

export interface Draft {
  hostname: { readonly value: string; readonly from: Section } | undefined;
  readonly trustpoints: Parts;
  readonly proposals: Parts;
  readonly ikeProfiles: Parts;
  readonly ipsecProfiles: Parts;
  readonly tunnels: Parts;
  readonly sla: Parts;
  readonly track: Parts;
  readonly clients: Parts;
  readonly dialers: Parts;
}

export function emptyDraft(): Draft {
  return {
    hostname: undefined,
    trustpoints: new Map(),
    proposals: new Map(),
    ikeProfiles: new Map(),
    ipsecProfiles: new Map(),
    tunnels: new Map(),
    sla: new Map(),
    track: new Map(),
    clients: new Map(),
    dialers: new Map(),
  };
}

/** A file beside the configuration. */
export interface SecretFile {
  /** Relative to the configuration. */
  readonly path: string;
  readonly content: SecretBytes;
}

/** A file that the configuration names and that somebody has to put there. */
export interface MissingFile {
  readonly path: string;
  readonly reason: string;
  /** Line of the router's configuration. */
  readonly line: number | undefined;
}

/** A name that the file can have: letters, digits, `- . _`, no other name of `taken` but for case. */
export function freeName(wanted: string, taken: Iterable<string>): string {
  const clean = wanted
    .replace(/[^A-Za-z0-9._-]/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "")
    .slice(0, 60);
  const base = clean === "" || clean in {} ? `x-${clean}` : clean;
  const used = new Set(Array.from(taken, (name) => name.toLowerCase()));
  if (!used.has(base.toLowerCase())) return base;
  for (let count = 2; ; count++)
    if (!used.has(`${base}-${count}`.toLowerCase())) return `${base}-${count}`;
}
