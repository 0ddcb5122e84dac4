/**
 * Our nftables table in the kernel: applied, read, counted and removed. It owns the order of calls and what is known
 * of the table; which rules there are is decided in `ruleset.ts`. The rules stay when the daemon dies.
 */
import type { Firewall } from "#dataplane/desired.ts";
import { NFT_TABLE } from "#dataplane/ownership.ts";
import type { DataPlaneFault } from "#dataplane/port.ts";
import { failed, ok, type Result } from "#lib/result.ts";
import type { NetlinkFault } from "../netlink/socket.ts";
import { parseCounterName } from "./counter-name.ts";
import { readCounters } from "./counters.ts";
import type { CounterObject } from "./nfnetlink-codec.ts";
import { listTable, runTransaction } from "./nft-program.ts";
import {
  type ExistingTable,
  keepKillSwitchTransaction,
  removeTransaction,
  replaceTransaction,
  tableContents,
  updateTransaction,
} from "./ruleset.ts";

/** Packets and bytes since the counter was made. */
export interface Count {
  readonly packets: number;
  readonly bytes: number;
}

export interface FirewallCounters {
  /** Dropped because they would have left in clear. */
  readonly killSwitch: readonly (Count & { readonly client: string })[];
  /** First packets of flows that were translated. */
  readonly nat: readonly (Count & { readonly tunnel: string })[];
}

/** Our table as it is in the kernel. */
export interface FirewallTable extends ExistingTable {
  readonly counts: FirewallCounters;
}

/** What the table holds after the last call; undefined as long as it has neither been read nor replaced. */
let known: ExistingTable | undefined;
let lastCall: Promise<unknown> = Promise.resolve();
/**
 * Makes our table say what `firewall` says, at one instant: at no moment is a packet judged by half of it. Counters of
 * what stays go on counting.
 */
export function applyFirewall(firewall: Firewall): Promise<Result<void, DataPlaneFault>> {
  return inTurn(() => update(firewall));
}

async function update(firewall: Firewall): Promise<Result<void, DataPlaneFault>> {
  const updated = await runTransaction("change the firewall", updateTransaction(firewall, known));
  if (updated.ok) {
    known = known && tableContents(firewall);
    return updated;
  }
  // A table of another version of ours, or one that somebody else changed, may not take the update: start it afresh.
  const replaced = await runTransaction("set the firewall", replaceTransaction(firewall));
  known = replaced.ok ? tableContents(firewall) : undefined;
  return replaced;
}

/** Removes our table, or all but the kill switch; nothing to remove is fine. */
export function removeFirewall(options: {
  readonly keepKillSwitch: boolean;
}): Promise<Result<void, DataPlaneFault>> {
  return inTurn(async () => {
    if (!options.keepKillSwitch) {
      known = undefined;
      return runTransaction("remove the firewall", removeTransaction());
    }
    const table = await readTable();
    if (!table.ok) return table;
    known = undefined;
    return table.value === undefined
      ? ok(undefined)
      : runTransaction("reduce the firewall", keepKillSwitchTransaction(table.value));
  });
}

/** Our table as the kernel has it; undefined when it is not there. */
export function readFirewall(): Promise<Result<FirewallTable | undefined, DataPlaneFault>> {
  return inTurn(readTable);
}

/** The counters of our table; empty when it is not there. Cheap: asked of the kernel without running `nft`. */
export async function firewallCounters(): Promise<Result<FirewallCounters, DataPlaneFault>> {
  const counters = await readCounters(NFT_TABLE);
  return counters.ok ? ok(countsOf(counters.value)) : failed(counterFault(counters.error));
}

async function readTable(): Promise<Result<FirewallTable | undefined, DataPlaneFault>> {
  const listed = await listTable("inet", NFT_TABLE);
  if (!listed.ok) return listed;
  const table = listed.value === undefined ? undefined : parseTable(listed.value);
  known = table ?? { chains: [], counters: [] };
  return ok(table);
}

/** One call at a time: each works on what the one before it left. */
function inTurn<Value>(call: () => Promise<Value>): Promise<Value> {
  const result = lastCall.then(call);
  lastCall = result.catch(() => undefined);
  return result;
}

interface ListedItem {
  readonly chain?: { readonly name: string };
  readonly counter?: CounterObject;
}

/** Reads what `nft -j list table` prints. */
export function parseTable(listing: unknown): FirewallTable {
  const { nftables } = listing as { readonly nftables: readonly ListedItem[] };
  const counters = nftables.flatMap(({ counter }) => (counter ? [counter] : []));
  return {
    chains: nftables.flatMap(({ chain }) => (chain ? [chain.name] : [])),
    counters: counters.map(({ name }) => name),
    counts: countsOf(counters),
  };
}

function countsOf(counters: readonly CounterObject[]): FirewallCounters {
  const counts = counters.flatMap(({ name, packets, bytes }) => {
    const parsed = parseCounterName(name);
    return parsed ? [{ ...parsed, packets, bytes }] : [];
  });
  return {
    killSwitch: counts
      .filter(({ kind }) => kind === "kill-switch")
      .map(({ owner, packets, bytes }) => ({ client: owner, packets, bytes })),
    nat: counts
      .filter(({ kind }) => kind === "source-nat")
      .map(({ owner, packets, bytes }) => ({ tunnel: owner, packets, bytes })),
  };
}

function counterFault({ errno, text }: NetlinkFault): DataPlaneFault {
  const isForbidden = errno === "EPERM";
  return {
    code: isForbidden ? "kernel.permission" : "kernel.rejected",
    what: `could not read the firewall's counters: ${text ?? errno}`,
    errno,
    remedy: isForbidden
      ? "run the daemon as root, or give it CAP_NET_ADMIN"
      : "load the kernel module nf_tables",
  };
}
