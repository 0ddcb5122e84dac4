/**
 * One connection that a broker has accepted: publishes with QoS 1, hears one topic, and is over for good when it is
 * over. Who comes back after that, and with what, others decide. Source: MQTT 5, MQTT 3.1.1
 */
import type { Duplex } from "node:stream";
import { MqttClient } from "mqtt";
import type { Duration } from "#lib/duration.ts";
import { seconds } from "#lib/duration.ts";
import { failed, ok, type Result } from "#lib/result.ts";
import type { SecretBytes } from "#lib/secret.ts";
import { type BrokerFault, faultOf, refusal } from "./broker-fault.ts";
import { LARGEST_MESSAGE, PacketGate } from "./packet-gate.ts";

/** The versions, by their number on the wire: 5, and 4 for 3.1.1. */
export type MqttVersion = 4 | 5;

export interface SessionOptions {
  /** `host:port`, for the words of a fault. */
  readonly broker: string;
  readonly version: MqttVersion;
  readonly clientId: string;
  readonly username?: string;
  readonly password?: SecretBytes;
  readonly keepalive: Duration;
  /** Where `offline` is retained when the connection is lost. */
  readonly statusTopic: string;
  /** What to hear; absent: nothing. */
  readonly hear?: {
    readonly topic: string;
    readonly message: (payload: Uint8Array, isRetained: boolean) => void;
  };
  /** On its way to the broker; the session owns it. */
  readonly stream: Duplex;
  /** Told once that an accepted session is over. */
  readonly closed: (fault: BrokerFault) => void;
}

export interface BrokerSession {
  readonly version: MqttVersion;
  /** Messages that may wait for their acknowledgement at a time. */
  readonly window: number;
  /** The largest packet that the broker takes, bytes. */
  readonly largestPacket: number;
  /** The branch's own address of the connection. */
  readonly localAddress: string | undefined;
  /** Resolves when the broker has taken the message; rejects when the connection is over first, or it refuses. */
  publish(topic: string, payload: string, isRetained: boolean): Promise<void>;
  /** Ends it in good order when the broker answers, otherwise soon. */
  end(): Promise<void>;
  /** Ends it now; `closed` is told `fault`. */
  drop(fault: BrokerFault): void;
}

/** How long the broker may take to accept, TLS included. */
const ANSWER_TIME = seconds(20);
const FAREWELL_TIME = seconds(2);
/** What we let be in flight: enough for a long way, and bounded. */
const WINDOW = 64;

/** Speaks MQTT over `options.stream`. It never throws and never stays undecided. */
export function openSession(options: SessionOptions): Promise<Result<BrokerSession, BrokerFault>> {
  return new Promise((resolve) => {
    let isOpen = false;
    let isOver = false;
    let fault: BrokerFault | undefined;
    const mqtt = connect(options);
    const deadline = setTimeout(() => {
      fault ??= {
        code: "mqtt.no-answer",
        text: `${options.broker} does not answer (is it running?)`,
      };
      options.stream.destroy();
    }, ANSWER_TIME);
    guard(options.stream, (what) => {
      fault ??= { code: "mqtt.protocol", text: `${options.broker} breaks the protocol: ${what}` };
    });
    mqtt.on("error", (error) => {
      fault ??= faultOf(error, options.broker);
      options.stream.destroy();
    });
    mqtt.on("disconnect", ({ reasonCode }) => {
      fault ??= refusal(reasonCode ?? 0, options.broker);
    });
    mqtt.on("close", over);
    mqtt.on("connect", ({ properties }) => {
      clearTimeout(deadline);
      isOpen = true;
      resolve(
        ok(
          sessionOf(mqtt, options, properties ?? {}, (why) => {
            fault ??= why;
            options.stream.destroy();
          }),
        ),
      );
    });

    function over(): void {
      if (isOver) return;
      isOver = true;
      clearTimeout(deadline);
      mqtt.end(true);
      const closed: BrokerFault = fault ?? {
        code: "mqtt.closed",
        text: `${options.broker} closed the connection`,
        // MQTT 3.1.1 §3.1.2.2 lets an old broker close without a word when it does not know the version.
        isVersion: !isOpen,
      };
      if (isOpen) options.closed(closed);
      else resolve(failed(closed));
    }
  });
}

function connect(options: SessionOptions): MqttClient {
  const { version, clientId, username, password, keepalive, statusTopic, hear } = options;
  const mqtt = new MqttClient(() => options.stream, {
    protocolVersion: version,
    clientId,
    clean: true,
    keepalive: Math.ceil(keepalive / 1_000),
    reconnectPeriod: 0,
    connectTimeout: ANSWER_TIME,
    queueQoSZero: false,
    resubscribe: false,
    // Otherwise 65,536 small buffers are made and kept.
    writeCache: false,
    log: () => {},
    ...(username !== undefined && { username }),
    ...(password && { password: Buffer.from(password.reveal()) }),
    will: { topic: statusTopic, payload: Buffer.from("offline"), qos: 1, retain: true },
    ...(version === 5 && {
      properties: { receiveMaximum: 16, maximumPacketSize: LARGEST_MESSAGE, topicAliasMaximum: 0 },
    }),
  });
  if (hear) {
    mqtt.on("message", (topic, payload, packet) => {
      if (topic === hear.topic) hear.message(payload, packet.retain);
    });
  }
  return mqtt;
}

function guard(stream: Duplex, tell: (what: string) => void): void {
  const gate = new PacketGate();
  stream.prependListener("data", (bytes: Uint8Array) => {
    const what = gate.take(bytes);
    if (what === undefined) return;
    tell(what);
    stream.unpipe();
    stream.destroy();
  });
}

function sessionOf(
  mqtt: MqttClient,
  options: SessionOptions,
  properties: { receiveMaximum?: number; maximumPacketSize?: number },
  drop: (fault: BrokerFault) => void,
): BrokerSession {
  const { stream, hear, version, broker } = options;
  if (hear)
    mqtt.subscribe(hear.topic, { qos: 1 }, (error) => {
      if (error && mqtt.connected)
        drop({ code: "mqtt.not-authorized", text: `${broker} lets nobody hear ${hear.topic}` });
    });
  return {
    version,
    window: Math.min(WINDOW, properties.receiveMaximum ?? WINDOW),
    largestPacket: properties.maximumPacketSize ?? Number.POSITIVE_INFINITY,
    localAddress: "localAddress" in stream ? String(stream.localAddress) : undefined,
    publish: (topic, payload, retain) =>
      new Promise((resolve, reject) => {
        mqtt.publish(topic, payload, { qos: 1, retain }, (error) =>
          error ? reject(error) : resolve(),
        );
      }),
    end: () =>
      new Promise((resolve) => {
        const timer = setTimeout(() => stream.destroy(), FAREWELL_TIME);
        stream.once("close", () => {
          clearTimeout(timer);
          resolve();
        });
        if (stream.closed) resolve();
        else mqtt.end(false);
      }),
    drop,
  };
}
