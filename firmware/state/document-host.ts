/** The part `system.host` of the state document: the machine that the daemon runs on. */
export interface HostState {
  /** Maker and model, as the board tells them. */
  readonly board?: string;
  /** Share of all processors that was busy since the sample before, 0 to 1; absent in the first sample. */
  readonly cpu?: number;
  /** Runnable processes, averaged over 1, 5 and 15 minutes. */
  readonly load: readonly [number, number, number];
  /** Bytes. */
  readonly memory: { readonly total: number; readonly available: number };
  /** The hottest sensor, degrees Celsius; absent where there is none. */
  readonly temperature?: number;
  /** The file system of the state directory, bytes. */
  readonly disk?: { readonly total: number; readonly available: number };
  /** Seconds since the machine started. */
  readonly uptime: number;
  readonly interfaces: Readonly<Record<string, InterfaceCounters>>;
}

/** Since the interface came into being. */
export interface InterfaceCounters {
  readonly "bytes-in": number;
  readonly "bytes-out": number;
  readonly "packets-in": number;
  readonly "packets-out": number;
  readonly "errors-in": number;
  readonly "errors-out": number;
  readonly "drops-in": number;
  readonly "drops-out": number;
}

/** Ticks of all processors: those that were idle, and all. proc_stat(5) */
export interface CpuTicks {
  readonly idle: number;
  readonly all: number;
}

/** Reads the first line of /proc/stat. */
export function readCpuTicks(text: string): CpuTicks {
  const [, ...ticks] = (text.split("\n", 1)[0] ?? "").trim().split(/\s+/).map(Number);
  // Guests are counted as user time already.
  const counted = ticks.slice(0, 8);
  return {
    idle: (counted[3] ?? 0) + (counted[4] ?? 0),
    all: counted.reduce((sum, each) => sum + each, 0),
  };
}

/** Reads /proc/meminfo. proc_meminfo(5) */
export function readMemory(text: string): HostState["memory"] {
  const bytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0) * 1024;
  return { total: bytes("MemTotal"), available: bytes("MemAvailable") };
}

/** Reads /proc/net/dev. proc_pid_net(5) */
export function readInterfaces(text: string): HostState["interfaces"] {
  const rows = text.split("\n").flatMap((line) => {
    const [name, numbers] = line.split(/:(.*)/);
    if (name === undefined || numbers === undefined) return [];
    const n = numbers.trim().split(/\s+/).map(Number);
    const counters: InterfaceCounters = {
      "bytes-in": n[0] ?? 0,
      "bytes-out": n[8] ?? 0,
      "packets-in": n[1] ?? 0,
      "packets-out": n[9] ?? 0,
      "errors-in": n[2] ?? 0,
      "errors-out": n[10] ?? 0,
      "drops-in": n[3] ?? 0,
      "drops-out": n[11] ?? 0,
    };
    return name.trim() === "lo" ? [] : [[name.trim(), counters] as const];
  });
  return Object.fromEntries(rows);
}
