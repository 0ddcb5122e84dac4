/** What the machine says of itself: versions, kernel tables, the end of the log. Nothing of it holds a key. */
import { execFile } from "node:child_process";
import {
  closeSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statfsSync,
  statSync,
} from "node:fs";
import { cpus, freemem, hostname, loadavg, release, totalmem, uptime } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { ArchiveFile } from "../tar-archive.ts";

/** What a program may print, and how long it may take. */
const LIMITS = { maxBuffer: 4 * 1_024 * 1_024, timeout: 5_000 };
/** Bytes of the end of a log file. */
const LOG_TAIL = 1_024 * 1_024;

/** Versions and the state of the machine, as one JSON document. */
export function hostFacts(version: string | undefined, stateDir: string): ArchiveFile {
  const facts = {
    flexspoke: version ?? "unknown",
    node: process.versions.node,
    openssl: process.versions.openssl,
    kernel: release(),
    architecture: process.arch,
    hostname: hostname(),
    uptime: Math.floor(uptime()),
    load: loadavg(),
    memory: { total: totalmem(), free: freemem() },
    cpus: cpus().map(({ model }) => model),
    disk: diskOf(stateDir),
    "state-dir": filesOf(stateDir),
  };
  return { name: "host.json", content: `${JSON.stringify(facts, null, 2)}\n` };
}

/** Files of /proc and /etc that say how the kernel is set up. */
export function kernelFiles(): readonly ArchiveFile[] {
  return kernelPaths.flatMap((path) => {
    const content = readText(path);
    return content === undefined ? [] : [{ name: `kernel${path}`, content }];
  });
}

/**
 * What programs of the system say, each in a file of its own; what is not there, or empty, is left out.
 * @param path where they are looked for. PATH of environ(7)
 */
export async function programOutputs(path: string): Promise<readonly ArchiveFile[]> {
  const outputs = await Promise.all(
    Object.entries(programs).map(([name, [program, ...args]]) => output(name, program, args, path)),
  );
  return outputs.filter((each) => each !== undefined);
}

const programs: Readonly<Record<string, readonly [program: string, ...args: string[]]>> = {
  "nft.txt": ["nft", "list", "table", "inet", "flexspoke"],
  "journal.txt": [
    ...(["journalctl", "-q", "-u", "flexspoke"] as const),
    ...["-n", "5000", "--no-pager", "-o", "short-iso"],
  ],
  "logread.txt": ["logread", "-e", "flexspoke"],
};

/** The end of a log file. @throws when it can't be read. */
export function logTail(path: string): ArchiveFile {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const bytes = Buffer.alloc(Math.min(size, LOG_TAIL));
    readSync(file, bytes, 0, bytes.length, Math.max(0, size - bytes.length));
    return { name: "log.txt", content: bytes.toString("utf8") };
  } finally {
    closeSync(file);
  }
}

async function output(
  name: string,
  program: string,
  args: readonly string[],
  path: string,
): Promise<ArchiveFile | undefined> {
  try {
    const { stdout } = await promisify(execFile)(program, [...args], {
      ...LIMITS,
      env: { PATH: path, LANG: "C" },
    });
    return stdout === "" ? undefined : { name, content: stdout };
  } catch {
    // Not every system has it, and the service may be called something else.
    return undefined;
  }
}

function diskOf(folder: string): unknown {
  try {
    const { bsize, blocks, bavail } = statfsSync(folder);
    return { size: bsize * blocks, available: bsize * bavail };
  } catch {
    return undefined;
  }
}

/** Names and sizes: a database of events that is huge, or a file that should not be there. */
function filesOf(folder: string): unknown {
  try {
    return readdirSync(folder).map((name) => ({ name, size: statSync(join(folder, name)).size }));
  } catch {
    return undefined;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

const kernelPaths: readonly string[] = [
  "/etc/os-release",
  "/etc/resolv.conf",
  "/proc/version",
  "/proc/cpuinfo",
  "/proc/meminfo",
  "/proc/modules",
  "/proc/interrupts",
  "/proc/net/dev",
  "/proc/net/route",
  "/proc/net/ipv6_route",
  "/proc/net/if_inet6",
  "/proc/net/arp",
  "/proc/net/udp",
  "/proc/net/udp6",
  "/proc/net/snmp",
  "/proc/net/netstat",
  "/proc/net/xfrm_stat",
  "/proc/net/softnet_stat",
  "/proc/sys/net/ipv4/ip_forward",
  "/proc/sys/net/ipv4/conf/all/rp_filter",
  "/proc/sys/net/ipv4/conf/default/rp_filter",
  "/proc/sys/net/ipv6/conf/all/forwarding",
];
