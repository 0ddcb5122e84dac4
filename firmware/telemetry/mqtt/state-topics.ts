/**
 * Tells the broker what the branch is now, when that changed: it looks after events only, so that nothing runs while
 * nothing happens, and not more than once a second.
 */
import { milliseconds, seconds } from "#lib/duration.ts";
import type { StateDocument } from "#state/document.ts";
import type { BrokerSession } from "./broker-session.ts";
import { compactState, rehearsals } from "./compact-state.ts";
import { RetainedTopic } from "./retained-topic.ts";
import type { Topics } from "./topics.ts";

/** What belongs to one event has happened when it is looked at. */
const SETTLE = milliseconds(50);
/** interfaces.md §6: at most one state a second. */
const AT_MOST_EVERY = seconds(1);

export class StateTopics {
  readonly #document: () => StateDocument;
  readonly #state: RetainedTopic;
  readonly #rehearsal: RetainedTopic;
  /** Hears of every document that was looked at. */
  readonly #seen: (document: StateDocument) => void;
  #session: BrokerSession | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(
    topics: Topics,
    document: () => StateDocument,
    seen: (document: StateDocument) => void,
  ) {
    this.#document = document;
    this.#seen = seen;
    this.#state = new RetainedTopic(topics.state);
    this.#rehearsal = new RetainedTopic(topics.rehearsal);
  }

  /** Something happened. */
  touch(): void {
    if (!this.#session || this.#timer) return;
    const wait = Math.max(SETTLE, this.#lookedAt + AT_MOST_EVERY - performance.now());
    this.#timer = setTimeout(() => this.#look(), wait);
  }

  use(session: BrokerSession | undefined): void {
    this.#session = session;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (session) this.#look();
    this.#state.use(session);
    this.#rehearsal.use(session);
  }

  #look(): void {
    this.#timer = undefined;
    this.#lookedAt = performance.now();
    const document = this.#document();
    this.#state.set(JSON.stringify(compactState(document)));
    const matrix = rehearsals(document);
    if (matrix) this.#rehearsal.set(JSON.stringify(matrix));
    this.#seen(document);
  }
}
