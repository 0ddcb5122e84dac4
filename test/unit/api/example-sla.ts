import type { StateDocument } from "#state/document.ts";
import type { SlaHistoryState } from "#state/document-sla.ts";

/** An echo that works, one of several packets that loses some, and a server that does not answer. */
export const exampleSla: StateDocument["sla"] = {
  "hub1-echo": {
    "return-code": "ok",
    since: "2026-11-24T08:15:31.000Z",
    reason: "203.0.113.1 answered in 12 ms",
    type: "icmp-echo",
    target: "203.0.113.1",
    "source-interface": "wan0",
    frequency: 1_000,
    timeout: 500,
    threshold: 200,
    packets: 1,
    "latest-start": "2026-11-24T09:39:59.000Z",
    successes: 5_060,
    failures: 2,
    rtt: { latest: 12.345, min: 9.87, avg: 12.02, max: 180.4 },
    jitter: 0.412,
    loss: 0,
  },
  "30": {
    "return-code": "over-threshold",
    since: "2026-11-24T09:30:00.000Z",
    reason: "10.0.0.10:7 answered in 240 ms, later than 200ms",
    type: "udp-echo",
    target: "10.0.0.10:7",
    frequency: 10_000,
    timeout: 5_000,
    threshold: 200,
    packets: 10,
    "latest-start": "2026-11-24T09:39:55.000Z",
    successes: 500,
    failures: 0,
    rtt: { latest: 240.2, min: 20.1, avg: 24.4, max: 300 },
    jitter: 18.25,
    loss: 0.125,
  },
  portal: {
    "return-code": "timeout",
    since: "2026-11-24T09:12:00.000Z",
    reason: "no answer from 10.0.0.10:443 within 5s",
    type: "tcp-connect",
    target: "10.0.0.10:443",
    frequency: 60_000,
    timeout: 5_000,
    threshold: 5_000,
    packets: 1,
    "latest-start": "2026-11-24T09:39:30.000Z",
    successes: 0,
    failures: 28,
    loss: 1,
  },
};

export const exampleSlaHistory: SlaHistoryState = {
  results: [
    { time: "2026-11-24T09:39:57.000Z", "return-code": "timeout" },
    { time: "2026-11-24T09:39:58.000Z", "return-code": "ok", rtt: 11.5 },
    { time: "2026-11-24T09:39:59.000Z", "return-code": "ok", rtt: 12.345 },
  ],
  minutes: [
    {
      from: "2026-11-24T09:39:00.000Z",
      successes: 59,
      failures: 1,
      min: 11,
      avg: 12.1,
      max: 13,
    },
  ],
  hours: [],
};
