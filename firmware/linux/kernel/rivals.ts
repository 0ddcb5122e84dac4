/**
 * Others on a link that have an address of ours: IPv6 finds them by itself, for IPv4 the link is asked.
 * Sources: RFC 4862 §5.4, RFC 5227 §2.1.1
 */
import { readFileSync } from "node:fs";
import { type IpAddress, ipFromBytes } from "#lib/ip.ts";
import { askByArp } from "./arp-probe.ts";

export interface Rival {
  readonly address: IpAddress;
  /** Hardware address in lower case, or `another device` when it is not known. */
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
    .map(async (text) => {
      const address = text as IpAddress;
      const others = await askByArp(device, address);
      return others.map((by) => ({ address, by }));
    });
  const found = await Promise.all(asked);
  return [...found.flat(), ...duplicatesIn(readTable(), device)];
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

function readTable(): string {
  try {
    return readFileSync("/proc/self/net/if_inet6", "utf8");
  } catch {
    return "";
  }
}

/** linux/if_addr.h */
const IFA_F_DADFAILED = 0x08;
