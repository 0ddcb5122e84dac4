/** One retained topic: the newest value wins, nothing is said twice, and never more than one message is on its way. */
import type { BrokerSession } from "./broker-session.ts";

export class RetainedTopic {
  readonly #topic: string;
  #session: BrokerSession | undefined;
  /** What the broker has, as far as is known; undefined after a new session, where it may have lost it. */
  #told: string | undefined;
  #wanted: string | undefined;
  #isSending = false;

  constructor(topic: string) {
    this.#topic = topic;
  }

  /** The value is to be this from now on. An empty one takes the topic away. */
  set(value: string): void {
    this.#wanted = value;
    this.#send();
  }

  /** Sends what it holds over a new session; without one, waits for the next. */
  use(session: BrokerSession | undefined): void {
    this.#session = session;
    this.#told = undefined;
    this.#isSending = false;
    this.#send();
  }

  #send(): void {
    const [session, value] = [this.#session, this.#wanted];
    if (!session || this.#isSending || value === undefined || value === this.#told) return;
    if (Buffer.byteLength(value) + this.#topic.length + 64 > session.largestPacket) return;
    this.#isSending = true;
    session.publish(this.#topic, value, true).then(
      () => {
        if (session !== this.#session) return;
        this.#isSending = false;
        this.#told = value;
        this.#send();
      },
      // The session is over, or the broker refuses the topic: the next session tries again.
      () => {},
    );
  }
}
