/**
 * Looks at the machine while somebody reads the state, and at most every two seconds. It reads what the kernel shows in
 * /proc and starts no program: one look takes well under a millisecond. Board and temperature come from `board-sensors.ts`.
 */
import { readFileSync, statfsSync } from "node:fs";
import { loadavg, uptime } from "node:os";
import {
  type CpuTicks,
  type HostState,
  readCpuTicks,
  readInterfaces,
  readMemory,
} from "#state/document-host.ts";
import { BoardSensors } from "./board-sensors.ts";

/** Milliseconds for which a sample is good enough. */
const FRESH = 2_000;

export class HostMetrics {
  readonly #stateDir: string;
  readonly #board = new BoardSensors();
  #ticks: CpuTicks | undefined;
  #sample: HostState | undefined;
  #sampledAt = 0;

  constructor(stateDir: string) {
    this.#stateDir = stateDir;
  }

  /** The machine at this moment, or a moment ago. */
  read(): HostState {
    const now = performance.now();
    if (!this.#sample || now - this.#sampledAt > FRESH) {
      this.#sample = this.#look();
      this.#sampledAt = now;
    }
    return this.#sample;
  }

  #look(): HostState {
    const [one = 0, five = 0, fifteen = 0] = loadavg();
    const disk = this.#disk();
    return {
      ...this.#cpu(),
      load: [one, five, fifteen],
      memory: readMemory(textOf("/proc/meminfo")),
      ...this.#board.read(performance.now()),
      ...(disk && { disk }),
      uptime: Math.floor(uptime()),
      interfaces: readInterfaces(textOf("/proc/net/dev")),
    };
  }

  #cpu(): Pick<HostState, "cpu"> {
    const before = this.#ticks;
    const ticks = readCpuTicks(textOf("/proc/stat"));
    this.#ticks = ticks;
    const all = ticks.all - (before?.all ?? ticks.all);
    if (!before || all <= 0) return {};
    const busy = 1 - (ticks.idle - before.idle) / all;
    return { cpu: Math.round(Math.min(1, Math.max(0, busy)) * 1_000) / 1_000 };
  }

  #disk(): HostState["disk"] {
    try {
      const { bsize, blocks, bavail } = statfsSync(this.#stateDir);
      return { total: blocks * bsize, available: bavail * bsize };
    } catch {
      return undefined;
    }
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
