/**
 * Gets the address of a modem's interface by DHCP, with busybox's udhcpc in the foreground. Its script only tells what it
 * got; the interface is configured here. Source: busybox udhcpc, RFC 2131
 */
import { chmodSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type IpAddress, parseIpAddress } from "#lib/ip.ts";
import { Program, type ProgramEnd } from "./program.ts";
import type { DialTools } from "./run.ts";

/** What a DHCP server gave. */
export interface Lease {
  readonly address: IpAddress;
  readonly prefixLength: number;
  readonly gateway?: IpAddress;
  readonly dns: readonly IpAddress[];
}

/** Starts the client. `leased` is told at each lease, `lost` when one ran out, `ended` when the client is gone. */
export function startDhcp(
  device: string,
  tools: DialTools,
  listener: {
    readonly leased: (lease: Lease) => void;
    readonly lost: () => void;
    readonly ended: (end: ProgramEnd) => void;
  },
): Program {
  const script = path.join(tools.recordDir, "udhcpc.sh");
  writeFileSync(script, SCRIPT);
  chmodSync(script, 0o700);
  return new Program({
    argv: ["udhcpc", "-f", "-i", device, "-s", script],
    path: tools.path,
    onLine: (line) => {
      const lease = parseLease(line);
      if (lease) listener.leased(lease);
      else if (line === "lease deconfig" || line === "lease leasefail") listener.lost();
    },
    onEnd: listener.ended,
  });
}

/** Reads a line of the script; undefined when it tells of no lease. */
export function parseLease(line: string): Lease | undefined {
  const found = /^lease (?:bound|renew) (\S+) (\d{1,2}) \[(.*?)\] \[(.*?)\]$/.exec(line);
  const [, own = "", length, routers = "", servers = ""] = found ?? [];
  const address = parseIpAddress(own);
  if (!address) return undefined;
  const gateway = parseIpAddress(routers.split(" ")[0] ?? "");
  return {
    address,
    prefixLength: Number(length),
    ...(gateway === undefined ? {} : { gateway }),
    dns: servers.split(" ").flatMap((each) => parseIpAddress(each) ?? []),
  };
}

const SCRIPT = `#!/bin/sh
case $1 in
  bound|renew) echo "lease $1 $ip $mask [$router] [$dns]" ;;
  *) echo "lease $1" ;;
esac
`;
