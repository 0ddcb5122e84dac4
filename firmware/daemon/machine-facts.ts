/** What a diagnosis goes by of the machine itself: clock, interfaces, name servers, kernel, other firewall rules. */
import { readFileSync } from "node:fs";
import type { ResolvedClient } from "#config/resolved.ts";
import type { DataPlaneFault } from "#dataplane/port.ts";
import { type InterfaceState, readInterfaces } from "#linux/kernel/interfaces.ts";
import { rivalsOn } from "#linux/kernel/rivals.ts";
import { isClockSynchronised } from "#linux/libc/libc.ts";
import { droppingForwardChains } from "#linux/nft/forward-chains.ts";
import type { InterfaceFacts, MachineFacts } from "#state/diagnose/evidence.ts";
import { interfaceMtu } from "./path-mtu.ts";
import { softwareMade } from "./version.ts";

/** @param faults what the machine lacks, and the settings that stand in the way. @param tunnel of the client. */
export async function machineFacts(
  faults: readonly DataPlaneFault[],
  { inside, sources }: ResolvedClient,
  tunnel: string,
): Promise<MachineFacts> {
  const ours =
    sources.length > 0
      ? sources.map(({ interface: name }) => name)
      : defaultRouteDevices(readText("/proc/self/net/route"));
  const [interfaces, droppingForward] = await Promise.all([
    Promise.all(readInterfaces().map((each) => interfaceFacts(each, ours))),
    inside.length === 0 ? [] : droppingForwardChains([...inside, tunnel]),
  ]);
  return {
    clock: { earliest: softwareMade, isSynchronised: isClockSynchronised() },
    interfaces,
    nameServers: nameServersOf(readText("/etc/resolv.conf")),
    faults: faults.filter(({ code, isNotice }) => !isNotice && code !== KERNEL_SETTING),
    settings: faults.filter(({ code }) => code === KERNEL_SETTING),
    droppingForwardChains: droppingForward,
  };
}

async function interfaceFacts(
  state: InterfaceState,
  asked: readonly string[],
): Promise<InterfaceFacts> {
  const { name, addresses } = state;
  const rivals = asked.includes(name) ? await rivalsOn(name, addresses) : [];
  return { ...state, mtu: interfaceMtu(name), rivals };
}

/** Interfaces that an IPv4 default route of the main table leads out of. proc_pid_net(5): route */
export function defaultRouteDevices(table: string): readonly string[] {
  return table.split("\n").flatMap((line) => {
    const [device = "", destination, , , , , , mask] = line.trim().split(/\s+/);
    return destination === EVERYWHERE && mask === EVERYWHERE ? [device] : [];
  });
}

/** resolv.conf(5) */
function nameServersOf(text: string): readonly string[] {
  return [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].map(([, server = ""]) => server);
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

const KERNEL_SETTING = "kernel.setting";
const EVERYWHERE = "00000000";
