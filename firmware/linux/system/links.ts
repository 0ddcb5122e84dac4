/**
 * Makes the appliance's own interfaces as they should be: names devices, joins them to bridges, gives fixed addresses. What
 * is so already is not touched. Source: rtnetlink(7)
 */
import { readdirSync, readFileSync } from "node:fs";
import { type InterfaceAddress, ipFamily } from "#lib/ip.ts";
import type { LinkPlan } from "#system/link-plan.ts";
import { interfaceIndex } from "../libc/libc.ts";
import { family, NetlinkSocket } from "../netlink/socket.ts";
import {
  decodeAddress,
  deleteAddress,
  dumpAddresses,
  joinBridge,
  lowerLink,
  newAddress,
  newBridge,
  raiseLink,
  renameLink,
} from "../route/link-codec.ts";
import { replaceRoute } from "../route/route-codec.ts";
import { message } from "../route/uapi.ts";
import { defaultRoute, makeSo } from "../route/uplink.ts";

/**
 * Makes it so, one interface after the other.
 * @returns a sentence for each that could not be made so; a device that is not there (yet) is one of them.
 */
export async function applyLinks(plans: readonly LinkPlan[]): Promise<readonly string[]> {
  const opened = NetlinkSocket.open(family.route);
  if (!opened.ok) return [`no netlink socket: ${opened.error.errno}`];
  const faults: string[] = [];
  try {
    for (const plan of plans) {
      const fault = await applyLink(plan, opened.value);
      if (fault !== undefined) faults.push(fault);
    }
  } finally {
    opened.value.close();
  }
  return faults;
}

/** Ethernet devices of this machine in the order of the kernel, without those that software made. */
export function ethernetDevices(): readonly string[] {
  return readdirSync("/sys/class/net")
    .filter((name) => readFact(name, "type") === "1" && isHardware(name))
    .sort((one, other) => Number(readFact(one, "ifindex")) - Number(readFact(other, "ifindex")));
}

async function applyLink(plan: LinkPlan, socket: NetlinkSocket): Promise<string | undefined> {
  const { interface: name, device, ports, address } = plan;
  const fault =
    device === undefined
      ? await makeBridge(name, ports ?? [], socket)
      : await nameDevice(device, name, socket);
  if (fault !== undefined) return fault;
  const raised = await makeSo(socket, [raiseLink(name, undefined)]);
  if (raised !== undefined) return `${name} can't be set up: ${raised}`;
  if (address === undefined) return undefined;
  return (await onlyAddress(name, address, socket)) ?? (await leadOut(plan, socket));
}

async function nameDevice(device: string, name: string, socket: NetlinkSocket) {
  const found = deviceName(device);
  if (found === name) return undefined;
  // A device that got its name in an earlier life of the daemon is not known by its old one any more.
  if (found === undefined)
    return interfaceIndex(name) === undefined || device.includes(":")
      ? `there is no device ${device}`
      : undefined;
  const index = interfaceIndex(found);
  if (index === undefined) return `there is no device ${device}`;
  const fault = await makeSo(socket, [lowerLink(index), renameLink(index, name)]);
  return fault === undefined ? undefined : `${found} can't be named ${name}: ${fault}`;
}

async function makeBridge(name: string, ports: readonly string[], socket: NetlinkSocket) {
  const made = await makeSo(socket, [newBridge(name)]);
  const bridge = interfaceIndex(name);
  if (bridge === undefined) return `the bridge ${name} can't be made: ${made ?? "it is not there"}`;
  const missing: string[] = [];
  for (const port of ports) {
    const found = deviceName(port);
    const index = found === undefined ? undefined : interfaceIndex(found);
    if (found === undefined || index === undefined) missing.push(port);
    else if (readLink(found, "master") !== name)
      await makeSo(socket, [joinBridge(index, bridge), raiseLink(found, undefined)]);
  }
  return missing.length === 0 ? undefined : `there is no device ${missing.join(", ")} for ${name}`;
}

async function onlyAddress(name: string, wanted: InterfaceAddress, socket: NetlinkSocket) {
  const index = interfaceIndex(name);
  if (index === undefined) return `there is no interface ${name}`;
  const dumped = await socket.dump(dumpAddresses(), ({ type, payload }) =>
    type === message.newAddress ? decodeAddress(payload) : undefined,
  );
  const present = (dumped.ok ? dumped.value : [])
    .filter((each) => each.index === index && !each.isKernelMade)
    .map((each) => each.address)
    .filter((each) => ipFamily(each) === ipFamily(wanted));
  const others = present.filter((each) => each !== wanted);
  const fault = await makeSo(socket, [
    ...(present.includes(wanted) ? [] : [newAddress(index, wanted)]),
    ...others.map((each) => deleteAddress(index, each)),
  ]);
  return fault === undefined ? undefined : `${name} can't have ${wanted}: ${fault}`;
}

async function leadOut({ interface: name, gateway, metric }: LinkPlan, socket: NetlinkSocket) {
  const index = interfaceIndex(name);
  if (gateway === undefined || index === undefined) return undefined;
  const route = defaultRoute(name, ipFamily(gateway), gateway, metric ?? 0);
  const fault = await makeSo(socket, [replaceRoute(route, index)]);
  return fault === undefined ? undefined : `no default route by ${name}: ${fault}`;
}

/** The present name of a device that is called by name or Ethernet address. */
function deviceName(device: string): string | undefined {
  if (!device.includes(":")) return interfaceIndex(device) === undefined ? undefined : device;
  return ethernetDevices().find((name) => readFact(name, "address") === device);
}

function isHardware(name: string): boolean {
  try {
    readdirSync(`/sys/class/net/${name}/device`);
    return true;
  } catch {
    return false;
  }
}

function readFact(name: string, fact: string): string {
  try {
    return readFileSync(`/sys/class/net/${name}/${fact}`, "utf8").trim();
  } catch {
    return "";
  }
}

function readLink(name: string, fact: string): string | undefined {
  try {
    return readFileSync(`/sys/class/net/${name}/${fact}/uevent`, "utf8").match(
      /^INTERFACE=(.*)$/m,
    )?.[1];
  } catch {
    return undefined;
  }
}
