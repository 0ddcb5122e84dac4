import type { StateDocument } from "#state/document.ts";
import type { IkeCountersState } from "#state/document-ike.ts";
import { list, printable, shortDuration, shortSize } from "../table.ts";

export interface Stats {
  readonly uptime: number;
  readonly memory: number;
  readonly clients: { readonly total: number; readonly up: number };
  readonly ike: {
    readonly sas: number;
    readonly rekeys: number;
    /** Since the daemon started. */
    readonly counters?: IkeCountersState;
  };
  readonly ipsec: {
    readonly sas: number;
    readonly in: TrafficStats;
    readonly out: TrafficStats;
    readonly "replay-drops": number;
    readonly "integrity-failures": number;
  };
  readonly routes: number;
  readonly faults: readonly string[];
}

interface TrafficStats {
  readonly packets: number;
  readonly bytes: number;
}

/** Adds up what the state document has. Traffic is that of the SAs of this moment. */
export function stats(state: StateDocument): Stats {
  const { clients, ike, ipsec, routes, system } = state;
  const sum = <Item>(items: readonly Item[], value: (item: Item) => number) =>
    items.reduce((total, item) => total + value(item), 0);
  const traffic = (direction: "in" | "out"): TrafficStats => {
    const sas = ipsec.filter((sa) => sa.direction === direction);
    return { packets: sum(sas, (sa) => sa.packets), bytes: sum(sas, (sa) => sa.bytes) };
  };
  const all = Object.values(clients);
  return {
    uptime: state.uptime,
    memory: system.memory,
    clients: { total: all.length, up: all.filter(({ state: word }) => word === "up").length },
    ike: {
      sas: ike.length,
      rekeys: sum(ike, (sa) => sa.rekeys),
      ...(system.ike && { counters: system.ike }),
    },
    ipsec: {
      sas: ipsec.length,
      in: traffic("in"),
      out: traffic("out"),
      "replay-drops": sum(ipsec, (sa) => sa["replay-drops"]),
      "integrity-failures": sum(ipsec, (sa) => sa["integrity-failures"]),
    },
    routes: routes.length,
    faults: system.faults,
  };
}

/** The sums, one a line, and what the kernel lacks. */
export function statsList(numbers: Stats): string {
  const { clients, ike, ipsec } = numbers;
  const traffic = ({ packets, bytes }: TrafficStats) => `${packets} packets, ${shortSize(bytes)}`;
  const lines = list([
    ["Uptime", shortDuration(numbers.uptime)],
    ["Memory", shortSize(numbers.memory)],
    ["Clients", `${clients.up} of ${clients.total} up`],
    ["IKE SAs", ike.sas],
    ["IKE rekeys", ike.rekeys],
    ...ikeLines(ike.counters),
    ["IPsec SAs", ipsec.sas],
    ["Received", traffic(ipsec.in)],
    ["Sent", traffic(ipsec.out)],
    ["Replay drops", ipsec["replay-drops"]],
    ["Integrity failures", ipsec["integrity-failures"]],
    ["Routes", numbers.routes],
  ]);
  return lines + numbers.faults.map((fault) => `Fault: ${printable(fault)}\n`).join("");
}

function ikeLines(counters: IkeCountersState | undefined): readonly (readonly [string, string])[] {
  if (!counters) return [];
  const exchanges = Object.entries(counters.exchanges).map(
    ([name, { sent, received }]) => [name, `${sent} asked by us, ${received} by hubs`] as const,
  );
  return [
    ["IKE sessions", `${counters["sessions-up"]} came up, ${counters["sessions-failed"]} did not`],
    ...exchanges,
    ["IKE datagrams", `${counters["datagrams-in"]} received, ${counters["datagrams-out"]} sent`],
    [
      "IKE retransmissions",
      `${counters.retransmissions}, ${counters["repeated-requests"]} by hubs`,
    ],
    ["IKE drops", dropsText(counters)],
  ];
}

/** What came and could not be used, by why. */
function dropsText(counters: IkeCountersState): string {
  const kinds = [
    [counters["decode-errors"], "malformed"],
    [counters["unknown-spi"], "of no SA"],
    [counters["integrity-failures"], "not authentic"],
    [counters["unexpected-messages"], "unexpected"],
  ] as const;
  const some = kinds.filter(([count]) => count > 0).map(([count, kind]) => `${count} ${kind}`);
  return some.join(", ") || "none";
}
