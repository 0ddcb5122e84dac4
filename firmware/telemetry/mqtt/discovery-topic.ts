/**
 * Keeps the retained message of Home Assistant's discovery as it should be: there while it is asked for, changed when
 * something comes or goes, and gone again when it is turned off, also after a restart.
 */
import type { StateDocument } from "#state/document.ts";
import type { BrokerSession } from "./broker-session.ts";
import { discovery, discoveryTopic, type HomeAssistantOptions } from "./home-assistant.ts";
import type { Spool } from "./spool.ts";

const NOTE = "home-assistant";

/** What is known to be retained at the broker, and with which components. */
interface Told {
  readonly topic: string;
  readonly platforms: Readonly<Record<string, string>>;
}

export class DiscoveryTopic {
  readonly #prefix: string | undefined;
  readonly #options: HomeAssistantOptions;
  readonly #spool: Spool | undefined;
  #told: Told | undefined;
  #session: BrokerSession | undefined;
  /** What was published last over this session. */
  #last: string | undefined;

  /** @param prefix undefined: it is turned off. @param spool remembers what is at the broker. */
  constructor(prefix: string | undefined, options: HomeAssistantOptions, spool: Spool | undefined) {
    this.#prefix = prefix;
    this.#options = options;
    this.#spool = spool;
    this.#told = readTold(spool?.noted(NOTE));
  }

  use(session: BrokerSession | undefined): void {
    this.#session = session;
    this.#last = undefined;
    const told = this.#told;
    if (!session || !told || told.topic === this.#topic) return;
    // It was turned off, or goes by another name now.
    session.publish(told.topic, "", true).then(
      () => this.#remember(undefined),
      () => {},
    );
  }

  /** Looks whether what there is has changed. */
  look(document: StateDocument): void {
    const [session, topic] = [this.#session, this.#topic];
    if (!session || topic === undefined) return;
    const before = this.#told?.topic === topic ? this.#told.platforms : {};
    const { payload, platforms } = discovery(document, this.#options, before);
    const mark = JSON.stringify(platforms) + document.hostname;
    if (mark === this.#last) return;
    this.#last = mark;
    session.publish(topic, payload, true).then(
      () => this.#remember({ topic, platforms }),
      () => {},
    );
  }

  get #topic(): string | undefined {
    return this.#prefix === undefined
      ? undefined
      : discoveryTopic(this.#prefix, this.#options.clientId);
  }

  #remember(told: Told | undefined): void {
    this.#told = told;
    try {
      this.#spool?.note(NOTE, JSON.stringify(told ?? null));
    } catch {
      // Without a flash it is forgotten with the process; the outbox has told of that.
    }
  }
}

function readTold(text: string | undefined): Told | undefined {
  if (text === undefined) return undefined;
  const told = JSON.parse(text) as Told | null;
  return told ?? undefined;
}
