/**
 * The moves that the table of `states.ts` names: what a client does when something happens to it. How an attempt goes is
 * in `attempts.ts`.
 * Source: IOS crypto ikev2 client flexvpn; clear, connect; reference behaviour after a loss.
 */
import { after, type Duration, elapsed, formatDuration, minutes, seconds } from "#lib/duration.ts";
import { invariant } from "#lib/invariant.ts";
import { daemonSubject, type EventSubject, sessionSubject } from "#state/event.ts";
import type { Attempts } from "./attempts.ts";
import type { Beside } from "./beside.ts";
import { Carrying } from "./carrying.ts";
import { describePeer, isToldAlready, sentence } from "./client-events.ts";
import type { ClientMemory } from "./client-memory.ts";
import type { ClientContext } from "./context.ts";
import type { TunnelFault } from "./inputs.ts";
import { roundFrom, roundFromTop, roundWithout } from "./rounds.ts";
import type { Moves, OpenSession, Trigger, Why } from "./states.ts";

type On<Name extends Trigger["on"]> = Extract<Trigger, { on: Name }>;

/** The moves of one client. */
export class ClientMoves implements Moves {
  readonly #memory: ClientMemory;
  readonly #attempts: Attempts;
  readonly #carrying: Carrying;
  readonly #beside: Beside;

  constructor(memory: ClientMemory, attempts: Attempts, context: ClientContext, beside: Beside) {
    this.#memory = memory;
    this.#attempts = attempts;
    this.#carrying = new Carrying(memory, context, beside.standby);
    this.#beside = beside;
  }

  begin(): void {
    this.#memory.isStarted = true;
    this.#memory.startedAt = this.#memory.now;
    this.#memory.because = daemonSubject;
    this.#attempts.begin();
  }

  connect(trigger: On<"connect">): void {
    this.#memory.demand = "connect";
    this.#request("connect", trigger.by, "starts with its first peer");
    this.#memory.forgetFailures();
    this.#attempts.begin();
  }

  acknowledge(trigger: On<"connect">): void {
    this.#memory.demand = "connect";
    const isUp = this.#memory.state.status === "up";
    this.#request("connect", trigger.by, `it is ${isUp ? "up" : "connecting"} already`);
  }

  disconnect(trigger: On<"disconnect">): void {
    const memory = this.#memory;
    memory.demand = "disconnect";
    this.#request("disconnect", trigger.by, "stays down until `connect` or `clear`");
    memory.close({ message: `disconnected by ${trigger.by}` }, memory.subject, true);
    this.#attempts.rest(`disconnected by ${trigger.by}; \`connect\` starts it again`);
  }

  clear(trigger: On<"clear">): void {
    const memory = this.#memory;
    memory.demand = "configured";
    memory.learnsAnew = true;
    this.#beside.reactivation.forgive();
    const isTracked = typeof memory.config.connect === "object";
    const waits = isTracked ? "waits for its track object" : "waits for `connect`";
    const effect = memory.isWanted ? "selects a peer anew" : waits;
    this.#request("clear", trigger.by, effect);
    this.#restart({ message: `cleared by ${trigger.by}` });
  }

  switchOver(trigger: On<"switch">): void {
    const memory = this.#memory;
    const ready = this.#beside.standby.release();
    const effect = ready
      ? `${describePeer(ready.open)} takes over`
      : "nothing stands by, so it stays where it is";
    this.#request("switch", trigger.by, effect);
    if (!ready) return;
    memory.redirectTo(undefined);
    memory.close({ message: `switched by ${trigger.by}` }, memory.subject, true);
    this.#carrying.carryBy(ready, memory.subject);
  }

  useAddresses(trigger: On<"resolved">): void {
    const { state, resolved } = this.#memory;
    invariant(state.status === "resolving", "addresses without a question");
    resolved.set(state.attempt.peer.key, trigger.addresses);
    this.#attempts.dialFirst(state.attempt, trigger.addresses);
  }

