/**
 * IKE as lines of text: messages with their payloads dissected, what the engine was told besides, what it asked for.
 * Prefixes and the words for packets are IOS's (debug crypto ikev2). Keys are in none of it: what a declaration says is
 * secret is only counted, and actions with keys show their SPI.
 */
import type { IkeAction } from "#ike/actions.ts";
import type { Path } from "#ike/connection.ts";
import type { IkeEngine } from "#ike/engine.ts";
import type { IkeInput, SessionId } from "#ike/inputs.ts";
import { dissectPayload, dissectSealed } from "#ike/message/dissect.ts";
import { exchangeName, notifyName } from "#ike/message/iana.ts";
import { formatIkeSpi, type IkeHeader, type Payload } from "#ike/message/message.ts";
import { decodeMessage } from "#ike/message/payload-chain.ts";
import type { TracedMessage } from "#ike/trace.ts";
import { toHex } from "#lib/bytes.ts";
import type { MonotonicMs } from "#lib/duration.ts";
import { formatEndpoint } from "#lib/ip.ts";
import type { DebugArea } from "#state/debug.ts";
import { addressOf, describeAction, type Said, surface } from "./debug-engines.ts";

/** Whom a session is with. */
interface Whom {
  readonly client: string;
  readonly peer: string;
}

/** Collects the messages of one call of the engine, and knows whose sessions are whose. */
export class IkeTrace {
  readonly #engine: IkeEngine;
  readonly #sessions = new Map<SessionId, Whom>();
  /** The last message of each session that was sent in clear. */
  readonly #lastClear = new Map<SessionId, string>();
  #messages: TracedMessage[] = [];

  constructor(engine: IkeEngine) {
    this.#engine = engine;
  }

