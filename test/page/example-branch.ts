/** A branch for the eye: every part of the state document filled, counters that run, probes with a past. */
import type { IpAddress, Prefix } from "#lib/ip.ts";
import type { StateDocument } from "#state/document.ts";
import type { SlaHistoryState, SlaState } from "#state/document-sla.ts";
import { exampleState } from "#test/unit/api/example-state.ts";
import { exampleTracks } from "#test/unit/api/example-tracks.ts";

const ago = (seconds: number): string => new Date(Date.now() - seconds * 1_000).toISOString();
const [hub1, hub2] = ["hub1.example.net", "hub2.example.net"];
const started = Date.now();

const exampleHost = {
  cpu: 0.07,
  load: [0.12, 0.2, 0.18],
  memory: { total: 1_024_000_000, available: 702_000_000 },
  temperature: 52.4,
  disk: { total: 7_900_000_000, available: 6_400_000_000 },
  uptime: 912_000,
  interfaces: {},
} as const;

/** The document of this moment. */
export function exampleDocument(): StateDocument {
  const { hq, backup } = exampleState.clients;
  if (!hq || !backup) throw new Error("the example has other clients");
  return {
    ...exampleState,
    uptime: 39_000 + Math.floor((Date.now() - started) / 1_000),
    clients: {
      hq: {
        ...hq,
        since: ago(3_670),
        peers: [
          { seq: 10, host: hub1, origin: "static" },
          { seq: 20, host: hub2, origin: "static" },
          { seq: 1001, host: "203.0.113.7", origin: "downloaded", held: "track hub3 is down" },
        ],
        standby: {
          seq: 20,
          host: hub2,
          source: "wan0",
          address: "203.0.113.2" as IpAddress,
          state: "ready",
        },
        rehearsal: { running: false, results: rehearsal() },
      },
      backup: { ...backup, since: ago(320), "next-retry": ago(-6) },
    },
    update: {
      ...{
        board: "raspberrypi",
        version: "0.5.0",
        built: ago(4_000_000),
        slot: "A",
        phase: "writing",
      },
      other: { version: "0.4.9", built: ago(9_000_000) },
      incoming: {
        ...{ version: "0.5.1", by: "admin on the page" },
        ...{ step: "writing", done: 71_000_000, total: 116_000_000 },
      },
      last: {
        ...{ version: "0.5.0", outcome: "kept", at: ago(3_900_000) },
        reason: "hq came up again",
      },
    },
    ipsec: exampleState.ipsec.map((sa, index) => ({ ...sa, ...carried(index) })),
    track: tracks(),
    sla: Object.fromEntries(
      Object.entries(exampleState.sla).map(([name, sla]) => [name, lively(sla)]),
    ),
    dialers: Object.fromEntries(
      Object.entries(exampleState.dialers).map(([name, line]) => [
        name,
        line.state === "connected"
          ? { ...line, since: ago(75), "connected-since": ago(75) }
          : { ...line, since: ago(39_000) },
      ]),
    ),
    system: { ...exampleState.system, host: exampleHost },
    routes: [
      ...exampleState.routes,
      { destination: "172.16.0.0/12" as Prefix, device: "Tunnel0", metric: 2, client: "hq" },
    ],
  };
}

function rehearsal(): NonNullable<StateDocument["clients"][string]>["rehearsal"]["results"] {
  const at = ago(1_200);
  return [
    { seq: 10, host: hub1, source: "wan0", works: true, reason: "in use", at, milliseconds: 0 },
    { seq: 10, host: hub1, source: "wwan0", works: true, at, milliseconds: 412 },
    { seq: 20, host: hub2, source: "wan0", works: true, reason: "stands by", at, milliseconds: 0 },
    {
      seq: 20,
      host: hub2,
      source: "wwan0",
      works: false,
      reason: "no answer after 6 tries",
      at,
      milliseconds: 20_750,
    },
  ];
}

