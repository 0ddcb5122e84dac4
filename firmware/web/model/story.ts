/**
 * Events as stories: what was lost, why, what was tried, and what carries the traffic now. Each event names the one that
 * caused it in `data.cause`; a story follows these from the loss back to its first cause and onward to the new connection.
 */
import type { StoredEvent } from "#state/document.ts";
import type { Tone } from "./glance.ts";
import { capital } from "./words.ts";

export type StoryKind =
  /** The first connection, or one after the client was switched off. */
  | "connected"
  /** Another peer or source carries the traffic. */
  | "failover"
  /** A better peer or source does again. */
  | "return"
  /** The same one does again. */
  | "reconnected"
  /** Nothing does yet. */
  | "outage"
  /** Nobody wants it to. */
  | "stopped";

export interface StoryStep {
  readonly event: StoredEvent;
  readonly text: string;
  readonly tone: Tone;
  /** Milliseconds after the first step. */
  readonly offset: number;
}

export interface Story {
  readonly kind: StoryKind;
  readonly client: string;
  readonly tone: Tone;
  readonly title: string;
  /** The first cause, one sentence. */
  readonly because: string | undefined;
  readonly began: string;
  /** Milliseconds between the loss and the new connection; undefined while there is none, or nothing was lost. */
  readonly gap: number | undefined;
  readonly isOver: boolean;
  readonly steps: readonly StoryStep[];
}

const UP = "FLEXVPN-6-FLEXVPN_CONNECTION_UP";
const DOWN = "FLEXVPN-6-FLEXVPN_CONNECTION_DOWN";
const RETURN = "FLEXSPOKE-5-RETURN";
const REQUEST = "FLEXSPOKE-5-CLIENT_REQUEST";
/** What belongs to an attempt, and so to the story of the connection that it led to. */
const attempts =
  /CONNECTING|NEG_ABORT|ATTEMPT_FAILED|UNRESOLVED|BACKOFF|GAVE_UP|SOURCE_|NO_PEER|TRACK_GATE|SA_UP|DIAL|REDIRECTED|NAT_DETECTED|CLIENT_REQUEST/;

/** The stories of every client, the newest first. @param events in the order of their ids. */
export function storiesOf(events: readonly StoredEvent[]): readonly Story[] {
  const clients = new Set(events.flatMap(({ client }) => client ?? []));
  const byId = new Map(events.map((event) => [event.id, event]));
  const stories = [...clients].flatMap((client) => storiesOfClient(events, byId, client));
  return stories.sort((a, b) => lastId(b) - lastId(a));
}

/** What led to an event, the nearest cause first; it ends where the causes are not known any more. */
export function causesOf(
  event: StoredEvent,
  byId: ReadonlyMap<number, StoredEvent>,
  after = 0,
): readonly StoredEvent[] {
  const found: StoredEvent[] = [];
  for (let at = causeOf(event, byId); at && at.id > after; at = causeOf(at, byId)) found.push(at);
  return found;
}

/** The sentence of an event without the name that its place on the page says already. */
export function sentenceOf({ message, client }: StoredEvent): string {
  const bare = client === undefined ? message : withoutName(message, client);
  return capital(bare);
}

/** What an event's severity means in colour. */
export function severityTone(severity: string): Tone {
  if (/^(emergency|alert|critical|error)$/.test(severity)) return "bad";
  return severity === "warning" ? "wait" : "calm";
}

/** Follows one client through its events; a story is open from a loss, or from a first attempt, to a connection. */
function storiesOfClient(
  events: readonly StoredEvent[],
  byId: ReadonlyMap<number, StoredEvent>,
  client: string,
): readonly Story[] {
  const stories: Story[] = [];
  let steps: StoredEvent[] = [];
  let lost: StoredEvent | undefined;
  let before: StoredEvent | undefined;
  let closedAt = 0;
  const close = (end: StoredEvent | undefined): void => {
    stories.push(told(client, steps, lost, before, end));
    closedAt = steps.at(-1)?.id ?? closedAt;
    steps = [];
    lost = undefined;
  };
  for (const event of events) {
    if (event.client !== client) continue;
    if (event.mnemonic === DOWN) {
      lost = event;
      steps = inOrder([...causesOf(event, byId, closedAt), event]);
      if (isWanted(steps)) close(undefined);
    } else if (event.mnemonic === UP) {
      steps = inOrder([...steps, ...causesOf(event, byId, closedAt), event]);
      close(event);
      before = event;
    } else if (lost || (attempts.test(event.mnemonic) && !before)) {
      steps = inOrder([...steps, event]);
    }
  }
  if (lost) close(undefined);
  else if (!before && steps.length > 0) close(undefined);
  return stories;
}

/** The loss was asked for and nothing is to follow: an operator disconnected, or a track object stood it down. */
function isWanted(steps: readonly StoredEvent[]): boolean {
  return steps.some(
    ({ mnemonic, data }) =>
      (mnemonic === REQUEST && data["request"] === "disconnect") ||
      (mnemonic === "FLEXSPOKE-5-TRACK_GATE" && data["connects"] === false) ||
      mnemonic === "FLEXSPOKE-5-STOPPED",
  );
}

