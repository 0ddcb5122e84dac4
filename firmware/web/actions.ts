/** What a reader can ask of a client, and what came of it. */
import { signal } from "@preact/signals";
import { call } from "./api-calls.ts";
import { look } from "./live.ts";
import type { Tone } from "./model/glance.ts";

export interface Action {
  /** Below `/clients/NAME`. */
  readonly path: string;
  readonly body?: unknown;
  readonly label: string;
  /** What it does, one sentence. */
  readonly explains: string;
  /** It cuts or moves traffic: asked before it is done. */
  readonly warning?: string;
  /** Past tense, for the notice. */
  readonly done: string;
}

export const actions = {
  connect: {
    path: "connect",
    label: "Connect",
    explains: "Connects to the first peer that can be used.",
    done: "Connecting",
  },
  disconnect: {
    path: "disconnect",
    label: "Disconnect",
    explains: "Takes the tunnel down; it stays down until somebody connects it again.",
    warning: "Traffic to the protected networks stops until somebody connects it again.",
    done: "Disconnected",
  },
  clear: {
    path: "clear",
    label: "Clear",
    explains: "Takes the tunnel down, forgets what was learnt and begins with the first peer.",
    warning: "Traffic to the protected networks stops for a moment while it connects anew.",
    done: "Cleared",
  },
  switch: {
    path: "switch",
    label: "Switch to standby",
    explains: "The session that stands by takes over the traffic at once.",
    warning:
      "The traffic moves to the other hub; connections through the tunnel may have to begin anew.",
    done: "Switched",
  },
  rekeyIke: {
    path: "rekey",
    body: { what: "ike" },
    label: "Rekey IKE SA",
    explains: "Makes new keys for the IKE SA; no traffic is lost.",
    done: "IKE SA rekey asked for",
  },
  rekeyChild: {
    path: "rekey",
    body: { what: "child" },
    label: "Rekey Child SA",
    explains: "Makes new keys for the traffic; none is lost.",
    done: "Child SA rekey asked for",
  },
  rehearse: {
    path: "rehearse",
    label: "Rehearse",
    explains: "Tries every peer over every source up to authentication, moving no traffic.",
    done: "Rehearsal begun",
  },
} as const satisfies Readonly<Record<string, Action>>;

export interface Notice {
  readonly tone: Tone;
  readonly text: string;
}

/** What came of the last action; it goes by itself when it was good. */
export const notice = signal<Notice | undefined>(undefined);
let going: ReturnType<typeof setTimeout> | undefined;

/** Asks for it and says what came of it. */
export async function perform(client: string, action: Action): Promise<void> {
  const answer = await call<{ event: number }>(
    `/clients/${encodeURIComponent(client)}/${action.path}`,
    "POST",
    action.body ?? {},
  );
  if (answer.is === "ok") tell({ tone: "good", text: `${client}: ${action.done}.` });
  else if (answer.is === "refused") tell({ tone: "bad", text: answer.message });
  else if (answer.is === "away") tell({ tone: "bad", text: "The router can't be reached." });
  else tell({ tone: "wait", text: "Log in again to do this." });
  await look();
}

/** Shows a notice. */
export function tell(what: Notice): void {
  notice.value = what;
  clearTimeout(going);
  if (what.tone === "good")
    going = setTimeout(() => {
      notice.value = undefined;
    }, 6_000);
}
