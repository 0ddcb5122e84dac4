/** RFC 5424 §6.2.1 names, most severe first. */
export type Severity =
  | "emergency"
  | "alert"
  | "critical"
  | "error"
  | "warning"
  | "notice"
  | "informational"
  | "debug";

/**
 * What an event is about, as a name that engines can form without knowing event ids: `client:hq`, `session:5`. Naming a
 * subject as the cause means the latest event about it.
 */
export type EventSubject = string & { readonly __brand: "EventSubject" };

export const clientSubject = (client: string): EventSubject => `client:${client}` as EventSubject;
export const sessionSubject = (session: number): EventSubject =>
  `session:${session}` as EventSubject;
export const interfaceSubject = (name: string): EventSubject => `interface:${name}` as EventSubject;
export const trackSubject = (name: string): EventSubject => `track:${name}` as EventSubject;
export const slaSubject = (operation: string): EventSubject => `sla:${operation}` as EventSubject;
export const dialerSubject = (name: string): EventSubject => `dialer:${name}` as EventSubject;
/** The daemon itself: its start, its configuration, its end. */
export const daemonSubject = "daemon" as EventSubject;
/** The clock of the machine. */
export const clockSubject = "clock" as EventSubject;
/** The page and the local API over TCP: who logged in. */
export const webSubject = "web" as EventSubject;

/**
 * What an engine says happened, before it is given an id and a time. `message` is one sentence for an operator: what
 * happened and, for a fault, what to do. `data` is JSON: no bigint, no bytes, no secrets.
 */
export interface EventDraft {
  readonly severity: Severity;
  /** From `state/mnemonics.ts`. */
  readonly mnemonic: string;
  readonly client?: string;
  readonly peer?: string;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** What this event is about; later events may name any of them as their cause. */
  readonly subjects?: readonly EventSubject[];
  /** The latest event about this subject is what led to this one; becomes `data.cause`, an event id. */
  readonly cause?: EventSubject;
}
