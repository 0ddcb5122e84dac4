/**
 * Lines to a log server over TCP or TLS, each with its length before it. Lines wait in a bounded queue while there is no
 * connection or the server is slow; the oldest go when it is full. Sources: RFC 6587 §3.4.1, RFC 5425 §4.3
 */
import { randomInt } from "node:crypto";
import type { Socket } from "node:net";
import { nominalBackoff } from "#lib/backoff.ts";
import { minutes, seconds } from "#lib/duration.ts";
import type { TiedTcp } from "../reporter.ts";
import { type FarEnd, openStream } from "../tcp-way.ts";

export interface StreamOptions {
  readonly farEnd: FarEnd;
  readonly tie: TiedTcp;
  readonly up: () => void;
  readonly down: (error: unknown) => void;
}

const BACKOFF = { initial: seconds(1), max: minutes(2) };
const QUEUED_LINES = 1_000;
/** Bytes that a slow server may leave in the socket before lines wait here. */
const UNSENT = 64 * 1024;
const CONNECT_TIME = seconds(20);
const PROBE_AFTER = seconds(30);

export class LogStream {
  readonly #options: StreamOptions;
  #queue: Uint8Array[] = [];
  #socket: Socket | undefined;
  #isReady = false;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #lost = 0;

  constructor(options: StreamOptions) {
    this.#options = options;
    void this.#connect();
  }

  /** Lines that there was no room for. */
  get lost(): number {
    return this.#lost;
  }

  send(line: Uint8Array): void {
    this.#queue.push(line);
    if (this.#queue.length > QUEUED_LINES) {
      this.#queue.shift();
      this.#lost++;
    }
    this.#flush();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#flush();
    const socket = this.#socket;
    socket?.end(() => socket.destroy());
    if (!this.#isReady) socket?.destroy();
  }

  async #connect(): Promise<void> {
    const { farEnd, tie, up, down } = this.#options;
    const opened = await openStream(farEnd, { kind: "any" }, tie);
    const failed = (error: unknown): void => {
      if (this.#isClosed) return;
      this.#isReady = false;
      this.#socket = undefined;
      this.#failures++;
      down(error);
      const nominal = nominalBackoff(BACKOFF, this.#failures);
      this.#timer = setTimeout(
        () => void this.#connect(),
        randomInt(Math.round(nominal / 2), nominal + 1),
      );
    };
    if (!opened.ok) {
      failed(opened.error);
      return;
    }
    const socket = opened.value;
    if (this.#isClosed) {
      socket.destroy();
      return;
    }
    this.#socket = socket;
    let why: unknown;
    socket.setTimeout(CONNECT_TIME, () => socket.destroy(new Error("ETIMEDOUT")));
    socket.once(farEnd.tls ? "secureConnect" : "connect", () => {
      socket.setTimeout(0);
      socket.setKeepAlive(true, PROBE_AFTER);
      this.#isReady = true;
      this.#failures = 0;
      up();
      this.#flush();
    });
    // A log server has nothing to say; what it says is not kept.
    socket.resume();
    socket.on("drain", () => this.#flush());
    socket.on("error", (error) => {
      why = error;
    });
    socket.once("close", () => failed(why));
  }

  #flush(): void {
    const socket = this.#socket;
    while (socket && this.#isReady && this.#queue.length > 0 && socket.writableLength < UNSENT) {
      const line = this.#queue.shift();
      if (!line) return;
      socket.write(`${line.length} `);
      socket.write(line);
    }
  }
}
