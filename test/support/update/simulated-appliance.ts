/** An appliance on a simulated disk: the boot loader, the daemon's part for updates, and a branch that fares as it is told. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Updates } from "#daemon/updates.ts";
import type { MonotonicMs, WallClock } from "#lib/duration.ts";
import type { Log } from "#lib/log.ts";
import type { ClientStatus } from "#state/document.ts";
import type { UpdateState } from "#state/document-update.ts";
import type { Slot } from "#update/boot-facts.ts";
import type { PartName } from "#update/manifest.ts";
import {
  decodeSlotState,
  SLOT_STATE_BYTES,
  type SlotState,
  slotStateOffsets,
} from "#update/slot-state.ts";
import type { TrialInput } from "#update/trial-inputs.ts";
import { boot } from "./boot-loader.ts";
import { type ExampleBundle, exampleBundle, exampleKey, exampleParts } from "./example-bundle.ts";
import { SimulatedDisk } from "./simulated-disk.ts";

const built = "2026-11-24T00:00:00Z";
const partitions = {
  config: "/dev/disk1",
  boot: { A: "/dev/disk2", B: "/dev/disk3" },
  root: { A: "/dev/disk5", B: "/dev/disk6" },
  data: "/dev/disk7",
} as const;

/** One run of the system, from its start to its end. */
export interface Life {
  readonly slot: Slot;
  readonly trial: boolean;
  readonly version: string;
  readonly updates: Updates;
  /** It asked for the machine to be restarted. */
  readonly isRestarting: () => boolean;
  /** How a client fares. */
  client(client: string, status: ClientStatus, reason?: string): void;
  link(name: string, isUsable: boolean): void;
  /** Lets time pass, waking the engine whenever it asks; what is written meanwhile is done. */
  pass(seconds: number): Promise<void>;
  state(): UpdateState;
}

export class SimulatedAppliance {
  readonly disk = new SimulatedDisk();
  /** Everything that was told, as `MNEMONIC message`, over all lives. */
  readonly events: string[] = [];
  readonly #stateDir = mkdtempSync(path.join(tmpdir(), "appliance-"));
  readonly #versions = new Map<string, string>();

  /** As it leaves the factory: 0.5.0 in slot A, nothing in slot B. */
  constructor() {
    const parts = exampleParts(0x30);
    this.#know("0.5.0", parts);
    this.disk
      .add("/dev/disk", new Uint8Array(slotStateOffsets[1] + 512))
      .add(partitions.boot.A, parts.boot)
      .add(partitions.root.A, parts.root)
      .add(partitions.boot.B, new Uint8Array(parts.boot.length))
      .add(partitions.root.B, new Uint8Array(parts.root.length));
  }

  /** A bundle that this appliance would know the system of. */
  bundle(version: string, fill: number): ExampleBundle {
    const bundle = exampleBundle({ version, fill });
    this.#know(version, bundle.parts);
    return bundle;
  }

  /** What stands whole in a slot. */
  versionIn(slot: Slot): string | undefined {
    const content = (part: PartName) => this.disk.content(partitions[part][slot]);
    return this.#versions.get(hashOf({ boot: content("boot"), root: content("root") }));
  }

  /** Both copies of the slot state; undefined for one that is no copy. */
  slotStateCopies(): readonly (SlotState | undefined)[] {
    const disk = this.disk.content("/dev/disk");
    return slotStateOffsets.map((at) => decodeSlotState(disk.subarray(at, at + SLOT_STATE_BYTES)));
  }

  /** Starts what the boot loader chooses. @throws {Error} when that is no whole system. */
  async start(): Promise<Life> {
    const { slot, trial } = await boot(this.disk);
    const version = this.versionIn(slot);
    if (version === undefined) throw new Error(`slot ${slot} was started and is not whole`);
    return await this.#live(slot, trial, version);
  }

  remove(): void {
    rmSync(this.#stateDir, { recursive: true });
  }

  async #live(slot: Slot, trial: boolean, version: string): Promise<Life> {
    let now = 0;
    let isRestarting = false;
    const give = (input: TrialInput): void => {
      for (const action of updates.engine.handle(input, now as MonotonicMs))
        updates.perform(action);
    };
    const updates = new Updates({
      appliance: {
        boot: { disk: "/dev/disk", slot, trial, partitions },
        system: { board: "qemu-virt", version, built },
      },
      keys: () => [exampleKey],
      devices: this.disk,
      stateDir: this.#stateDir,
      log: silentLog,
      clock: { now: () => now as MonotonicMs, wall: () => (START + now) as WallClock },
      calendar: { at: (instant) => (START + instant) as WallClock },
      record: ({ mnemonic, message }) => {
        this.events.push(`${mnemonic.replace(/^FLEXSPOKE-\d-/, "")} ${message}`);
        return undefined;
      },
      give,
      restart: () => {
        isRestarting = true;
      },
      noteKept: () => {},
    });
    give({ kind: "began", clients: ["hq"] });
    await updates.start();
    return {
      ...{ slot, trial, version, updates },
      isRestarting: () => isRestarting,
      client: (client, status, reason = `${client} is ${status}`) =>
        give({ kind: "client-changed", client, status, reason, link: "wan0" }),
      link: (link, isUsable) => give({ kind: "link-changed", link, isUsable }),
      state: () => {
        const state = updates.state();
        if (!state) throw new Error("it is an appliance");
        return state;
      },
      pass: async (seconds) => {
        const end = now + seconds * 1_000;
        const { engine } = updates;
        for (
          let at = engine.nextTimeout();
          at !== undefined && at <= end;
          at = engine.nextTimeout()
        ) {
          now = at;
          give({ kind: "timeout" });
        }
        now = end;
        await updates.settled();
      },
    };
  }

  #know(version: string, parts: ExampleBundle["parts"]): void {
    this.#versions.set(hashOf(parts), version);
  }
}

/** In pieces, as a network brings it. */
export async function* inPieces(bytes: Uint8Array, size = 100_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) {
    yield bytes.subarray(at, at + size);
    await Promise.resolve();
  }
}

const silent = () => {};
const silentLog: Log = {
  ...{ error: silent, warn: silent, info: silent, debug: silent },
  with: () => silentLog,
};

const START = Date.UTC(2026, 10, 24);

const hashOf = ({ boot: one, root }: ExampleBundle["parts"]): string =>
  createHash("sha256").update(one).update(root).digest("hex");
