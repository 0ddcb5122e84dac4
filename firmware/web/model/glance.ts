/** What one look should tell: is the branch connected, through what, and what needs somebody. */
import type { ClientState, ClientStatus, StateDocument } from "#state/document.ts";
import { plural } from "./words.ts";

/** What a colour means: it works, it waits, it is at work, it is broken, nobody wants it. */
export type Tone = "good" | "wait" | "busy" | "bad" | "calm";

export interface Glance {
  readonly tone: Tone;
  /** Two or three words. */
  readonly headline: string;
  /** How a sentence goes on after the client's name: `is connected`. */
  readonly verb: string;
}

const words: Readonly<Record<ClientStatus, Glance>> = {
  up: { tone: "good", headline: "Connected", verb: "is connected" },
  idle: { tone: "calm", headline: "Switched off", verb: "is switched off" },
  tracking: { tone: "wait", headline: "Waiting", verb: "waits" },
  dialing: { tone: "busy", headline: "Dialling", verb: "dials" },
  resolving: { tone: "busy", headline: "Connecting", verb: "looks up a name" },
  connecting: { tone: "busy", headline: "Connecting", verb: "connects" },
  authenticating: { tone: "busy", headline: "Authenticating", verb: "authenticates" },
  backoff: { tone: "bad", headline: "Not connected", verb: "is not connected" },
  failed: { tone: "bad", headline: "Gave up", verb: "gave up" },
};

/** A client in one look. */
export function glanceAt(client: ClientState): Glance {
  const glance = words[client.state];
  const isFlawed = client.state === "up" && client["reason-code"] !== undefined;
  return isFlawed ? { ...glance, tone: "wait", headline: "Connected, with a fault" } : glance;
}

/** The branch as a whole: as its worst client, but those nobody wants. */
export function glanceAtBranch(document: StateDocument): Glance & { readonly detail: string } {
  const all = Object.entries(document.clients);
  const wanted = all.filter(([, client]) => client.state !== "idle");
  const up = wanted.filter(([, client]) => client.state === "up");
  const detail =
    all.length === 0
      ? "No client is configured."
      : `${up.length} of ${plural(wanted.length, "client")} connected`;
  const order: readonly Tone[] = ["bad", "wait", "busy", "good", "calm"];
  const [worst] = wanted
    .map(([, client]) => glanceAt(client))
    .sort((a, b) => order.indexOf(a.tone) - order.indexOf(b.tone));
  return { ...(worst ?? words.idle), detail };
}

/** Something that somebody should look at, with the view that tells more. */
export interface Concern {
  readonly tone: Tone;
  readonly text: string;
  readonly view: string;
}

/** What needs attention, the worst first; empty when all is well. */
export function concerns({ clients, system, dialers }: StateDocument): readonly Concern[] {
  const found: Concern[] = [];
  for (const [name, client] of Object.entries(clients)) {
    const broken = client.rehearsal.results.filter(({ works, reason }) => !works && reason);
    for (const way of broken)
      found.push({
        tone: "wait",
        text: `${way.host}${way.source ? ` from ${way.source}` : ""} would not work if ${name} needed it: ${way.reason}`,
        view: `connection/${name}`,
      });
  }
  for (const [name, line] of Object.entries(dialers))
    if (line.state === "backoff" || line.state === "resetting")
      found.push({ tone: "wait", text: `Line ${name}: ${line.reason}`, view: "lines" });
  for (const text of system.faults) found.push({ tone: "bad", text, view: "system" });
  return found.sort((a, b) => (a.tone === b.tone ? 0 : a.tone === "bad" ? -1 : 1));
}