function told(
  client: string,
  steps: readonly StoredEvent[],
  lost: StoredEvent | undefined,
  before: StoredEvent | undefined,
  end: StoredEvent | undefined,
): Story {
  const kind = kindOf(steps, lost, end);
  const first = steps[0];
  const began = first?.time ?? "";
  const start = Date.parse(began);
  return {
    kind,
    client,
    tone: tones[kind],
    title: titleOf(kind, steps, lost ?? before, end),
    because: becauseOf(kind, steps, lost),
    began,
    gap: lost && end ? Date.parse(end.time) - Date.parse(lost.time) : undefined,
    isOver: end !== undefined || kind === "stopped",
    steps: steps.map((event) => ({
      event,
      text: sentenceOf(event),
      tone: stepTone(event),
      offset: Date.parse(event.time) - start,
    })),
  };
}

const tones: Readonly<Record<StoryKind, Tone>> = {
  connected: "good",
  failover: "wait",
  return: "good",
  reconnected: "wait",
  outage: "bad",
  stopped: "calm",
};

function kindOf(
  steps: readonly StoredEvent[],
  lost: StoredEvent | undefined,
  end: StoredEvent | undefined,
): StoryKind {
  if (lost && !end) return isWanted(steps) ? "stopped" : "outage";
  if (!end) return "outage";
  if (!lost) return "connected";
  if (steps.some(({ mnemonic }) => mnemonic === RETURN)) return "return";
  const isSame = ["address", "source"].every((name) => lost.data[name] === end.data[name]);
  return isSame ? "reconnected" : "failover";
}

function titleOf(
  kind: StoryKind,
  steps: readonly StoredEvent[],
  lost: StoredEvent | undefined,
  end: StoredEvent | undefined,
): string {
  const to = wayOf(end);
  const from = wayOf(lost);
  const asked = steps.find(({ mnemonic }) => mnemonic === REQUEST);
  switch (kind) {
    case "connected":
      return `Connected to ${to.peer}`;
    case "return":
      return from.peer === to.peer ? `Went back to ${to.source}` : `Went back to ${to.peer}`;
    case "reconnected":
      return asked ? `${requestText(asked)}, connected again` : `Reconnected to ${to.peer}`;
    case "failover":
      if (asked) return `${requestText(asked)}, now ${to.peer}`;
      return from.peer === to.peer
        ? `Moved from ${from.source} to ${to.source}`
        : `Failed over from ${from.peer} to ${to.peer}`;
    case "outage":
      return lost && steps.includes(lost) ? `Lost ${from.peer}` : "No connection so far";
    case "stopped":
      return asked ? requestText(asked) : `Left ${from.peer}`;
  }
}

const pasts: Readonly<Record<string, string>> = {
  connect: "Connect asked for",
  disconnect: "Disconnected",
  clear: "Cleared",
  switch: "Switched",
};

function requestText({ data }: StoredEvent): string {
  const { request, by } = data;
  const what = pasts[String(request)] ?? String(request);
  return typeof by === "string" ? `${what} by ${by}` : what;
}

function wayOf(event: StoredEvent | undefined): { peer: string; source: string } {
  const source = event?.data["source"];
  return {
    peer: event?.peer ?? "the hub",
    source: typeof source === "string" ? source : "another source",
  };
}

/** The first cause of the loss, or of there being no connection, in a sentence. */
function becauseOf(
  kind: StoryKind,
  steps: readonly StoredEvent[],
  lost: StoredEvent | undefined,
): string | undefined {
  const fault = steps.findLast(({ severity }) => severityTone(severity) !== "calm");
  const why = lost ? rootOf(steps, lost) : kind === "outage" ? fault : undefined;
  return why && sentenceOf(why);
}

/** The first cause of the loss; the loss itself when nothing is known of what led to it. */
function rootOf(steps: readonly StoredEvent[], lost: StoredEvent): StoredEvent {
  const request = steps.find(({ mnemonic }) => mnemonic === RETURN || mnemonic === REQUEST);
  return request ?? steps.find(({ id }) => id <= lost.id) ?? lost;
}

function stepTone(event: StoredEvent): Tone {
  if (event.mnemonic === UP) return "good";
  if (event.mnemonic === DOWN) return "bad";
  return severityTone(event.severity);
}

function causeOf(
  event: StoredEvent,
  byId: ReadonlyMap<number, StoredEvent>,
): StoredEvent | undefined {
  const cause = event.data["cause"];
  const found = typeof cause === "number" ? byId.get(cause) : undefined;
  // A cause is older than what it led to; anything else would go round in circles.
  return found && found.id < event.id ? found : undefined;
}

function inOrder(events: readonly StoredEvent[]): StoredEvent[] {
  return [...new Map(events.map((event) => [event.id, event])).values()].sort(
    (a, b) => a.id - b.id,
  );
}

const lastId = ({ steps }: Story): number => steps.at(-1)?.event.id ?? 0;

function withoutName(message: string, client: string): string {
  const tunnel = `FlexVPN(${client}) `;
  if (message.startsWith(tunnel)) return `the tunnel ${message.slice(tunnel.length)}`;
  const name = `${client}: `;
  return message.startsWith(name) ? message.slice(name.length) : message;
}
