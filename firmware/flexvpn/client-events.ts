/**
 * The sentences in which a client tells what it did and why. It words what `client.ts` decided and decides nothing.
 * Failures that the IKE engine met are told by that engine; here only what follows from them.
 */
import type { DownReason, SessionOutcome } from "#ike/actions.ts";
import type { Duration } from "#lib/duration.ts";
import { formatDuration } from "#lib/duration.ts";
import { splitPrefix } from "#lib/ip.ts";
import { clientSubject, type EventDraft, type EventSubject, sessionSubject } from "#state/event.ts";
import { type MnemonicName, severityOf } from "#state/mnemonics.ts";
import type { TunnelFault } from "./inputs.ts";
import type { PeerEntry } from "./peer-list.ts";
import type { RehearsalResult } from "./rehearsal-result.ts";
import { describeUnusable, type UnusableSource } from "./source-selection.ts";
import type { OpenSession, Why } from "./states.ts";
import type { Way } from "./ways.ts";

/** Words events of one client; every one of them is about the client, so that the next can name it as its cause. */
export class ClientEvents {
  readonly #client: string;

  constructor(client: string) {
    this.#client = client;
  }

  request(what: string, by: string, effect: string): EventDraft {
    const message = `${this.#client}: ${what} asked for by ${by}; ${effect}`;
    return this.#event("FLEXSPOKE-5-CLIENT_REQUEST", message, { request: what, by });
  }

  changed(message: string, changed: readonly string[]): EventDraft {
    const text = `${this.#client}: ${message}`;
    return this.#event("FLEXSPOKE-5-CLIENT_CHANGED", text, { changed });
  }