/** About 18 Mbit/s in and 3 out, in waves. */
function carried(index: number): { bytes: number; packets: number; age: number } {
  const seconds = (Date.now() - started) / 1_000 + 300;
  const pace = index === 0 ? 2_300_000 : 380_000;
  const bytes = Math.round(pace * (seconds + 0.8 * Math.sin(seconds / 3 + index)) + 9e7);
  return { bytes, packets: Math.round(bytes / 900), age: 1_410 + Math.floor(seconds) };
}

function tracks(): StateDocument["track"] {
  const { maintenance } = exampleTracks;
  const age = 761;
  const since = ago(age);
  const base = { since, age, changes: 3 };
  return {
    primary: {
      ...base,
      state: "down",
      reason: "wan1-up is down, portal is down",
      type: "list",
      parameter: "boolean",
      expression: "wan0-up and (wan1-up or portal) and not maintenance",
      members: [
        { object: "wan0-up", state: "up" },
        { object: "wan1-up", state: "down" },
        { object: "portal", state: "down" },
        { object: "maintenance", state: "down" },
      ],
      "tracked-by": ["client hq"],
    },
    "wan0-up": {
      ...base,
      state: "up",
      reason: "wan0 is up",
      type: "interface",
      instance: "wan0",
      parameter: "line-protocol",
      "tracked-by": ["track primary"],
    },
    "wan1-up": {
      ...base,
      state: "down",
      reason: "wan1 is down",
      type: "interface",
      instance: "wan1",
      parameter: "line-protocol",
      delay: { up: 10, down: 2 },
      pending: { state: "up", at: ago(-6), in: 6, reason: "wan1 is up" },
      "tracked-by": ["track primary"],
    },
    portal: {
      ...base,
      state: "down",
      reason: "sla portal returned timeout",
      type: "ip sla",
      instance: "portal",
      parameter: "reachability",
      "return-code": "timeout",
      "tracked-by": ["track primary", "track quorum"],
    },
    ...(maintenance ? { maintenance } : {}),
    quorum: {
      ...base,
      state: "up",
      reason: "weight 30 reaches 20",
      type: "list",
      parameter: "threshold weight",
      threshold: { up: 20, down: 10 },
      members: [
        { object: "hub1", state: "up", weight: 30 },
        { object: "portal", state: "down", weight: 20 },
      ],
      "tracked-by": [],
    },
    hub1: {
      ...base,
      state: "up",
      reason: "sla hub1-echo returned ok",
      type: "ip sla",
      instance: "hub1-echo",
      parameter: "reachability",
      "return-code": "ok",
      "latest-rtt": 12.3,
      "tracked-by": ["client hq", "track quorum"],
    },
  };
}

/** Its latest run is always of just now, so that charts move. */
function lively(sla: SlaState): SlaState {
  return { ...sla, since: ago(3_600), "latest-start": ago(0) };
}

/** A past with a gap in it, for charts. */
export function exampleHistory(): SlaHistoryState {
  const rtt = (index: number): number =>
    Math.round((11.5 + 2.2 * Math.sin(index / 4) + ((index * 7_919) % 97) / 40) * 1_000) / 1_000;
  const isLost = (index: number): boolean => index % 41 === 20 || (index > 30 && index < 35);
  const period = (seconds: number) => (_: unknown, index: number) => {
    const average = rtt(index);
    const failures = isLost(index) ? 23 : index % 9 === 0 ? 1 : 0;
    return {
      from: ago((120 - index) * seconds),
      successes: 60 - failures,
      failures,
      min: average - 2.5,
      avg: average,
      max: average + 3 + ((index * 31) % 17),
    };
  };
  return {
    results: Array.from({ length: 100 }, (_, index) =>
      isLost(index)
        ? { time: ago(100 - index), "return-code": "timeout" as const }
        : { time: ago(100 - index), "return-code": "ok" as const, rtt: rtt(index) },
    ),
    minutes: Array.from({ length: 120 }, period(60)),
    hours: Array.from({ length: 120 }, period(3_600)),
  };
}
