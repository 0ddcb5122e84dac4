/**
 * Others on a link that have an address of ours: IPv6 finds them by itself, for IPv4 the program arping asks where it is
 * installed. Sources: RFC 4862 §5.4, RFC 5227 §2.1.1, arping(8)
 */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { type IpAddress, ipFromBytes, parseIpAddress } from "#lib/ip.ts";

export interface Rival {
  readonly address: IpAddress;
  /** Hardware address, or `another device` when it is not known. */
  readonly by: string;
}

/** @param addresses with prefix lengths, as the interface has them. */
export async function rivalsOn(
  device: string,
  addresses: readonly string[],
): Promise<readonly Rival[]> {
  const asked = addresses
    .map((text) => text.split("/")[0] ?? "")
    .filter((address) => !address.includes(":"))
    .map((address) => askByArp(device, address as IpAddress));
  const found = await Promise.all(asked);
  return [...found.flatMap((rival) => rival ?? []), ...duplicatesIn(readTable(), device)];
}

/** Addresses whose duplicate detection failed. proc_pid_net(5): if_inet6 */
export function duplicatesIn(table: string, device: string): readonly Rival[] {
  return table.split("\n").flatMap((line) => {
    const [hex = "", , , , flags = "", name] = line.trim().split(/\s+/);
    if (name !== device || (Number.parseInt(flags, 16) & IFA_F_DADFAILED) === 0) return [];
    const bytes = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    return [{ address: ipFromBytes(bytes), by: "another device" }];
  });
}

function askByArp(device: string, address: IpAddress): Promise<Rival | undefined> {
  const argv = ["-D", "-c", "2", "-w", "2", "-I", device, address];
  return new Promise((resolve) => {
    execFile("arping", argv, { timeout: 4_000 }, (error, output) => {
      const by = /\[([0-9A-Fa-f:]{17})\]/.exec(output)?.[1]?.toLowerCase();
      resolve(error && by !== undefined && parseIpAddress(address) ? { address, by } : undefined);
    });
  });
}

function readTable(): string {
  try {
    return readFileSync("/proc/self/net/if_inet6", "utf8");
  } catch {
    return "";
  }
}

/** linux/if_addr.h */
const IFA_F_DADFAILED = 0x08;
