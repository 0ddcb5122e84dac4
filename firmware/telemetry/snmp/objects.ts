/** Management objects at one moment, in the order of their identifiers. It knows neither a MIB nor a message. */

/** RFC 2578 §7.1, RFC 3416 §3: what a value may be. */
export type SnmpValue =
  | { readonly kind: "integer"; readonly value: number }
  | { readonly kind: "octets"; readonly value: string | Uint8Array }
  | { readonly kind: "oid"; readonly value: string }
  | { readonly kind: "counter"; readonly value: number }
  | { readonly kind: "counter64"; readonly value: number }
  | { readonly kind: "gauge"; readonly value: number }
  | { readonly kind: "ticks"; readonly value: number };

/** One instance: `1.3.6.1.2.1.1.5.0`. */
export interface ManagedObject {
  readonly oid: string;
  readonly value: SnmpValue;
}

interface Entry extends ManagedObject {
  readonly arcs: readonly number[];
}

/** Objects that can be looked up, and gone through in order. */
export class ManagedObjects {
  readonly #entries: readonly Entry[];
  readonly #byOid: ReadonlyMap<string, Entry>;

  constructor(objects: Iterable<ManagedObject>) {
    const entries = Array.from(objects, (object) => ({ ...object, arcs: arcsOf(object.oid) }));
    this.#byOid = new Map(entries.map((entry) => [entry.oid, entry]));
    this.#entries = [...this.#byOid.values()].sort((a, b) => compareArcs(a.arcs, b.arcs));
  }

  get size(): number {
    return this.#entries.length;
  }

  at(oid: string): ManagedObject | undefined {
    return this.#byOid.get(oid);
  }

  /** The first object behind `oid`, whether that exists or not; undefined behind the last. RFC 3416 §4.2.2 */
  after(oid: string): ManagedObject | undefined {
    const wanted = arcsOf(oid);
    let [low, high] = [0, this.#entries.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const entry = this.#entries[middle];
      if (entry && compareArcs(entry.arcs, wanted) <= 0) low = middle + 1;
      else high = middle;
    }
    return this.#entries[low];
  }
}

const arcsOf = (oid: string): readonly number[] => oid.split(".").map(Number);

function compareArcs(a: readonly number[], b: readonly number[]): number {
  const shared = Math.min(a.length, b.length);
  for (let index = 0; index < shared; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

export const integer = (value: number): SnmpValue => ({ kind: "integer", value: clamp(value) });
export const octets = (value: string | Uint8Array): SnmpValue => ({ kind: "octets", value });
export const identifier = (value: string): SnmpValue => ({ kind: "oid", value });
/** Wraps at 32 bits, as counters do. */
export const counter = (value: number): SnmpValue => ({ kind: "counter", value: wrap(value) });
export const counter64 = (value: number): SnmpValue => ({
  kind: "counter64",
  value: Math.max(0, Math.floor(value)),
});
/** Stays at its largest value. RFC 2578 §7.1.7 */
export const gauge = (value: number): SnmpValue => ({
  kind: "gauge",
  value: Math.min(0xffff_ffff, Math.max(0, Math.floor(value))),
});
/** Hundredths of a second. */
export const ticks = (seconds: number): SnmpValue => ({
  kind: "ticks",
  value: wrap(seconds * 100),
});
/** TimeInterval: hundredths of a second from 0 to 2^31-1. */
export const interval = (seconds: number): SnmpValue => integer(Math.max(0, seconds * 100));

const wrap = (value: number): number => Math.max(0, Math.floor(value)) % 2 ** 32;
const clamp = (value: number): number =>
  Math.max(-0x8000_0000, Math.min(0x7fff_ffff, Math.floor(value)));

/** A row of a table: the values of its columns by number. */
export function row(
  table: string,
  index: string,
  columns: Readonly<Record<number, SnmpValue | undefined>>,
): readonly ManagedObject[] {
  return Object.entries(columns).flatMap(([column, value]) =>
    value ? [{ oid: `${table}.1.${column}.${index}`, value }] : [],
  );
}

/** Scalars below one node, by their last arc. */
export function scalars(
  node: string,
  values: Readonly<Record<number, SnmpValue | undefined>>,
): readonly ManagedObject[] {
  return Object.entries(values).flatMap(([arc, value]) =>
    value ? [{ oid: `${node}.${arc}.0`, value }] : [],
  );
}