  unresolved(trigger: On<"unresolved">): void {
    const { state } = this.#memory;
    invariant(state.status === "resolving", "no answer without a question");
    const { peer } = state.attempt;
    const { code = "dns.failed", message, remedy = CHECK_NAME } = trigger.why;
    this.#attempts.unresolved(state.attempt, {
      code,
      message: message.includes(peer.host) ? message : `${peer.host}: ${message}`,
      remedy,
    });
  }

  authenticate(): void {
    const { state } = this.#memory;
    invariant(state.status === "connecting", "authentication without an attempt");
    this.#memory.enter({ status: "authenticating", open: state.open });
  }

  establish(trigger: On<"session-up">): void {
    const memory = this.#memory;
    const { open } = memory;
    invariant(open, "session came up without an attempt");
    this.#carrying.carryBy({ ...trigger, open }, sessionSubject(open.session));
  }

  moveOver({ ready, heldFor }: On<"better-ready">): void {
    const memory = this.#memory;
    memory.event(memory.tell.returns(ready.open, heldFor));
    const why: Why = { code: "peer.better", message: `${describePeer(ready.open)} is better` };
    memory.close(why, memory.subject, true);
    this.#carrying.carryBy(ready, memory.subject);
  }

  attemptFailed({ reason }: On<"session-down">): void {
    const memory = this.#memory;
    const { open } = memory;
    invariant(open, "attempt failed without an attempt");
    memory.because = sessionSubject(open.session);
    if (!isToldAlready(reason)) memory.event(memory.tell.attemptFailed(open, reason));
    memory.noteFailure(open.peer, reason);
    this.#attempts.addressFailed(open);
  }

  connectionLost({ reason }: On<"session-down">): void {
    const memory = this.#memory;
    const { open } = memory;
    invariant(open, "session lost without a session");
    memory.noteFailure(open.peer, reason);
    this.#noteLoss(open);
    memory.tellDown(reason, sessionSubject(open.session));
    if (this.#carrying.takeOver()) return;
    const wasStable = elapsed(memory.since, memory.now) >= STABLE_AFTER;
    memory.quickLosses = wasStable ? 0 : memory.quickLosses + 1;
    memory.round = reason.code === PEER_SILENT ? roundWithout(open) : roundFromTop;
    memory.redirectTo(undefined);
    if (memory.config.connect === "manual") {
      memory.demand = "configured";
      this.#attempts.rest(`${sentence(reason)}; \`connect\` starts it again`, reason.code);
    } else if (memory.quickLosses < 2) {
      this.#attempts.begin();
    } else {
      memory.level = memory.quickLosses - 1;
      this.#attempts.backOff();
    }
  }

  leaveSource(trigger: On<"source-lost">): void {
    const memory = this.#memory;
    memory.because = trigger.cause;
    this.#leave(trigger.why, trigger.cause);
  }

  leavePeer(trigger: On<"peer-lost">): void {
    const memory = this.#memory;
    memory.because = trigger.cause;
    if (memory.open) memory.noteFailure(memory.open.peer, trigger.why);
    this.#leave(trigger.why, trigger.cause);
  }

  tryAgain(trigger: Trigger): void {
    const memory = this.#memory;
    if (!memory.isWanted) return;
    if (trigger.on === "found") {
      memory.level = 0;
      memory.because = trigger.cause;
      if (trigger.source !== undefined) memory.round = roundFrom(trigger.source);
    }
    memory.fatal = undefined;
    this.#attempts.begin();
  }

  trackCalls(trigger: On<"wanted">): void {
    const memory = this.#memory;
    memory.event(memory.tell.trackGate(memory.whyStandsDown().message, true, trigger.cause));
    memory.forgetFailures();
    this.#attempts.begin();
  }

  standDown(trigger: On<"unwanted">): void {
    const memory = this.#memory;
    const why = memory.whyStandsDown();
    memory.event(memory.tell.trackGate(why.message, false, trigger.cause));
    memory.close(why, memory.subject, true);
    memory.enter({ status: "tracking", why });
  }

  noteDialer(trigger: On<"dialer">): void {
    this.#memory.enter({ status: "dialing", why: trigger.why }, this.#memory.since);
  }

  followRedirect({ gateway }: On<"redirected">): void {
    const memory = this.#memory;
    const { open, now } = memory;
    invariant(open, "redirected without a session");
    memory.redirects = memory.redirects.filter((at) => after(at, REDIRECT_WINDOW) > now);
    const isLoop = memory.redirects.length >= MOST_REDIRECTS;
    const why: Why = isLoop
      ? {
          code: "peer.redirect-loop",
          message: `redirected ${MOST_REDIRECTS} times within ${formatDuration(REDIRECT_WINDOW)}, last to ${gateway}`,
          remedy: "check the load balancer of the hubs",
        }
      : { code: "peer.redirected", message: `${open.peer.host} redirects to ${gateway}` };
    memory.event(memory.tell.redirected(open, gateway, why));
    memory.close(why, memory.subject, true);
    if (isLoop) {
      memory.noteFailure(open.peer, why);
      memory.redirectTo(undefined);
      memory.level++;
      this.#attempts.backOff();
      return;
    }
    memory.redirects = [...memory.redirects, now];
    memory.redirectTo(gateway, open.peer);
    memory.round = roundFromTop;
    this.#attempts.begin();
  }

  fault({ fault }: On<"fault">): void {
    const memory = this.#memory;
    if (!fault.isTold) this.#tellOnce(fault);
    if (fault.isNotice) return;
    const why: Why = { code: fault.code, message: fault.what, remedy: fault.remedy };
    if (isFatal(fault)) this.#stopFor(why);
    else if (memory.state.status === "up")
      memory.enter({ ...memory.state, flaw: why }, memory.since);
  }

  reconfigure(trigger: On<"reconfigured">): void {
    const memory = this.#memory;
    const { state, open } = memory;
    memory.listPeers();
    const restarts = open !== undefined && (trigger.restart || !memory.isWanted);
    const effect = restarts ? "the session starts anew" : "no session is interrupted";
    const message = `configuration changed (${trigger.changed.join(", ")}); ${effect}`;
    memory.event(memory.tell.changed(message, trigger.changed));
    memory.toldFaults.clear();
    if (open === undefined || restarts) this.#restart({ message: "its configuration changed" });
    else if (state.status === "up" && state.flaw) this.#forgetFlaw(state);
  }

  shutDown(trigger: On<"shut-down">): void {
    const memory = this.#memory;
    memory.isStarted = false;
    memory.close({ message: trigger.reason }, daemonSubject, true);
    this.#attempts.rest(trigger.reason);
  }

  /** Ends the session if there is one and begins anew from the top of the list. */
  #restart(why: Why): void {
    const memory = this.#memory;
    const closing = memory.close(why, memory.subject, true);
    memory.forgetFailures();
    this.#attempts.beginAfter(closing, why);
  }

  /** A client that nobody wants up only remembers the fault for when it is. */
  #stopFor(why: Why): void {
    const memory = this.#memory;
    memory.fatal = why;
    if (memory.state.status === "idle") return;
    memory.close(why, memory.subject, true);
    this.#attempts.stopFor(why);
  }

  #tellOnce(fault: TunnelFault): void {
    const { toldFaults } = this.#memory;
    const key = `${fault.code} ${fault.what}`;
    if (!toldFaults.has(key)) this.#memory.event(this.#memory.tell.fault(fault));
    toldFaults.add(key);
  }

  #forgetFlaw({ flaw: _, ...state }: Extract<ClientMemory["state"], { status: "up" }>): void {
    this.#memory.enter(state, this.#memory.since);
  }

  /** The session in use, or being opened, can't be used any more, and the way to its hub is probably gone. */
  #leave(why: Why, cause: EventSubject | undefined): void {
    const memory = this.#memory;
    const { state } = memory;
    if (state.status === "up") {
      memory.round = roundFromTop;
      this.#noteLoss(state.open);
    }
    memory.close(why, cause, false);
    if (state.status === "up" && this.#carrying.takeOver()) return;
    this.#attempts.begin();
  }

  #noteLoss(open: OpenSession): void {
    const { since, now } = this.#memory;
    this.#beside.reactivation.noteLoss(open, elapsed(since, now));
  }

  #request(what: string, by: string, effect: string): void {
    this.#memory.event(this.#memory.tell.request(what, by, effect));
  }
}

/** The kernel can't do it at all, so trying again soon is pointless. */
function isFatal(fault: TunnelFault): boolean {
  return fault.code === "kernel.module-missing" || fault.code === "kernel.permission";
}

/** A session that lasted so long was a good one: its loss says nothing about the next. */
const STABLE_AFTER: Duration = seconds(60);
/** More than so many redirects within the window are a loop. RFC 5685 §9 */
const MOST_REDIRECTS = 5;
const REDIRECT_WINDOW: Duration = minutes(5);
/** What IKE says of a peer that no longer answers. `ike/down-reason.ts` */
const PEER_SILENT = "ike.liveness-lost";
const CHECK_NAME = "check the DNS servers of this branch and the name under `peers`";
