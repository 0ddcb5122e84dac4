/**
 * The interfaces of this network namespace as they are now: names, addresses, and whether they carry traffic. For
 * sources and inside networks; changes are told by netlink elsewhere. Source: proc_pid_net(5), sysfs(5), getifaddrs(3)
 */
import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import {
  type InterfaceAddress,
  interfaceAddress,
  type Prefix,
  parseIpAddress,
  prefixOf,
  splitPrefix,
} from "#lib/ip.ts";

export interface InterfaceState {
  readonly name: string;
  /** Switched on, and the link is there as far as the driver can tell. */
  readonly isUp: boolean;
  /** Without IPv6 link-local ones; empty while the interface is down. */
  readonly addresses: readonly InterfaceAddress[];
}

/** All interfaces, `lo` too. */
export function readInterfaces(): readonly InterfaceState[] {
  const withAddresses = networkInterfaces();
  return interfaceNames(readText("/proc/self/net/dev")).map((name) => {
    const entries = withAddresses[name];
    return {
      name,
      // Those with addresses are listed only while they are up; one without any has to be asked.
      isUp: entries !== undefined || isOperational(name),
      addresses: (entries ?? []).flatMap((entry) =>
        entry.family === "IPv6" && entry.scopeid !== 0 ? [] : addressOf(entry.cidr),
      ),
    };
  });
}

/** One interface; undefined when there is none of that name. */
export function readInterface(name: string): InterfaceState | undefined {
  return readInterfaces().find((state) => state.name === name);
}

/** The networks that an interface is on: what hosts behind an inside interface have as addresses. */
export function connectedNetworks({ addresses }: InterfaceState): readonly Prefix[] {
  const networks = addresses.map((own) => {
    const { address, length } = splitPrefix(own);
    return prefixOf(address, length);
  });
  return [...new Set(networks)];
}

/** Reads the names out of the text of /proc/net/dev. */
export function interfaceNames(table: string): readonly string[] {
  return table
    .split("\n")
    .map((line) => /^\s*([^\s:]+):/.exec(line)?.[1])
    .filter((name) => name !== undefined);
}

function addressOf(cidr: string | null): readonly InterfaceAddress[] {
  const [text = "", length] = (cidr ?? "").split("/");
  const address = parseIpAddress(text);
  return address === undefined ? [] : [interfaceAddress(address, Number(length))];
}

/** A tunnel's driver can't tell and says "unknown", which counts as up when the interface is switched on. */
function isOperational(name: string): boolean {
  const isSwitchedOn = (Number(readText(`/sys/class/net/${name}/flags`)) & IFF_UP) !== 0;
  const state = readText(`/sys/class/net/${name}/operstate`).trim();
  return isSwitchedOn && (state === "up" || state === "unknown");
}

/** An interface may go while it is looked at. */
function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

const IFF_UP = 1;
