/**
 * Finds the program that holds a UDP port of this network namespace, so that "address in use" can name it. Reads
 * /proc only, and only after a bind has failed. Source: proc_pid_net(5), proc_pid_fd(5)
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** @returns undefined when nobody holds it any more or the holder is hidden from us. */
export function portHolder(
  port: number,
): { readonly program: string; readonly pid: number } | undefined {
  const sockets = new Set(
    ["/proc/self/net/udp", "/proc/self/net/udp6"].flatMap((path) =>
      socketsOnPort(read(path), port),
    ),
  );
  if (sockets.size === 0) return undefined;
  for (const entry of list("/proc")) {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) continue;
    if (list(`/proc/${entry}/fd`).some((fd) => sockets.has(link(`/proc/${entry}/fd/${fd}`)))) {
      return { program: read(`/proc/${entry}/comm`).trim() || "a program", pid: Number(entry) };
    }
  }
  return undefined;
}

/** Reads `socket:[INODE]` of each socket on `port` out of the text of /proc/net/udp. */
export function socketsOnPort(table: string, port: number): readonly string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return table
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[1]?.endsWith(suffix))
    .map((columns) => `socket:[${columns[9] ?? ""}]`);
}

/** Processes end while they are looked at: what can't be read any more counts as empty. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function list(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
