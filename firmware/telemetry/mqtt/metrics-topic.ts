/** Publishes metrics at their interval, while there is a broker; what it could not be told in time is not told later. */
import type { Duration } from "#lib/duration.ts";
import type { BrokerSession } from "./broker-session.ts";

export class MetricsTopic {
  readonly #topic: string;
  readonly #interval: Duration | undefined;
  readonly #measure: () => object;
  #timer: NodeJS.Timeout | undefined;
  #isSending = false;

  /** @param interval undefined: never. */
  constructor(topic: string, interval: Duration | undefined, measure: () => object) {
    this.#topic = topic;
    this.#interval = interval;
    this.#measure = measure;
  }

  use(session: BrokerSession | undefined): void {
    clearInterval(this.#timer);
    this.#isSending = false;
    if (!session || this.#interval === undefined) return;
    this.#send(session);
    this.#timer = setInterval(() => this.#send(session), this.#interval);
  }

  #send(session: BrokerSession): void {
    const body = JSON.stringify(this.#measure());
    if (this.#isSending || Buffer.byteLength(body) + 256 > session.largestPacket) return;
    this.#isSending = true;
    session.publish(this.#topic, body, false).then(
      () => {
        this.#isSending = false;
      },
      // The session is over; the next one begins anew.
      () => {},
    );
  }
}