  connecting(open: OpenSession, attempt: number, cause: EventSubject | undefined): EventDraft {
    const message = `${this.#client}: connecting to ${describePeer(open)}${fromSource(open.source)}`;
    const data = { ...where(open), attempt };
    const event = this.#event("FLEXSPOKE-6-CONNECTING", message, data, cause, open.peer);
    return { ...event, subjects: [clientSubject(this.#client), sessionSubject(open.session)] };
  }

  attemptFailed(open: OpenSession, reason: DownReason): EventDraft {
    const message = `${this.#client}: ${describePeer(open)} can't be reached: ${sentence(reason)}`;
    return this.#event(
      "FLEXSPOKE-4-ATTEMPT_FAILED",
      message,
      { ...where(open), "reason-code": reason.code },
      sessionSubject(open.session),
      open.peer,
    );
  }

  unresolved(peer: PeerEntry, why: Why, cause: EventSubject | undefined): EventDraft {
    const message = `${this.#client}: ${sentence(why)}`;
    const data = { seq: peer.seq, "reason-code": why.code };
    return this.#event("FLEXSPOKE-4-PEER_UNRESOLVED", message, data, cause, peer);
  }

  backoff(delay: Duration, why: Why, cause: EventSubject | undefined): EventDraft {
    const message = `${this.#client}: next attempt in ${formatDuration(delay)}`;
    const data = { seconds: delay / 1_000, "reason-code": why.code };
    return this.#event("FLEXSPOKE-5-BACKOFF", message, data, cause);
  }

  gaveUp(why: Why, cause: EventSubject | undefined): EventDraft {
    const message = `${this.#client}: no peer could be reached; waits for \`connect\``;
    return this.#event("FLEXSPOKE-4-GAVE_UP", message, { "reason-code": why.code }, cause);
  }

  /** @param cause the session itself, or what made the client move to one that was ready. */
  up(open: OpenSession, outcome: SessionOutcome, cause: EventSubject): EventDraft {
    const { ipv4, ipv6 } = outcome.assigned;
    const assigned = [ipv4, ipv6 && splitPrefix(ipv6).address].filter((a) => a !== undefined);
    const address =
      assigned.length > 0 ? `assigned ${assigned.join(" and ")}` : "no address assigned";
    const message = `FlexVPN(${this.#client}) is up with ${describePeer(open)}${fromSource(open.source)}, ${address}`;
    const data = {
      ...ends(open, outcome),
      identity: outcome.peerIdentity,
      ...(ipv4 === undefined ? {} : { "assigned-ipv4": ipv4 }),
      ...(ipv6 === undefined ? {} : { "assigned-ipv6": ipv6 }),
    };
    const event = this.#event("FLEXVPN-6-FLEXVPN_CONNECTION_UP", message, data, cause, open.peer);
    return { ...event, subjects: [clientSubject(this.#client), sessionSubject(open.session)] };
  }

  standbyReady(open: OpenSession): EventDraft {
    const message = `${this.#client}: ${describePeer(open)}${fromSource(open.source)} stands by`;
    const cause = sessionSubject(open.session);
    const event = this.#event("FLEXSPOKE-6-STANDBY_READY", message, where(open), cause, open.peer);
    return { ...event, subjects: [sessionSubject(open.session)] };
  }

  standbyLost(way: Way, why: Why): EventDraft {
    const message = `${this.#client}: ${describeWay(way)} no longer stands by: ${sentence(why)}`;
    const event = this.#event("FLEXSPOKE-4-STANDBY_LOST", message, about(way, why));
    return { ...event, peer: way.peer.host, subjects: [] };
  }

  /** A way that no traffic uses now has stopped working, or never did. */
  backupBroken(way: Way, why: Why, cause: EventSubject | undefined): EventDraft {
    const message = `${this.#client}: ${describeWay(way)} would not work if it were needed: ${sentence(why)}`;
    const event = this.#event("FLEXSPOKE-3-BACKUP_BROKEN", message, about(way, why), cause);
    return { ...event, peer: way.peer.host, subjects: [] };
  }

  backupWorks(way: Way, cause: EventSubject | undefined): EventDraft {
    const message = `${this.#client}: ${describeWay(way)} works again`;
    const event = this.#event("FLEXSPOKE-5-BACKUP_WORKS", message, about(way, { message }), cause);
    return { ...event, peer: way.peer.host, subjects: [] };
  }

  rehearsed(results: readonly RehearsalResult[], cause: EventSubject | undefined): EventDraft {
    const working = results.filter(({ isWorking }) => isWorking).length;
    const message = `${this.#client}: rehearsal: ${working} of ${results.length} ways work`;
    const data = {
      working,
      ways: results.map(({ way, isWorking, took }) => ({
        peer: way.peer.host,
        ...(way.source === undefined ? {} : { source: way.source }),
        working: isWorking,
        milliseconds: took,
      })),
    };
    const event = this.#event("FLEXSPOKE-6-REHEARSED", message, data, cause);
    return { ...event, subjects: [] };
  }

  /** The client goes back to a better way. */
  returns(open: OpenSession, heldFor: Duration): EventDraft {
    const message =
      `${this.#client}: goes back to ${describePeer(open)}${fromSource(open.source)}, ` +
      `which has been good for ${formatDuration(heldFor)}`;
    const data = { ...where(open), seconds: heldFor / 1_000 };
    const cause = sessionSubject(open.session);
    return this.#event("FLEXSPOKE-5-RETURN", message, data, cause, open.peer);
  }

  returnFailed(way: Way, why: Why, wait: Duration): EventDraft {
    const message =
      `${this.#client}: can't go back to ${describeWay(way)} yet: ${sentence(why)}; ` +
      `stays where it is and tries again in ${formatDuration(wait)}`;
    const data = { ...about(way, why), seconds: wait / 1_000 };
    const event = this.#event("FLEXSPOKE-5-RETURN_FAILED", message, data);
    return { ...event, peer: way.peer.host, subjects: [] };
  }

  down(
    open: OpenSession,
    outcome: SessionOutcome,
    why: Why,
    cause: EventSubject | undefined,
  ): EventDraft {
    const message = `FlexVPN(${this.#client}) is down, was up with ${describePeer(open)}: ${why.message}`;
    const data = { ...ends(open, outcome), "reason-code": why.code };
    return this.#event("FLEXVPN-6-FLEXVPN_CONNECTION_DOWN", message, data, cause, open.peer);
  }

  sourceUnusable(
    passed: readonly UnusableSource[],
    uses: string | undefined,
    cause: EventSubject | undefined,
  ): EventDraft {
    const effect =
      uses === undefined ? "waits until one of them can be used" : `uses ${uses} instead`;
    const message = `${this.#client}: ${describeUnusable(passed)}; ${effect}; ${CHECK_SOURCES}`;
    const data = {
      sources: passed.map((source) => source.interface),
      "reason-code": SOURCE_MISSING,
      ...(uses === undefined ? {} : { uses }),
    };
    return this.#event("FLEXSPOKE-4-SOURCE_UNUSABLE", message, data, cause);
  }

  sourceUsable(uses: string, cause: EventSubject | undefined): EventDraft {
    const message = `${this.#client}: the preferred source ${uses} can be used again`;
    return this.#event("FLEXSPOKE-5-SOURCE_USABLE", message, { uses }, cause);
  }

  /** No peer of the list may be used as things stand. */
  noPeer(why: Why, cause: EventSubject | undefined): EventDraft {
    const message = `${this.#client}: ${why.message}; waits until one may be used`;
    return this.#event("FLEXSPOKE-4-NO_PEER", message, { "reason-code": why.code }, cause);
  }

  /** The track object of `connect` decided. */
  trackGate(what: string, connects: boolean, cause: EventSubject | undefined): EventDraft {
    const message = `${this.#client}: ${connects ? "connects" : "stands down"}: ${what}`;
    return this.#event("FLEXSPOKE-5-TRACK_GATE", message, { connects }, cause);
  }

  downloaded(open: OpenSession, gateways: readonly string[]): EventDraft {
    const message = `${this.#client}: ${open.peer.host} names as backup gateways ${gateways.join(", ")}`;
    const cause = sessionSubject(open.session);
    return this.#event("FLEXSPOKE-6-BACKUP_GATEWAYS", message, { gateways }, cause, open.peer);
  }

  redirected(open: OpenSession, gateway: string, why: Why): EventDraft {
    const message = `${this.#client}: ${sentence(why)}`;
    const data = { ...where(open), gateway, "reason-code": why.code };
    const cause = sessionSubject(open.session);
    return this.#event("FLEXSPOKE-5-REDIRECTED", message, data, cause, open.peer);
  }

  fault(fault: TunnelFault): EventDraft {
    const mnemonic = fault.isNotice ? "FLEXSPOKE-5-KERNEL_NOTICE" : "FLEXSPOKE-3-KERNEL_FAULT";
    const message = `${this.#client}: ${fault.what}; ${fault.remedy}`;
    return this.#event(mnemonic, message, { "reason-code": fault.code });
  }

  routeLeftOut(open: OpenSession, destinations: readonly string[]): EventDraft {
    const message =
      `${this.#client}: no route to ${destinations.join(", ")} through the tunnel: it holds the hub's own address ` +
      `${open.address}, and the way to the hub outside the tunnel is not known; check the default route of the WAN`;
    const cause = sessionSubject(open.session);
    return this.#event("FLEXSPOKE-4-ROUTE_LEFT_OUT", message, { destinations }, cause, open.peer);
  }

  #event(
    mnemonic: MnemonicName,
    message: string,
    data: Readonly<Record<string, unknown>>,
    cause?: EventSubject | undefined,
    peer?: PeerEntry,
  ): EventDraft {
    return {
      severity: severityOf(mnemonic),
      mnemonic,
      client: this.#client,
      ...(peer === undefined ? {} : { peer: peer.host }),
      message,
      data,
      subjects: [clientSubject(this.#client)],
      ...(cause === undefined ? {} : { cause }),
    };
  }
}

/** Reason code of a client without a usable source. */
export const SOURCE_MISSING = "source.interface-missing";
/** What to do about a source that is missing. */
export const CHECK_SOURCES = "check the cable, the modem and the interface names under `source`";

/** True when the IKE engine has already told of this end in an event about the session. */
export function isToldAlready(reason: DownReason): boolean {
  return reason.isTold === true || reason.code.startsWith("ike.");
}

/** `what happened; what to do`. */
export function sentence(why: { readonly message: string; readonly remedy?: string }): string {
  return why.remedy === undefined ? why.message : `${why.message}; ${why.remedy}`;
}

/** `hub1.example.net (203.0.113.1)`, or the address alone. */
export function describePeer({ peer, address }: OpenSession): string {
  return peer.host === address ? address : `${peer.host} (${address})`;
}

/** `hub1.example.net from wan0`. */
export function describeWay({ peer, source }: Way): string {
  return `${peer.host}${fromSource(source)}`;
}

function about({ peer, source }: Way, why: Why): Readonly<Record<string, unknown>> {
  return {
    seq: peer.seq,
    ...(source === undefined ? {} : { source }),
    ...(why.code === undefined ? {} : { "reason-code": why.code }),
  };
}

function fromSource(source: string | undefined): string {
  return source === undefined ? "" : ` from ${source}`;
}

function where(open: OpenSession): Readonly<Record<string, unknown>> {
  return {
    seq: open.peer.seq,
    address: open.address,
    ...(open.source === undefined ? {} : { source: open.source }),
  };
}

function ends(open: OpenSession, outcome: SessionOutcome): Readonly<Record<string, unknown>> {
  return {
    ...where(open),
    "client-public-address": outcome.path.local.address,
    "server-public-address": outcome.path.remote.address,
  };
}
