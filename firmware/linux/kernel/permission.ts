/**
 * Whether this process may do what the product does to the kernel, read from its own status before anything is tried.
 * Source: capabilities(7), proc_pid_status(5)
 */
import { readFileSync } from "node:fs";
import type { DataPlaneFault } from "#dataplane/port.ts";

/** Checks the capabilities of this process. @returns undefined when it has all of them. */
export function checkPermission(): DataPlaneFault | undefined {
  return permissionFault(readFileSync("/proc/self/status", "utf8"));
}

/** The decision, on the text of /proc/self/status. */
export function permissionFault(status: string): DataPlaneFault | undefined {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0"}`);
  const missing = NEEDED.filter(({ bit }) => ((effective >> BigInt(bit)) & 1n) === 0n);
  if (missing.length === 0) return undefined;
  const names = missing.map(({ name }) => name).join(" and ");
  return {
    code: "kernel.permission",
    what: `this process lacks ${names}: it can't ${missing.map(({ use }) => use).join(", nor ")}`,
    errno: "EPERM",
    remedy: `run the daemon as root, or give its unit AmbientCapabilities=${missing.map(({ name }) => name).join(" ")}`,
  };
}

const NEEDED = [
  { bit: 12, name: "CAP_NET_ADMIN", use: "set up SAs, tunnels, routes and the firewall" },
  { bit: 10, name: "CAP_NET_BIND_SERVICE", use: "open UDP port 500" },
] as const;
