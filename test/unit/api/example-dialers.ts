import type { DialerState } from "#state/dialer-state.ts";

/** One line that is up after two failures, one that nobody demands. */
export const exampleDialers: Readonly<Record<string, DialerState>> = {
  lte: {
    state: "connected",
    since: "2026-11-24T09:38:00.000Z",
    kind: "pppd",
    interface: "ppp-lte",
    reason: "the line is up",
    "demanded-by": ["client backup"],
    addresses: ["100.64.3.9"],
    dns: ["100.64.0.53"],
    "connected-since": "2026-11-24T09:38:00.000Z",
    attempts: 3,
    failures: 2,
    "failures-in-a-row": 2,
    connections: 1,
    resets: 1,
    "seconds-connected": 75,
    "last-failure": {
      reason: "no dial tone (look at the cable to the socket)",
      code: "dial.no-dial-tone",
      time: "2026-11-24T09:37:12.000Z",
    },
    traffic: { received: 10_240, sent: 2_048 },
  },
  dsl: {
    state: "idle",
    since: "2026-11-24T08:15:29.000Z",
    kind: "pppoe",
    interface: "ppp-dsl",
    reason: "nobody demands the line",
    "demanded-by": [],
    addresses: [],
    dns: [],
    attempts: 0,
    failures: 0,
    "failures-in-a-row": 0,
    connections: 0,
    resets: 0,
    "seconds-connected": 0,
  },
};
