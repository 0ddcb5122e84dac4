/**
 * Asks the kernel to say in words why it refuses, and not to echo requests, which hold keys. The socket library shows no
 * descriptor, so it is found by the socket's port; where /proc is missing, answers stay numbers. Source: `netlink(7)`.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setIntOption } from "../libc/libc.ts";

const SOL_NETLINK = 270;
const NETLINK_CAP_ACK = 10;
const NETLINK_EXT_ACK = 11;

/** @returns whether both options are on for the socket of `protocol` that is bound to `port`. */
export function extendAnswers(protocol: number, port: number): boolean {
  try {
    const fd = descriptorOf(protocol, port);
    if (fd === undefined) return false;
    return [NETLINK_CAP_ACK, NETLINK_EXT_ACK].every(
      (option) => setIntOption(fd, SOL_NETLINK, option, 1).ok,
    );
  } catch (error) {
    if (error instanceof Error && "code" in error) return false;
    throw error;
  }
}

/** By the inode that /proc/self/net/netlink has for the port: columns sk, protocol, port, …, inode. */
function descriptorOf(protocol: number, port: number): number | undefined {
  const rows = readFileSync("/proc/self/net/netlink", "utf8").split("\n").slice(1);
  const row = rows
    .map((line) => line.trim().split(/\s+/))
    .find((columns) => Number(columns[1]) === protocol && Number(columns[2]) === port);
  const target = `socket:[${row?.at(-1)}]`;
  const name = readdirSync("/proc/self/fd").find((fd) => linkOf(fd) === target);
  return name === undefined ? undefined : Number(name);
}

/** Undefined for a descriptor that is closed by now, such as that of the listing itself. */
function linkOf(fd: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return undefined;
  }
}
