/**
 * All IP SLA operations of the configuration as one engine: wakes each when its time has come and hands results to the
 * run they belong to. Its deadlines are a heap, so that a thousand operations cost no more than their packets. It decides
 * nothing; `operation.ts` does.
 */
import type { ResolvedSla } from "#config/resolved-sla.ts";
import { Deadline, DeadlineHeap } from "#lib/deadline-heap.ts";
import type { MonotonicMs } from "#lib/duration.ts";
import type { Engine, RandomSource } from "#lib/engine.ts";
import type { SlaAction } from "./actions.ts";
import { EventAllowance } from "./event-allowance.ts";
import type { SlaInput } from "./inputs.ts";
import { MOST_LEEWAY_MS, type OperationContext, SlaOperationState } from "./operation.ts";
import type { ProbeId } from "./probe.ts";
import { isSameOperation, isSameTarget } from "./same-operation.ts";
import { type SlaHistory, type SlaView, slaHistory, slaView } from "./sla-view.ts";

interface Slot {
  state: SlaOperationState;
  readonly deadline: Deadline<Slot>;
}

export class SlaEngine implements Engine<SlaInput, SlaAction> {
  readonly #slots = new Map<string, Slot>();
  readonly #running = new Map<ProbeId, Slot>();
  readonly #deadlines = new DeadlineHeap<Slot>();
  readonly #context: OperationContext;
  #lastId = 0;

  constructor(random: RandomSource) {
    this.#context = {
      chance: () => fraction(random(4)),
      nextId: () => ++this.#lastId as ProbeId,
      firstResults: new EventAllowance(FIRST_RESULTS_TOLD),
    };
  }

  handle(input: SlaInput, now: MonotonicMs): readonly SlaAction[] {
    const out: SlaAction[] = [];
    switch (input.kind) {
      case "configure":
        this.#configure(input.operations, now, out);
        break;
      case "probe-result": {
        const slot = this.#running.get(input.id);
        if (!slot) break;
        slot.state.take(input.outcome, now, out);
        this.#settle(slot, input.id);
        break;
      }
      case "timeout":
        this.#wake(now, out);
        break;
    }
    return out;
  }

  nextTimeout(): MonotonicMs | undefined {
    return this.#deadlines.first()?.at;
  }

  /** Each operation, in the order of the configuration. */
  views(): readonly SlaView[] {
    return [...this.#slots.values()].map(({ state }) => slaView(state));
  }

  /** The latest results of one operation, and their sums; undefined when there is none of this name. */
  history(name: string): SlaHistory | undefined {
    const slot = this.#slots.get(name);
    return slot && slaHistory(slot.state);
  }

  #wake(now: MonotonicMs, out: SlaAction[]): void {
    const horizon = now + MOST_LEEWAY_MS;
    for (let next = this.#deadlines.first(); next; next = this.#deadlines.first()) {
      if (next.at > horizon) return;
      const slot = next.owner;
      const before = slot.state.runId;
      if (!slot.state.wake(now, out)) return;
      this.#settle(slot, before);
    }
  }

  /** Brings the tables in line with what an operation did. @param before the run that was under way. */
  #settle(slot: Slot, before: ProbeId | undefined): void {
    const run = slot.state.runId;
    if (run !== before) {
      if (before !== undefined) this.#running.delete(before);
      if (run !== undefined) this.#running.set(run, slot);
    }
    this.#deadlines.arm(slot.deadline, slot.state.deadline);
  }

  #configure(
    operations: Readonly<Record<string, ResolvedSla>>,
    now: MonotonicMs,
    out: SlaAction[],
  ): void {
    const before = new Map(this.#slots);
    this.#slots.clear();
    for (const config of Object.values(operations)) {
      const known = before.get(config.name);
      before.delete(config.name);
      const slot = known ?? createSlot(new SlaOperationState(config, this.#context, now));
      this.#slots.set(config.name, slot);
      if (known) this.#reconfigure(known, config, now, out);
      this.#deadlines.arm(slot.deadline, slot.state.deadline);
    }
    for (const slot of before.values()) {
      this.#drop(slot, out);
      this.#deadlines.cancel(slot.deadline);
    }
  }

  #reconfigure(slot: Slot, config: ResolvedSla, now: MonotonicMs, out: SlaAction[]): void {
    if (isSameOperation(slot.state.config, config)) return;
    this.#drop(slot, out);
    slot.state = slot.state.reconfigured(config, isSameTarget(slot.state.config, config), now);
  }

  #drop(slot: Slot, out: SlaAction[]): void {
    const { runId } = slot.state;
    if (runId !== undefined) this.#running.delete(runId);
    slot.state.drop(out);
  }
}

function createSlot(state: SlaOperationState): Slot {
  const slot: { state: SlaOperationState; deadline?: Deadline<Slot> } = { state };
  slot.deadline = new Deadline(slot as Slot);
  return slot as Slot;
}

/** 0 up to but not including 1, of four random bytes. */
function fraction(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) / 2 ** 32;
}

/** Operations that tell at once that they work; the more there are, the less each of them is news. */
const FIRST_RESULTS_TOLD = 100;
