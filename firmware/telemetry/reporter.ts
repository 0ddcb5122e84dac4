/** What every observer outside has in common: a broker, a log server, a management station. */

import type { Socket } from "node:net";
import type { Backend } from "#api/backend.ts";
import type { ResolvedConfig } from "#config/resolved.ts";
import type { Endpoint } from "#lib/ip.ts";
import type { Log } from "#lib/log.ts";
import type { Result } from "#lib/result.ts";
import type { EventDraft } from "#state/event.ts";

/** Tells somebody outside what happens, until it is closed. It never throws past its start. */
export interface Reporter {
  /** Ends it in bounded time; what could not be delivered and may not be lost stays on flash. */
  close(): Promise<void>;
}

/** What a reporter works with. */
export interface ReporterContext {
  readonly backend: Backend;
  readonly log: Log;
  /** Folder of what outlives a reboot. */
  readonly stateDir: string;
  /** Takes an event about the reporter itself: who is told can't be reached, and why. */
  readonly record: (event: EventDraft) => void;
  readonly tie: TiedTcp;
}

/**
 * Begins a TCP connection that leaves by one interface only: its `connect` or `error` says what came of it.
 * @returns the errno of what failed at once.
 */
export type TiedTcp = (to: Endpoint, device: string) => Result<Socket, string>;

/** One kind of reporter: the part of the configuration that it goes by, and how it begins. */
export interface ReporterKind<Section = unknown> {
  readonly name: string;
  /** Undefined when nothing is to be reported. The reporter is begun anew whenever this changes. */
  section(config: ResolvedConfig): Section | undefined;
  /** Loads what it needs only now: a branch that reports to nobody pays for nothing. */
  start(section: Section, context: ReporterContext): Promise<Reporter>;
}
