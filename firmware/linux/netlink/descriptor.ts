/**
 * The options of a netlink socket that the socket library does not set. The library shows no descriptor, so it is found by
 * the socket's port; where /proc is missing there is none and the options stay as they are. Source: `netlink(7)`.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { readBytesOption, setIntOption } from "../libc/libc.ts";

/** The descriptor of this process's socket of `protocol` that is bound to `port`; undefined when it can't be found. */
export function netlinkDescriptor(protocol: number, port: number): number | undefined {
  try {
    return descriptorOf(protocol, port);
  } catch (error) {
    if (error instanceof Error && "code" in error) return undefined;
    throw error;
  }
}

/**
 * Asks the kernel to say in words why it refuses, and not to echo requests, which hold keys.
 * @returns whether both options are on.
 */
export function extendAnswers(fd: number): boolean {
  return [NETLINK_CAP_ACK, NETLINK_EXT_ACK].every(
    (option) => setIntOption(fd, SOL_NETLINK, option, 1).ok,
  );
}

/**
 * Keeps the kernel from making an error of the socket when it has no room for a message: the socket library ends the
 * process at any such error. What was lost is told by `droppedMessages` instead.
 */
export function silenceOverruns(fd: number): void {
  setIntOption(fd, SOL_NETLINK, NETLINK_NO_ENOBUFS, 1);
}

/** How many messages the kernel had no room for since the socket was made; 0 where it does not say. SO_MEMINFO, linux/sock_diag.h */
export function droppedMessages(fd: number): number {
  const sizes = readBytesOption(fd, SOL_SOCKET, SO_MEMINFO, SK_MEMINFO_LENGTH);
  if (!sizes.ok || sizes.value.length < SK_MEMINFO_LENGTH) return 0;
  return new DataView(sizes.value.buffer).getUint32(SK_MEMINFO_DROPS * 4, true);
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

const SOL_SOCKET = 1;
const SO_MEMINFO = 55;
/** Place of the drops among the nine 32-bit numbers of SK_MEMINFO_*. */
const SK_MEMINFO_DROPS = 8;
const SK_MEMINFO_LENGTH = 36;
const SOL_NETLINK = 270;
const NETLINK_NO_ENOBUFS = 5;
const NETLINK_CAP_ACK = 10;
const NETLINK_EXT_ACK = 11;
