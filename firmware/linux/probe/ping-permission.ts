/**
 * Opens the kernel's ping sockets to this process: the default range of groups keeps even root out. It widens the range by
 * our own group and nothing else, in this network namespace. Source: icmp(7), ip-sysctl.rst: ping_group_range
 */
import { readFileSync, writeFileSync } from "node:fs";

/** @returns true when ping sockets can be opened now, as far as the range decides that. */
export function allowPing(): boolean {
  const group = process.getegid?.() ?? 0;
  try {
    const range = rangeWith(readFileSync(PATH, "utf8"), group);
    if (range !== undefined) writeFileSync(PATH, range);
    return true;
  } catch {
    return false;
  }
}

/** The decision: what to write so that `group` is in the range; undefined when it is. */
export function rangeWith(text: string, group: number): string | undefined {
  const [low = 1, high = 0] = text.trim().split(/\s+/).map(Number);
  if (low > high) return `${group} ${group}`;
  if (low <= group && group <= high) return undefined;
  return `${Math.min(low, group)} ${Math.max(high, group)}`;
}

const PATH = "/proc/sys/net/ipv4/ping_group_range";
