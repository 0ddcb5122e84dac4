/**
 * Keeps a connection to the broker: tries, waits longer after each failure, goes back to MQTT 3.1.1 where a broker knows
 * no 5, and starts over when the way is another one. It says nothing to the broker itself.
 */
import { randomInt } from "node:crypto";
import { networkInterfaces } from "node:os";
import { nominalBackoff } from "#lib/backoff.ts";
import { minutes, seconds } from "#lib/duration.ts";
import type { Result } from "#lib/result.ts";
import type { TiedTcp } from "../reporter.ts";
import { type FarEnd, openStream, type Way } from "../tcp-way.ts";
import { type BrokerFault, faultOf } from "./broker-fault.ts";
import {
  type BrokerSession,
  type MqttVersion,
  openSession,
  type SessionOptions,
} from "./broker-session.ts";

export interface LinkOptions {
  readonly farEnd: FarEnd;
  /** What every session is made of, whatever the version and the way. */
  readonly session: Omit<SessionOptions, "version" | "stream" | "closed">;
  /** The way to take now, or why there is none. */
  readonly way: () => Result<Way, string>;
  readonly tie: TiedTcp;
  /** A session begins. */
  readonly up: (session: BrokerSession) => void;
  /** A session is over, or could not be had. `wasUp` tells the two apart. */
  readonly down: (fault: BrokerFault, wasUp: boolean) => void;
}

const BACKOFF = { initial: seconds(1), max: minutes(2) };
/** A session that lasted that long makes the next failure the first one again. */
const STEADY = minutes(1);
/** The shortest time between two attempts that a change of the way asks for. */
const SOON = 250;

export class BrokerLink {
  readonly #options: LinkOptions;
  #version: MqttVersion = 5;
  /** False once the broker has said that it speaks no MQTT 5. */
  #knowsFive = true;
  #session: BrokerSession | undefined;
  /** The way of the present session or attempt. */
  #way: Way | undefined;
  #failures = 0;
  #upSince = 0;
  #timer: NodeJS.Timeout | undefined;
  #isConnecting = false;
  #isClosed = false;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** Begins, and goes on until `close`. */
  start(): void {
    this.#retryIn(0);
  }

  /** Something happened that may open or close a way: a client went up or down. */
  wayChanged(): void {
    const way = this.#options.way();
    if (this.#session) {
      const fault = this.#lostWay(way);
      if (fault) this.#session.drop(fault);
    } else if (way.ok && !this.#isConnecting) {
      this.#failures = 0;
      this.#retryIn(SOON);
    }
  }

  /** Ends the session in good order; nothing begins any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#session?.end();
  }

  #retryIn(wait: number): void {
    if (this.#isClosed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#attempt(), wait);
  }

  async #attempt(): Promise<void> {
    const way = this.#options.way();
    if (!way.ok) {
      // `wayChanged` comes when there is one.
      this.#options.down({ code: "mqtt.no-tunnel", text: `nothing is sent: ${way.error}` }, false);
      return;
    }
    this.#isConnecting = true;
    this.#way = way.value;
    const result = await this.#open(way.value);
    this.#isConnecting = false;
    if (!result.ok) {
      this.#failed(result.error, false);
      return;
    }
    if (this.#isClosed) {
      await result.value.end();
      return;
    }
    this.#session = result.value;
    this.#upSince = performance.now();
    this.#options.up(result.value);
  }

  async #open(way: Way): Promise<Result<BrokerSession, BrokerFault>> {
    const { farEnd, tie, session } = this.#options;
    const stream = await openStream(farEnd, way, tie);
    if (!stream.ok) return { ok: false, error: faultOf(stream.error, session.broker) };
    return await openSession({
      ...session,
      version: this.#version,
      stream: stream.value,
      closed: (fault) => this.#failed(fault, true),
    });
  }

  #failed(fault: BrokerFault, wasUp: boolean): void {
    this.#session = undefined;
    if (this.#isClosed) return;
    if (!wasUp && fault.isVersion && this.#version === 5) {
      this.#knowsFive = fault.code !== "mqtt.version";
      this.#version = 4;
      this.#retryIn(0);
      return;
    }
    // A broker that only hung up may have had other reasons: the next time it is asked again.
    if (this.#knowsFive) this.#version = 5;
    if (wasUp && performance.now() - this.#upSince > STEADY) this.#failures = 0;
    this.#failures++;
    this.#options.down(fault, wasUp);
    const nominal = nominalBackoff(BACKOFF, this.#failures);
    this.#retryIn(randomInt(Math.round(nominal / 2), nominal + 1));
  }

  /** Why the session can't go on: its tunnel or its address is gone. */
  #lostWay(way: Result<Way, string>): BrokerFault | undefined {
    if (!way.ok) return { code: "mqtt.no-tunnel", text: `nothing is sent: ${way.error}` };
    const { localAddress } = this.#session ?? {};
    const isSame = JSON.stringify(way.value) === JSON.stringify(this.#way);
    const isThere = localAddress === undefined || ownAddresses().has(localAddress);
    return isSame && isThere
      ? undefined
      : { code: "mqtt.address-gone", text: "the connection went with its address or tunnel" };
  }
}

function ownAddresses(): ReadonlySet<string> {
  return new Set(
    Object.values(networkInterfaces()).flatMap((all) => all?.map((one) => one.address) ?? []),
  );
}
