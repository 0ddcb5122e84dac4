/** Makes the part `dialers` of the state document out of what the dial engine shows. Pure. */
import type { DialerView } from "#dial/dialer-view.ts";
import type { MonotonicMs, WallClock } from "#lib/duration.ts";
import type { DialerState, LineTraffic } from "./dialer-state.ts";
import { formatTime } from "./event-log.ts";

/**
 * @param traffic by interface, of the lines that are up.
 * @param wallAt when an instant of the monotonic clock was.
 */
export function dialerStates(
  views: readonly DialerView[],
  traffic: ReadonlyMap<string, LineTraffic>,
  wallAt: (instant: MonotonicMs) => WallClock,
): Readonly<Record<string, DialerState>> {
  const at = (instant: MonotonicMs): string => formatTime(wallAt(instant));
  return Object.fromEntries(
    views.map((view) => [view.name, dialerState(view, traffic.get(view.interface ?? ""), at)]),
  );
}

function dialerState(
  view: DialerView,
  traffic: LineTraffic | undefined,
  at: (instant: MonotonicMs) => string,
): DialerState {
  const { why, facts, lastFailure, connectedSince, retryAt, hangUpAt } = view;
  return {
    state: view.status,
    since: at(view.since),
    kind: view.kind,
    ...(view.interface === undefined ? {} : { interface: view.interface }),
    reason: sentence(why),
    ...(why.code === undefined ? {} : { "reason-code": why.code }),
    "demanded-by": view.demandedBy,
    addresses: facts?.addresses ?? [],
    dns: facts?.dns ?? [],
    ...(connectedSince === undefined ? {} : { "connected-since": at(connectedSince) }),
    ...(retryAt === undefined ? {} : { "next-attempt": at(retryAt) }),
    ...(hangUpAt === undefined ? {} : { "hang-up-at": at(hangUpAt) }),
    attempts: view.attempts,
    failures: view.failures,
    "failures-in-a-row": view.failuresInARow,
    connections: view.connections,
    resets: view.resets,
    "seconds-connected": Math.floor(view.connectedMs / 1_000),
    ...(lastFailure === undefined
      ? {}
      : {
          "last-failure": {
            reason: sentence(lastFailure.why),
            ...(lastFailure.why.code === undefined ? {} : { code: lastFailure.why.code }),
            time: at(lastFailure.at),
          },
        }),
    ...(traffic === undefined || connectedSince === undefined ? {} : { traffic }),
  };
}

function sentence({ message, remedy }: DialerView["why"]): string {
  return remedy === undefined ? message : `${message} (${remedy})`;
}