  /** From now on; `now` is for the sessions that exist already. */
  begin(now: MonotonicMs): void {
    for (const { session, client, remote } of this.#engine.sessions(now))
      this.#sessions.set(session as SessionId, { client, peer: addressOf(remote) });
    this.#engine.tracer = (message) => this.#messages.push(message);
  }

  end(): void {
    this.#engine.tracer = undefined;
    this.#messages = [];
  }

  /** What was sealed and opened since the last time. */
  take(): readonly TracedMessage[] {
    const taken = this.#messages;
    this.#messages = [];
    return taken;
  }

  whom(session: SessionId | undefined): Whom | undefined {
    return session === undefined ? undefined : this.#sessions.get(session);
  }

  /** Our session with this initiator's SPI; undefined for none. */
  sessionOf({ spiInitiator }: IkeHeader, now: MonotonicMs): SessionId | undefined {
    const spi = formatIkeSpi(spiInitiator);
    const found = this.#engine.sessions(now).find((sa) => sa["spi-initiator"] === spi);
    return found?.session as SessionId | undefined;
  }

  learn(input: IkeInput): void {
    if (input.kind !== "initiate") return;
    const { session, connection, path } = input;
    this.#sessions.set(session, { client: connection.name, peer: path.remote.address });
  }

  /** True when exactly this was the last that went in clear; it is from now on. */
  isRepeated(session: SessionId, bytes: Uint8Array): boolean {
    const text = toHex(bytes);
    const isSame = this.#lastClear.get(session) === text;
    this.#lastClear.set(session, text);
    return isSame;
  }

  forget(session: SessionId): void {
    this.#sessions.delete(session);
    this.#lastClear.delete(session);
  }
}

/** Lines about one input of the engine and what came of it. */
export function describeIke(
  trace: IkeTrace,
  input: IkeInput,
  actions: readonly IkeAction[],
  now: MonotonicMs,
): readonly Said[] {
  trace.learn(input);
  const messages = trace.take();
  const said = [
    ...describeInput(trace, input, messages, now),
    ...messages
      .filter(({ direction }) => direction === "sent")
      .map(({ session, path, header, payloads }) =>
        packet(trace, "Sending", session, path, header, payloads),
      ),
    ...actions.flatMap((action) => describe(trace, action, messages)),
  ];
  for (const action of actions) if (action.kind === "session-down") trace.forget(action.session);
  return said;
}

function describeInput(
  trace: IkeTrace,
  input: IkeInput,
  messages: readonly TracedMessage[],
  now: MonotonicMs,
): readonly Said[] {
  switch (input.kind) {
    case "timeout":
    case "wall-clock":
    case "traffic":
      return [];
    case "datagram":
      return [received(trace, input, messages, now)];
    case "sa-expired":
    case "mapping-changed":
    case "sa-install-failed":
      return [{ area: "kernel", text: `XFRM:<- ${input.kind}${surface(input)}` }];
    default:
      return [about(trace, input.session, "ikev2", `<- ${input.kind}${surface(input)}`)];
  }
}

function received(
  trace: IkeTrace,
  { local, remote, bytes }: Extract<IkeInput, { readonly kind: "datagram" }>,
  messages: readonly TracedMessage[],
  now: MonotonicMs,
): Said {
  const path = { local, remote };
  const opened = messages.find(({ direction }) => direction === "received");
  if (opened) {
    const { session, header, payloads } = opened;
    return packet(trace, "Received", session, path, header, payloads);
  }
  const decoded = decodeMessage(bytes);
  if (!decoded.ok)
    return {
      area: "ikev2",
      peer: remote.address,
      text: `IKEv2-ERROR:from ${formatEndpoint(remote)}: ${decoded.error.message}`,
    };
  const message = decoded.value;
  const { header } = message;
  const session = trace.sessionOf(header, now);
  if (message.kind === "clear")
    return packet(trace, "Received", session, path, header, message.payloads);
  const text = `${packetHead("Received", path, header)}\n${dissectSealed(message)}`;
  return { ...about(trace, session, "ikev2", text), peer: remote.address };
}

function describe(
  trace: IkeTrace,
  action: IkeAction,
  messages: readonly TracedMessage[],
): readonly Said[] {
  switch (action.kind) {
    case "send":
      return sent(trace, action, messages);
    case "send-nat-keepalive":
      return [about(trace, action.session, "ikev2", "-> NAT keepalive")];
    case "install-sa": {
      const { spi, direction, source, destination } = action.sa;
      const text = `-> install-sa spi=0x${hex(spi)} direction=${direction} source=${formatEndpoint(source)} destination=${formatEndpoint(destination)}`;
      return [about(trace, action.session, "kernel", text)];
    }
    case "remove-sa": {
      const text = `-> remove-sa spi=0x${hex(action.spi)} direction=${action.direction}`;
      return [about(trace, action.session, "kernel", text)];
    }
    case "move-sas": {
      const { spis, path } = action;
      const text = `-> move-sas spis=[${spis.map(hex).join(" ")}] remote=${formatEndpoint(path.remote)}`;
      return [about(trace, action.session, "kernel", text)];
    }
    case "session-down": {
      const { code, message } = action.reason;
      return [about(trace, action.session, "ikev2", `-> session-down ${code}: ${message}`)];
    }
    case "event": {
      const { data } = action.event;
      const session = data["session"];
      const whom = typeof session === "number" ? (session as SessionId) : undefined;
      const { text, ...said } = describeAction("ikev2", action);
      return [{ ...said, text: text.replace(/^[^%]*/, sessionPrefix(whom)) }];
    }
    default:
      return [about(trace, action.session, "ikev2", `-> ${action.kind}`)];
  }
}

/** What was sealed in this call is told from its clear text already; the rest is clear itself, or sent again. */
function sent(
  trace: IkeTrace,
  { session, path, bytes }: Extract<IkeAction, { readonly kind: "send" }>,
  messages: readonly TracedMessage[],
): readonly Said[] {
  const decoded = decodeMessage(bytes);
  if (!decoded.ok) return [];
  const { header, payloads, kind } = decoded.value;
  if (kind === "clear" && !trace.isRepeated(session, bytes))
    return [packet(trace, "Sending", session, path, header, payloads)];
  const isTold = messages.some(
    (each) =>
      each.direction === "sent" &&
      each.header.messageId === header.messageId &&
      each.header.isResponse === header.isResponse,
  );
  if (isTold) return [];
  return [about(trace, session, "ikev2", packetHead("Sending again", path, header))];
}

function packet(
  trace: IkeTrace,
  verb: "Sending" | "Received",
  session: SessionId | undefined,
  path: Path,
  header: IkeHeader,
  payloads: readonly Payload[],
): Said {
  const text = [
    packetHead(verb, path, header),
    "Payload contents:",
    ` ${payloads.map(shortName).join(" ") || "none"}`,
    ...payloads.map((payload) => `  ${dissectPayload(payload)}`),
  ].join("\n");
  return { ...about(trace, session, "ikev2", text), peer: path.remote.address };
}

function packetHead(verb: string, { local, remote }: Path, header: IkeHeader): string {
  const [near, far] = [formatEndpoint(local), formatEndpoint(remote)];
  const ends = verb === "Received" ? `From ${far}/To ${near}` : `To ${far}/From ${near}`;
  const [initiator, responder] = [header.spiInitiator, header.spiResponder].map((spi) =>
    formatIkeSpi(spi).toUpperCase(),
  );
  return [
    `${verb} Packet [${ends}/VRF i0:f0]`,
    `Initiator SPI : ${initiator} - Responder SPI : ${responder} Message id: ${header.messageId}`,
    `IKEv2 ${exchangeName(header.exchange)} Exchange ${header.isResponse ? "RESPONSE" : "REQUEST"}`,
  ].join("\n");
}

/** IOS's: `SA KE N VID NOTIFY(COOKIE)`. */
function shortName(payload: Payload): string {
  switch (payload.type) {
    case "Notify":
      return `NOTIFY(${notifyName(payload.notify)})`;
    case "Nonce":
      return "N";
    case "VendorId":
      return "VID";
    default:
      return payload.type;
  }
}

function about(
  trace: IkeTrace,
  session: SessionId | undefined,
  area: DebugArea,
  text: string,
): Said {
  return { area, ...trace.whom(session), text: `${sessionPrefix(session)}${text}` };
}

/** IOS numbers sessions and SAs apart; here an SA has the number of its session. */
function sessionPrefix(session: SessionId | undefined): string {
  return session === undefined ? "IKEv2:" : `IKEv2:(SESSION ID = ${session},SA ID = ${session}):`;
}

const hex = (spi: number): string => spi.toString(16).padStart(8, "0");
