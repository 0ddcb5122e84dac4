/** Tells the client machine of the machine's interfaces: all of them at start, then each that changed. */
import type { FlexvpnInput } from "#flexvpn/inputs.ts";
import { type InterfaceState, readInterfaces } from "#linux/kernel/interfaces.ts";
import { type EventDraft, interfaceSubject } from "#state/event.ts";
import { severityOf } from "#state/mnemonics.ts";

type InterfaceChanged = Extract<FlexvpnInput, { kind: "interface-changed" }>;

export interface InterfaceListener {
  /** Gets the inputs for the client machine. */
  readonly tell: (input: InterfaceChanged) => void;
  /** Gets the events that say the same to people. */
  readonly record: (event: EventDraft) => void;
  /** True for a tunnel of the daemon itself: it is told of by those who make it. */
  readonly isOurs: (name: string) => boolean;
}

export class InterfaceWatch {
  readonly #listener: InterfaceListener;
  #known = new Map<string, InterfaceState>();
  #isFirst = true;

  constructor(listener: InterfaceListener) {
    this.#listener = listener;
  }

  /** Reads the interfaces and tells of those that are not as they were. @returns true when any was not. */
  refresh(): boolean {
    const before = this.#known;
    const others = readInterfaces().filter(({ name }) => !this.#listener.isOurs(name));
    this.#known = new Map(others.map((state) => [state.name, state]));
    const gone = [...before.keys()].filter((name) => !this.#known.has(name));
    const changed = [
      ...gone.map((name) => ({ name, isUp: false, addresses: [] })),
      ...[...this.#known.values()].filter((state) => !isSame(state, before.get(state.name))),
    ];
    for (const state of changed) this.#announce(state, before.get(state.name));
    this.#isFirst = false;
    return changed.length > 0;
  }

  #announce(state: InterfaceState, before: InterfaceState | undefined): void {
    const { name, isUp, addresses } = state;
    const cause = interfaceSubject(name);
    // What is there at start is no news to anybody; a link that changes is.
    const isNews = !this.#isFirst && isUp !== (before?.isUp ?? false);
    if (isNews) {
      this.#listener.record({
        severity: severityOf("LINK-3-UPDOWN"),
        mnemonic: "LINK-3-UPDOWN",
        message: `interface ${name} went ${isUp ? "up" : "down"}`,
        data: { interface: name, state: isUp ? "up" : "down", addresses },
        subjects: [cause],
      });
    }
    this.#listener.tell({
      kind: "interface-changed",
      name,
      isUp,
      addresses,
      ...(isNews ? { cause } : {}),
    });
  }
}

function isSame(a: InterfaceState, b: InterfaceState | undefined): boolean {
  return b !== undefined && a.isUp === b.isUp && String(a.addresses) === String(b.addresses);
}
