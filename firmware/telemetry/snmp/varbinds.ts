/** Objects as the package writes them. */
import snmp, { type Varbind } from "net-snmp";
import type { ManagedObject, SnmpValue } from "./objects.ts";

const { ObjectType } = snmp;
const typeNames = {
  integer: "Integer",
  octets: "OctetString",
  oid: "OID",
  counter: "Counter",
  counter64: "Counter64",
  gauge: "Gauge",
  ticks: "TimeTicks",
} as const;

/** An object with its value. */
export function varbindOf({ oid, value }: ManagedObject): Varbind {
  return { oid, type: ObjectType[typeNames[value.kind]] ?? 0, value: encode(value) };
}

/** An answer without a value: RFC 3416 §3, noSuchObject, noSuchInstance, endOfMibView. */
export function emptyVarbind(
  oid: string,
  kind: "NoSuchObject" | "NoSuchInstance" | "EndOfMibView",
): Varbind {
  return { oid, type: ObjectType[kind] ?? 0, value: null };
}

function encode(value: SnmpValue): unknown {
  if (value.kind === "counter64") return unsigned(value.value);
  if (value.kind !== "octets" || typeof value.value === "string") return value.value;
  // The package can't write an empty buffer.
  return value.value.length === 0 ? "" : Buffer.from(value.value);
}

/** A whole number in as few octets as BER allows. X.690 §8.3 */
function unsigned(value: number): Buffer {
  const digits = value.toString(16);
  const bytes = Buffer.from(digits.length % 2 ? `0${digits}` : digits, "hex");
  return (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
}

/** About how many octets a varbind takes, rather more than less. */
export function sizeOf({ oid, value }: Varbind): number {
  const length = typeof value === "string" || value instanceof Uint8Array ? value.length : 10;
  return 12 + oid.length + length * (typeof value === "string" ? 3 : 1);
}
