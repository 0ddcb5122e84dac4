/** Looks at the ways to a client's hubs when somebody asks: the route, the next router, what answers, what size passes. */
import { readFileSync } from "node:fs";
import { parseIpAddress } from "#lib/ip.ts";
import { lookAtPath } from "#linux/probe/path-look.ts";
import { underlayTo } from "#linux/route/underlay.ts";
import type { WayFacts } from "#state/diagnose/evidence.ts";
import type { ClientState } from "#state/document.ts";
import { interfaceMtu } from "./path-mtu.ts";

/** The peers that an address is known of, over the source that is used or tried; a few of them if there are many. */
export function wayFacts({ peer, peers, source }: ClientState): Promise<readonly WayFacts[]> {
  const known = peers.flatMap(({ host }) => {
    const address = peer?.host === host ? peer.address : parseIpAddress(host);
    return address === undefined ? [] : [{ host, address }];
  });
  return Promise.all(known.slice(0, MOST_PEERS).map((each) => wayTo(each, source)));
}

async function wayTo(
  { host, address }: Pick<WayFacts, "host" | "address">,
  source: string | undefined,
): Promise<WayFacts> {
  const route = await underlayTo(address, source);
  const way = { host, address, ...(source !== undefined && { source }) };
  if (!route) return { ...way, refusals: [] };
  const mtu = interfaceMtu(route.device);
  const look = await lookAtPath({ address, mtu, ports: IKE_PORTS, device: route.device });
  const gatewayAnswers =
    route.gateway === undefined
      ? undefined
      : answersArp(readText("/proc/self/net/arp"), route.gateway, route.device);
  return { ...way, route, ...look, ...(gatewayAnswers !== undefined && { gatewayAnswers }) };
}

/** What the kernel's table says of an address after something was sent to it. proc_pid_net(5) @returns undefined when it is not there. */
export function answersArp(table: string, address: string, device: string): boolean | undefined {
  const line = table
    .split("\n")
    .map((each) => each.trim().split(/\s+/))
    .find(([ip, , , , , name]) => ip === address && name === device);
  return line && (Number(line[2]) & ATF_COM) !== 0;
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

const IKE_PORTS = [500, 4500] as const;
/** Each costs a score of packets. */
const MOST_PEERS = 4;
/** linux/if_arp.h: the hardware address is known. */
const ATF_COM = 2;
