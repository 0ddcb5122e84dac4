/** Interfaces of the machine, tunnels among them. IF-MIB (RFC 2863) */
import { readdirSync, readFileSync } from "node:fs";
import {
  counter,
  counter64,
  gauge,
  integer,
  type ManagedObject,
  octets,
  row,
  scalars,
} from "./objects.ts";

const IF_NUMBER = "1.3.6.1.2.1.2";
const IF_TABLE = "1.3.6.1.2.1.2.2";
const IF_X_TABLE = "1.3.6.1.2.1.31.1.1";
/** A machine with more shows the first of them: a snapshot must stay cheap. */
const MOST = 256;

/** An interface as the kernel shows it. */
export interface InterfaceFacts {
  readonly name: string;
  readonly index: number;
  readonly alias: string;
  /** linux/if_arp.h */
  readonly kind: number;
  readonly mtu: number;
  /** Bits per second; 0 where the driver does not say. */
  readonly speed: number;
  readonly address: Uint8Array;
  readonly isEnabled: boolean;
  readonly isUp: boolean;
  readonly counts: Readonly<Record<InterfaceCount, number>>;
}

const countNames = [
  "rx_bytes",
  "rx_packets",
  "multicast",
  "rx_dropped",
  "rx_errors",
  "tx_bytes",
  "tx_packets",
  "tx_dropped",
  "tx_errors",
] as const;
type InterfaceCount = (typeof countNames)[number];

/** The rows of ifTable and ifXTable. */
export function interfaceObjects(all: readonly InterfaceFacts[]): readonly ManagedObject[] {
  return [
    ...scalars(IF_NUMBER, { 1: integer(all.length) }),
    ...all.flatMap((facts) => {
      const { name, index, alias, counts, speed } = facts;
      return [
        ...row(IF_TABLE, String(index), {
          1: integer(index),
          2: octets(name),
          3: integer(typeOf(facts)),
          4: integer(facts.mtu),
          5: gauge(speed),
          6: octets(facts.address),
          7: integer(facts.isEnabled ? UP : DOWN),
          8: integer(facts.isUp ? UP : DOWN),
          9: { kind: "ticks", value: 0 },
          10: counter(counts.rx_bytes),
          11: counter(counts.rx_packets - counts.multicast),
          13: counter(counts.rx_dropped),
          14: counter(counts.rx_errors),
          16: counter(counts.tx_bytes),
          17: counter(counts.tx_packets),
          19: counter(counts.tx_dropped),
          20: counter(counts.tx_errors),
        }),
        ...row(IF_X_TABLE, String(index), {
          1: octets(name),
          2: counter(counts.multicast),
          6: counter64(counts.rx_bytes),
          7: counter64(counts.rx_packets - counts.multicast),
          8: counter64(counts.multicast),
          10: counter64(counts.tx_bytes),
          11: counter64(counts.tx_packets),
          15: gauge(speed / 1_000_000),
          18: octets(alias),
        }),
      ];
    }),
  ];
}

const [UP, DOWN] = [1, 2];

/** IANAifType: softwareLoopback, tunnel, ppp, ethernetCsmacd. */
function typeOf({ kind, name }: InterfaceFacts): number {
  if (kind === 772) return 24;
  if (kind === 512) return 23;
  return kind === 1 && !/^Tunnel/.test(name) ? 6 : 131;
}

/** Reads every interface of this network namespace. @param root for tests. */
export function readInterfaces(root = "/sys/class/net"): readonly InterfaceFacts[] {
  try {
    const names = readdirSync(root).sort().slice(0, MOST);
    return names.flatMap((name) => readInterface(root, name) ?? []);
  } catch {
    return [];
  }
}

/** @returns undefined for an interface that went away while it was read. */
function readInterface(root: string, name: string): InterfaceFacts | undefined {
  const read = (file: string): string => {
    try {
      return readFileSync(`${root}/${name}/${file}`, "utf8").trim();
    } catch {
      // Some files can't be read while an interface is down.
      return "";
    }
  };
  const index = Number(read("ifindex"));
  if (!Number.isSafeInteger(index) || index < 1) return undefined;
  const speed = Number(read("speed") || 0);
  const isEnabled = (Number(read("flags") || 0) & 1) !== 0;
  const state = read("operstate");
  const counts = countNames.map((count) => [count, Number(read(`statistics/${count}`) || 0)]);
  return {
    name,
    index,
    alias: read("ifalias"),
    kind: Number(read("type") || 0),
    mtu: Number(read("mtu") || 0),
    speed: speed > 0 ? speed * 1_000_000 : 0,
    address: Buffer.from(read("address").replaceAll(":", ""), "hex"),
    isEnabled,
    // Tunnels and ppp say unknown: they have no link of their own.
    isUp: state === "up" || (state === "unknown" && isEnabled),
    counts: Object.fromEntries(counts) as Record<InterfaceCount, number>,
  };
}
