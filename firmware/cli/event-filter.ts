/** Which events `monitor --filter` lets through. */
import type { StoredEvent } from "#state/document.ts";
import { CliFault, exitStatus } from "./fault.ts";
import { eventLine } from "./show/events.ts";

export type EventFilter = (event: StoredEvent) => boolean;

/**
 * Reads filters; an event must pass all of them. `client=NAME`, `peer=ADDRESS`, `mnemonic=BEGINNING`, `severity=NAME`
 * (that and worse), or a regular expression for the line as it is printed.
 * @throws {CliFault} for one that is none.
 */
export function eventFilter(texts: readonly string[]): EventFilter {
  const filters = texts.map(one);
  return (event) => filters.every((passes) => passes(event));
}

function one(text: string): EventFilter {
  const [, key = "", value = ""] = /^([a-z]+)=(.*)$/.exec(text) ?? [];
  switch (key) {
    case "client":
      return (event) => event.client === value;
    case "peer":
      return (event) => event.peer !== undefined && isPeer(event.peer, value);
    case "mnemonic":
      return (event) => event.mnemonic.startsWith(value.toUpperCase());
    case "severity":
      return atLeast(value);
    default:
      return matching(text);
  }
}

/** Events name a peer with its port or without. */
function isPeer(peer: string, wanted: string): boolean {
  return peer === wanted || peer.startsWith(`${wanted}:`) || peer.startsWith(`[${wanted}]`);
}

function atLeast(name: string): EventFilter {
  const limit = severities.findIndex((each) => name !== "" && each.startsWith(name));
  if (limit < 0)
    throw new CliFault(
      exitStatus.usage,
      `no severity is called ${JSON.stringify(name)} (there is ${severities.join(", ")})`,
    );
  return ({ severity }) => severities.indexOf(severity) <= limit;
}

function matching(text: string): EventFilter {
  try {
    const pattern = new RegExp(text);
    return (event) => pattern.test(eventLine(event));
  } catch {
    throw new CliFault(
      exitStatus.usage,
      `not a filter: ${text} (give client=, peer=, mnemonic=, severity= or a regular expression)`,
    );
  }
}

/** RFC 5424 §6.2.1, most severe first. */
const severities: readonly string[] = [
  "emergency",
  "alert",
  "critical",
  "error",
  "warning",
  "notice",
  "informational",
  "debug",
];
