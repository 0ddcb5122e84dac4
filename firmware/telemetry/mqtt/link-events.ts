/** What the reporter says of itself in the event log: told once a change, not once an attempt. */
import type { EventDraft } from "#state/event.ts";
import { type MnemonicName, severityOf } from "#state/mnemonics.ts";
import type { BrokerFault } from "./broker-fault.ts";
import type { Cut } from "./spool.ts";

export class LinkEvents {
  readonly #record: (event: EventDraft) => void;
  readonly #broker: string;
  /** Code of the fault that was told last, since the connection was last up. */
  #told: string | undefined;
  #cut: Cut | undefined;

  constructor(broker: string, record: (event: EventDraft) => void) {
    this.#broker = broker;
    this.#record = record;
  }

  up(version: 4 | 5, waiting: number): void {
    this.#told = undefined;
    const name = version === 5 ? "5" : "3.1.1";
    this.#say("FLEXSPOKE-6-MQTT_CONNECTED", `connected to ${this.#broker} by MQTT ${name}`, {
      broker: this.#broker,
      version: name,
      waiting,
    });
    const cut = this.#cut;
    this.#cut = undefined;
    if (cut) this.#sayCut(cut, "were never sent: mqtt.spool.max was reached");
  }

  down(fault: BrokerFault): void {
    if (this.#told === fault.code) return;
    this.#told = fault.code;
    this.#say("FLEXSPOKE-4-MQTT_DISCONNECTED", fault.text, {
      broker: this.#broker,
      code: fault.code,
    });
  }

  /** Events had no room. It is told when that begins, and as a sum when the broker is back. */
  lost(cut: Cut): void {
    const before = this.#cut;
    this.#cut = {
      count: (before?.count ?? 0) + cut.count,
      firstId: before?.firstId ?? cut.firstId,
      lastId: cut.lastId,
    };
    if (!before) this.#sayCut(cut, "give way to newer ones: mqtt.spool.max is reached");
  }

  #sayCut({ count, firstId, lastId }: Cut, what: string): void {
    this.#say("FLEXSPOKE-4-MQTT_EVENTS_LOST", `${count} events for ${this.#broker} ${what}`, {
      count,
      first: firstId,
      last: lastId,
    });
  }

  #say(mnemonic: MnemonicName, message: string, data: EventDraft["data"]): void {
    this.#record({ severity: severityOf(mnemonic), mnemonic, message, data });
  }
}
