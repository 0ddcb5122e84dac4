/**
 * What engines are told and what they ask for, as lines of text. Shows words, numbers and addresses at the surface of an
 * input or action and passes over everything that has parts: configurations, keys and outcomes stay out by that.
 */
import type { DebugArea, DebugLine } from "#state/debug.ts";

/** A line without its time. */
export type Said = Omit<DebugLine, "time">;

/** An input or action of any engine. */
interface Thing {
  readonly kind: string;
}

/** Lines about one input of an engine and what came of it. @param part folder of the engine. */
export function describeEngine(
  part: string,
  input: unknown,
  actions: readonly unknown[],
): readonly Said[] {
  const area = areas[part];
  if (area === undefined) return [];
  const said = actions.map((action) => describeAction(area, action as Thing));
  // A deadline that changes nothing is no news.
  const { kind } = input as Thing;
  return kind === "timeout" && said.length === 0
    ? []
    : [describeThing(area, "<-", input as Thing), ...said];
}

/** One action: an event by its message, everything else by its surface. */
export function describeAction(area: DebugArea, action: Thing): Said {
  if (action.kind === "event") {
    const { event } = action as unknown as { readonly event: Event };
    const { client, peer } = event;
    return {
      area,
      ...(client !== undefined && { client }),
      ...(peer !== undefined && { peer: addressOf(peer) }),
      text: `${prefix(area, client)}%${event.mnemonic}: ${event.message}`,
    };
  }
  const isKernels = action.kind === "plan" || action.kind === "drop-plan";
  return describeThing(isKernels ? "kernel" : area, "->", action);
}

interface Event {
  readonly client?: string;
  readonly peer?: string;
  readonly mnemonic: string;
  readonly message: string;
}

function describeThing(area: DebugArea, arrow: string, thing: Thing): Said {
  const client = clientOf(thing);
  return {
    area,
    ...(client !== undefined && { client }),
    text: `${prefix(area, client)}${arrow} ${thing.kind}${surface(thing)}`,
  };
}

/** Fields that say something in a word; nothing of what lies deeper. */
export function surface(thing: Thing): string {
  return Object.entries(thing)
    .filter(([key]) => key !== "kind")
    .flatMap(([key, value]) => {
      const text = shownValue(value);
      return text === undefined ? [] : [` ${key}=${text}`];
    })
    .join("");
}

function shownValue(value: unknown): string | undefined {
  switch (typeof value) {
    case "string":
      return /^[\w.:/@%*+-]+$/.test(value) ? value : JSON.stringify(value);
    case "number":
    case "bigint":
    case "boolean":
      return String(value);
    case "object":
      return Array.isArray(value) && value.length <= MOST_ITEMS && value.every(isWord)
        ? `[${value.join(" ")}]`
        : endpointText(value);
    default:
      return undefined;
  }
}

const isWord = (value: unknown): boolean => typeof value === "string" || typeof value === "number";

function endpointText(value: object | null): string | undefined {
  if (value === null || !("address" in value) || !("port" in value)) return undefined;
  return `${String(value.address)}:${String(value.port)}`;
}

function clientOf(thing: Thing): string | undefined {
  if ("client" in thing && typeof thing.client === "string") return thing.client;
  if (!("intent" in thing)) return undefined;
  return (thing.intent as { readonly client?: string }).client;
}

/** `203.0.113.1` of `203.0.113.1:4500` and `[2001:db8::1]:4500`. */
export function addressOf(endpoint: string): string {
  const [, bracketed, plain] = /^(?:\[(.*)\]|([^:]*)):\d+$/.exec(endpoint) ?? [];
  return bracketed ?? plain ?? endpoint;
}

function prefix(area: DebugArea, client: string | undefined): string {
  const { name } = prefixes[area];
  return client === undefined ? `${name}:` : `${name}(${client}):`;
}

const prefixes: Readonly<Record<DebugArea, { readonly name: string }>> = {
  ikev2: { name: "IKEv2" },
  client: { name: "FlexVPN" },
  track: { name: "TRACK" },
  sla: { name: "IP SLA" },
  dial: { name: "DIALER" },
  kernel: { name: "XFRM" },
};

const areas: Readonly<Record<string, DebugArea>> = {
  flexvpn: "client",
  track: "track",
  sla: "sla",
  dial: "dial",
  guard: "client",
};

/** A longer list is no word. */
const MOST_ITEMS = 16;
