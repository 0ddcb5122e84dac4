/** What a reload has to touch: the difference of two configurations in the terms of the daemon, never of lines. */
import { KeyObject, timingSafeEqual } from "node:crypto";
import { SecretBytes } from "#lib/secret.ts";
import type { ResolvedClient, ResolvedConfig } from "./resolved.ts";

export interface ConfigDiff {
  readonly isEmpty: boolean;
  readonly hostname: boolean;
  readonly web: boolean;
  readonly tunnels: NameChanges<string>;
  readonly clients: NameChanges<ClientChange>;
}

/** Names in alphabetical order. */
export interface NameChanges<Change> {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly Change[];
}

/** A part of a client's configuration. Only `connection` and `tunnel` can't change under a session that is up. */
export type ClientAspect = Exclude<keyof ResolvedClient, "name">;

export interface ClientChange {
  readonly name: string;
  readonly aspects: readonly ClientAspect[];
  /** The session that is up was negotiated on what no longer holds. */
  readonly needsNewSession: boolean;
}

/** @returns what to do to get from `before` to `after`. A tunnel that changed does not count as a change of its client. */
export function diffConfig(before: ResolvedConfig, after: ResolvedConfig): ConfigDiff {
  const clients = changes(before.clients, after.clients, clientChange);
  const tunnels = changes(before.tunnels, after.tunnels, (name, from, to) =>
    sameValue(from, to) ? undefined : name,
  );
  const hostname = before.hostname !== after.hostname;
  const web = !sameValue(before.web, after.web);
  const isEmpty = !hostname && !web && [clients, tunnels].every(hasNothing);
  return { isEmpty, hostname, web, tunnels, clients };
}

function clientChange(
  name: string,
  from: ResolvedClient,
  to: ResolvedClient,
): ClientChange | undefined {
  const aspects = (Object.keys(to) as (keyof ResolvedClient)[]).filter(
    (key): key is ClientAspect => key !== "name" && !sameValue(from[key], to[key]),
  );
  const needsNewSession = aspects.includes("connection") || aspects.includes("tunnel");
  return aspects.length > 0 ? { name, aspects, needsNewSession } : undefined;
}

function changes<Item, Change>(
  before: Readonly<Record<string, Item>>,
  after: Readonly<Record<string, Item>>,
  compare: (name: string, from: Item, to: Item) => Change | undefined,
): NameChanges<Change> {
  const added: string[] = [];
  const changed: Change[] = [];
  for (const name of Object.keys(after).sort()) {
    const [from, to] = [before[name], after[name]];
    if (from === undefined) added.push(name);
    else if (to !== undefined) {
      const change = compare(name, from, to);
      if (change !== undefined) changed.push(change);
    }
  }
  const removed = Object.keys(before).filter((name) => after[name] === undefined);
  return { added, removed: removed.sort(), changed };
}

const hasNothing = ({ added, removed, changed }: NameChanges<unknown>): boolean =>
  added.length + removed.length + changed.length === 0;

/** True when both are the same all the way down; keys and secrets by what they hold. A wiped secret equals nothing. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (a instanceof SecretBytes || b instanceof SecretBytes) return sameSecret(a, b);
  if (a instanceof KeyObject || b instanceof KeyObject)
    return a instanceof KeyObject && b instanceof KeyObject && a.equals(b);
  if (a instanceof Uint8Array || b instanceof Uint8Array)
    return a instanceof Uint8Array && b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  const [left, right] = [Object.entries(a), new Map(Object.entries(b))];
  return (
    Array.isArray(a) === Array.isArray(b) &&
    left.length === right.size &&
    left.every(([key, value]) => right.has(key) && sameValue(value, right.get(key)))
  );
}

function sameSecret(a: object, b: object): boolean {
  if (!(a instanceof SecretBytes && b instanceof SecretBytes)) return false;
  if (a.isWiped || b.isWiped || a.length !== b.length) return false;
  return timingSafeEqual(a.reveal(), b.reveal());
}
