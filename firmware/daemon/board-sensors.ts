/**
 * What board the daemon runs on and how hot it is. Where there is a device tree the kernel tells; other machines differ in where
 * they keep both, which is why a library that knows them is asked. The two parts of it that are needed are loaded when somebody looks for the first time, and may start small
 * programs: so they are asked beside the state document, never for it, and seldom.
 */
import type { HostState } from "#state/document-host.ts";
import { deviceTreeBoard } from "./device-tree-board.ts";

type BoardFacts = Pick<HostState, "board" | "temperature">;

/** Milliseconds between two looks at the sensors. */
const PACE = 15_000;

export class BoardSensors {
  #facts: BoardFacts = {};
  #lookedAt = Number.NEGATIVE_INFINITY;

  /** What was found last; looks anew beside it when that was a while ago. @param now monotonic milliseconds. */
  read(now: number): BoardFacts {
    if (now - this.#lookedAt >= PACE) {
      this.#lookedAt = now;
      const told = deviceTreeBoard();
      if (told) this.#facts = told;
      else void this.#look();
    }
    return this.#facts;
  }

  /** A board that tells neither is no fault: many servers do not. */
  async #look(): Promise<void> {
    try {
      const [{ cpuTemperature }, { system }] = await Promise.all([
        import("systeminformation/lib/cpu.js"),
        import("systeminformation/lib/system.js"),
      ]);
      const [{ main, max }, board] = await Promise.all([
        cpuTemperature(),
        this.#facts.board ??
          system().then(({ manufacturer, model }) => nameOf(manufacturer, model)),
      ]);
      this.#facts = { ...(board === "" ? {} : { board }), ...temperatureOf(max ?? main) };
    } catch {
      this.#facts = {};
    }
  }
}

const nameOf = (manufacturer: string, model: string): string =>
  model.startsWith(manufacturer) ? model : `${manufacturer} ${model}`.trim();

/** Sensors that are not there read as null, 0 or -1. */
function temperatureOf(degrees: number | null): BoardFacts {
  return degrees !== null && degrees > 0 && degrees < 200 ? { temperature: degrees } : {};
}
