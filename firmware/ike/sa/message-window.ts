/**
 * Message IDs of one IKE SA in both directions: which request may be sent, which may be taken, which response is kept.
 * Knows nothing of what the messages say. RFC 7296 §2.1 to §2.3.
 */

/** Our requests: numbers them and holds those that wait for an answer. */
export class RequestWindow<Request> {
  #next: number;
  #size = 1;
  readonly #outstanding = new Map<number, Request>();

  /** @param first Message ID of the first request: 0, or 1 after an IKE_SA_INIT of ours. */
  constructor(first: number) {
    this.#next = first;
  }

  /** Message ID that the next request will have. */
  get next(): number {
    return this.#next;
  }

  /** What the peer said it can hold; 1 until it says more. It never shrinks. RFC 7296 §2.3 */
  get size(): number {
    return this.#size;
  }

  allow(size: number): void {
    this.#size = Math.max(this.#size, Math.min(size, MAX_WINDOW));
  }

  get hasRoom(): boolean {
    const oldest = this.#outstanding.keys().next().value;
    return oldest === undefined || this.#next < oldest + this.#size;
  }

  get isIdle(): boolean {
    return this.#outstanding.size === 0;
  }

  /** Takes the next Message ID for `request`. The caller has seen `hasRoom`. */
  open(request: Request): number {
    const messageId = this.#next++;
    this.#outstanding.set(messageId, request);
    return messageId;
  }

  /** The request that a response with this Message ID answers; undefined when none waits. */
  find(messageId: number): Request | undefined {
    return this.#outstanding.get(messageId);
  }

  close(messageId: number): void {
    this.#outstanding.delete(messageId);
  }

  /** Forgets all that waits for an answer. */
  clear(): void {
    this.#outstanding.clear();
  }

  /** Outstanding requests, oldest first. */
  outstanding(): readonly Request[] {
    return [...this.#outstanding.values()];
  }
}

/** The peer's requests. We promise a window of 1, so one response is kept. */
export class ResponseWindow {
  #expected: number;
  #last: readonly Uint8Array[] | undefined;

  /** @param first Message ID that the peer's first request must have. */
  constructor(first = 0) {
    this.#expected = first;
  }

  get expected(): number {
    return this.#expected;
  }

  /** `new` is to be answered, `repeated` has been, `outside` is to be dropped. */
  classify(messageId: number): "new" | "repeated" | "outside" {
    if (messageId === this.#expected) return "new";
    return messageId === this.#expected - 1 && this.#last ? "repeated" : "outside";
  }

  /** Keeps the response to the expected request and moves on. */
  answered(datagrams: readonly Uint8Array[]): void {
    this.#last = datagrams;
    this.#expected++;
  }

  /** The kept response, sent again bit by bit; empty before the first. */
  get lastResponse(): readonly Uint8Array[] {
    return this.#last ?? [];
  }
}

const MAX_WINDOW = 8;
