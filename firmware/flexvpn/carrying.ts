/**
 * What goes with a session from the moment it carries the client's traffic: the state, the event, and what its hub told of
 * networks and gateways.
 */
import type { EventSubject } from "#state/event.ts";
import type { ClientMemory } from "./client-memory.ts";
import type { ClientContext } from "./context.ts";
import { dialedInterface } from "./dialing.ts";
import { afterDownload } from "./peer-list.ts";
import { networksOf } from "./protected-networks.ts";
import type { Standby } from "./standby.ts";
import type { OpenSession, ReadySession } from "./states.ts";
import { routesLeftOut } from "./tunnel-routes.ts";

/** Has sessions of one client carry its traffic. */
export class Carrying {
  readonly #memory: ClientMemory;
  readonly #context: ClientContext;
  readonly #standby: Standby;

  constructor(memory: ClientMemory, context: ClientContext, standby: Standby) {
    this.#memory = memory;
    this.#context = context;
    this.#standby = standby;
  }

  /** From here on this session carries the client's traffic. */
  carryBy({ open, outcome, underlay }: ReadySession, cause: EventSubject): void {
    const memory = this.#memory;
    memory.attempts = 0;
    memory.level = 0;
    memory.failures.delete(open.peer.key);
    memory.enter({ status: "up", open, outcome, ...(underlay === undefined ? {} : { underlay }) });
    memory.event(memory.tell.up(open, outcome, cause));
    memory.learn(networksOf(outcome));
    this.#download(open, outcome.backupServers);
    if (open.source !== this.#dialedInterface) memory.needsDialer = false;
    const leftOut = memory.config.routes.accept ? routesLeftOut(outcome, underlay) : [];
    if (leftOut.length > 0) memory.event(memory.tell.routeLeftOut(open, leftOut));
  }

  /** @returns true when a standby carries the traffic now. */
  takeOver(): boolean {
    const memory = this.#memory;
    const ready = this.#standby.release();
    if (!ready) return false;
    memory.redirectTo(undefined);
    this.carryBy(ready, memory.subject);
    return true;
  }

  get #dialedInterface(): string | undefined {
    const { dialer } = this.#memory.config;
    return dialer === undefined ? undefined : dialedInterface(dialer, this.#context.dialers);
  }

  #download(open: OpenSession, pushed: readonly string[] | undefined): void {
    const memory = this.#memory;
    if (memory.config.downloadedBackups === "ignore") return;
    const gateways = afterDownload(memory.downloaded, pushed, open);
    if (gateways.join() === memory.downloaded.join()) return;
    memory.downloaded = gateways;
    memory.listPeers();
    memory.remember();
    memory.event(memory.tell.downloaded(open, gateways));
  }
}
