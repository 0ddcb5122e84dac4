/**
 * Looks at the machine while somebody reads the state, and at most every two seconds. It reads what the kernel shows in
 * /proc and /sys and starts no program: one look takes well under a millisecond.
 */
import { readdirSync, readFileSync, statfsSync } from "node:fs";
import { loadavg, uptime } from "node:os";
import {
  type CpuTicks,
  type HostState,
  readCpuTicks,
  readInterfaces,
  readMemory,
} from "#state/document-host.ts";

/** Milliseconds for which a sample is good enough. */
const FRESH = 2_000;

export class HostMetrics {
  readonly #stateDir: string;
  #ticks: CpuTicks | undefined;
  #sensors: readonly string[] | undefined;
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
    const temperature = this.#temperature();
    const disk = this.#disk();
    return {
      ...this.#cpu(),
      load: [one, five, fifteen],
      memory: readMemory(textOf("/proc/meminfo")),
      ...(temperature === undefined ? {} : { temperature }),
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

  #temperature(): number | undefined {
    this.#sensors ??= sensors();
    const degrees = this.#sensors
      .map((file) => Number.parseInt(textOf(file), 10) / 1_000)
      .filter((each) => Number.isFinite(each) && each > -100 && each < 200);
    return degrees.length === 0 ? undefined : Math.max(...degrees);
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

/** Thermal zones, with a value in thousandths of a degree each. */
function sensors(): readonly string[] {
  const folder = "/sys/class/thermal";
  try {
    return readdirSync(folder)
      .filter((name) => name.startsWith("thermal_zone"))
      .map((name) => `${folder}/${name}/temp`);
  } catch {
    return [];
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
