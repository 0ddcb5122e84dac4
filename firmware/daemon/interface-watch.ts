/** Tells the client machine of the machine's interfaces: all of them at start, then each that changed. */
import type { FlexvpnInput } from "#flexvpn/inputs.ts";
import { type InterfaceState, readInterfaces } from "#linux/kernel/interfaces.ts";
import { type EventDraft, interfaceSubject } from "#state/event.ts";
import { severityOf } from "#state/mnemonics.ts";

type InterfaceChanged = Extract<FlexvpnInput, { kind: "interface-changed" }>;

export class InterfaceWatch {
  readonly #tell: (input: InterfaceChanged) => void;
  readonly #record: (event: EventDraft) => void;
  #known = new Map<string, InterfaceState>();
  #isFirst = true;

  /** @param tell gets the inputs for the client machine; `record` the events that say the same to people. */
  constructor(tell: (input: InterfaceChanged) => void, record: (event: EventDraft) => void) {
    this.#tell = tell;
    this.#record = record;
  }

  /** Reads the interfaces and tells of those that are not as they were. @returns true when any was not. */
  refresh(): boolean {
    const before = this.#known;
    this.#known = new Map(readInterfaces().map((state) => [state.name, state]));
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
      this.#record({
        severity: severityOf("LINK-3-UPDOWN"),
        mnemonic: "LINK-3-UPDOWN",
        message: `interface ${name} went ${isUp ? "up" : "down"}`,
        data: { interface: name, state: isUp ? "up" : "down", addresses },
        subjects: [cause],
      });
    }
    this.#tell({
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
