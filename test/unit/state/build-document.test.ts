import { expect, test } from "vitest";
import type { SecurityAssociation } from "#dataplane/desired.ts";
import { compose, type SessionSa } from "#flexvpn/compose.ts";
import type { MonotonicMs, WallClock } from "#lib/duration.ts";
import { seconds } from "#lib/duration.ts";
import { SecretBytes } from "#lib/secret.ts";
import { buildDocument, type DocumentSources } from "#state/build-document.ts";
import { client, hub1, hub2, ip, peerAt, prefix, Story } from "#test/unit/flexvpn/story.ts";

const wall = Date.UTC(2026, 0, 2, 12, 0, 0) as WallClock;

function sources(story: Story, changes: Partial<DocumentSources> = {}): DocumentSources {
  return {
    version: "0.1.0",
    hostname: "branch12",
    now: story.now,
    wallAt: (instant) => (wall - (story.now - instant)) as WallClock,
    startedAt: 0 as MonotonicMs,
    clients: story.engine.views(),
    ike: [],
    securityAssociations: [],
    saCounters: [],
    tracks: [],
    sla: [],
    desired: compose([story.intent], [], () => 1_500),
    dialers: {},
    configuration: { kept: true },
    system: { memory: 50_000_000, faults: [] },
    ...changes,
  };
}

function sa(changes: Partial<SecurityAssociation> = {}): SecurityAssociation {
  return {
    spi: 0xc0ffee01,
    direction: "out",
    source: { address: ip("198.51.100.7"), port: 4_500 },
    destination: { address: ip(hub1), port: 4_500 },
    udpEncapsulation: true,
    mode: "tunnel",
    encryption: { id: 20, key: new SecretBytes(new Uint8Array(36).fill(0xab)) },
    esn: true,
    replayWindow: 512,
    lifetime: { hardSeconds: 3_600, hardBytes: 1_000_000 },
    offload: "none",
    client: "hq",
    selectors: { local: [prefix("10.250.1.7/32")], remote: [prefix("10.1.0.0/16")] },
    ...changes,
  };
}

const existing = (
  story: Story,
  each: SecurityAssociation,
): SessionSa & { installedAt: MonotonicMs } => ({
  session: story.session.session,
  sa: each,
  installedAt: 1_000 as MonotonicMs,
});

test("a client that is up shows peer, source, address, networks and since when", () => {
  const story = Story.of(client({ peers: [peerAt(10, hub1)] }));
  story.pass(seconds(10));
  story.up();
  story.pass(seconds(90));

  expect(buildDocument(sources(story)).clients["hq"]).toEqual({
    state: "up",
    since: "2026-01-02T11:58:30.000Z",
    peer: { seq: 10, host: hub1, address: hub1 },
    tunnel: "Tunnel0",
    assigned: { ipv4: "10.250.1.7" },
    reason: `connected to ${hub1}`,
    attempts: 0,
    networks: ["10.1.0.0/16"],
    dns: ["10.1.0.53"],
    peers: [{ seq: 10, host: hub1, origin: "static" }],
    rehearsal: { running: false, results: [] },
  });
});

test("a client shows what stands by, what each rehearsed way did, and why a peer is held back", () => {
  const story = Story.of(
    client({
      standby: "hot",
      peers: [
        peerAt(10, hub1),
        peerAt(20, hub2),
        { ...peerAt(30, "203.0.113.3"), track: { object: "third", state: "up" } },
      ],
    }),
  );
  story.track("third", "down");
  story.pass(seconds(3));
  story.up();
  story.up();
  story.give({ kind: "rehearse", client: "hq", by: "test" });
  story.fail();

  expect(buildDocument(sources(story)).clients["hq"]).toMatchObject({
    standby: { seq: 20, host: hub2, address: hub2, state: "ready" },
    peers: [{}, {}, { seq: 30, held: "track third is down" }],
    rehearsal: {
      running: false,
      results: [
        { host: hub1, works: true, reason: "in use" },
        { host: hub2, works: true, reason: "stands by" },
        { host: "203.0.113.3", works: false, reason: "no answer; check the hub" },
      ],
    },
  });
});

test("a client that backs off shows why, when it tries again, and what each peer did", () => {
  const story = Story.of(client({ peers: [peerAt(10, hub1)] }));
  story.fail();
  const state = buildDocument(sources(story)).clients["hq"];

  expect(state).toMatchObject({
    state: "backoff",
    "reason-code": "ike.timeout",
    reason: "no answer; check the hub",
    attempts: 1,
    peers: [{ seq: 10, host: hub1, "last-failure": "no answer; check the hub" }],
  });
  const wait = Date.parse(state?.["next-retry"] ?? "") - wall;
  expect(wait).toBeGreaterThanOrEqual(2_500);
  expect(wait).toBeLessThanOrEqual(5_000);
});

test("an SA shows its outer ends, names of algorithms, counters and age, and nothing of its key", () => {
  const story = Story.of(client());
  story.up();
  story.pass(seconds(61));
  const document = buildDocument(
    sources(story, {
      securityAssociations: [existing(story, sa())],
      saCounters: [
        {
          spi: 0xc0ffee01,
          direction: "out",
          bytes: 1_234,
          packets: 5,
          replayDrops: 0,
          integrityFailures: 0,
          lastUsed: 0,
        },
      ],
    }),
  );

  expect(document.ipsec).toEqual([
    {
      client: "hq",
      spi: "0xc0ffee01",
      direction: "out",
      source: "198.51.100.7:4500",
      destination: "203.0.113.1:4500",
      "udp-encapsulation": true,
      mode: "tunnel",
      encryption: "aes-gcm-256",
      esn: true,
      "replay-window": 512,
      selectors: { local: ["10.250.1.7/32"], remote: ["10.1.0.0/16"] },
      bytes: 1_234,
      packets: 5,
      "replay-drops": 0,
      "integrity-failures": 0,
      age: 60,
      lifetime: { seconds: 3_600, bytes: 1_000_000 },
    },
  ]);
  expect(JSON.stringify(document)).not.toMatch(/abab|171,171/);
});

test.each([
  [{ id: 20, bytes: 20 }, undefined, "aes-gcm-128", undefined],
  [{ id: 18, bytes: 36 }, undefined, "aes-gcm-256-icv8", undefined],
  [{ id: 28, bytes: 36 }, undefined, "chacha20-poly1305", undefined],
  [{ id: 16, bytes: 35 }, undefined, "aes-ccm-256", undefined],
  [{ id: 12, bytes: 32 }, 12, "aes-cbc-256", "sha256"],
  [{ id: 12, bytes: 16 }, 99, "aes-cbc-128", "integrity-99"],
  [{ id: 77, bytes: 16 }, undefined, "encryption-77", undefined],
])(
  "the cipher %j with integrity %s is shown as %s, %s",
  (cipher, integrityId, encryption, integrity) => {
    const story = Story.of(client());
    const key = new SecretBytes(new Uint8Array(cipher.bytes));
    const shown = sa({
      udpEncapsulation: false,
      encryption: { id: cipher.id, key },
      ...(integrityId === undefined ? {} : { integrity: { id: integrityId, key } }),
    });
    const [state] = buildDocument(
      sources(story, { securityAssociations: [existing(story, shown)] }),
    ).ipsec;

    expect(state?.encryption).toBe(encryption);
    expect(state?.integrity).toBe(integrity);
    expect(state?.destination).toBe(hub1);
  },
);

test("tunnels and routes are shown as they were asked of the kernel", () => {
  const story = Story.of(client());
  const waiting = buildDocument(sources(story));
  expect(waiting.tunnels["Tunnel0"]).toMatchObject({ client: "hq", state: "down", addresses: [] });
  expect(waiting.routes).toEqual([]);

  story.up();
  const traffic = { "bytes-in": 1, "bytes-out": 2, "errors-in": 0, "errors-out": 3 };
  const document = buildDocument(
    sources(story, {
      interfaceTraffic: (name) => (name === "Tunnel0" ? traffic : undefined),
      interfaceMtu: () => 1_492,
    }),
  );

  expect(document.tunnels["Tunnel0"]).toMatchObject({
    state: "up",
    addresses: ["10.250.1.7/32"],
    "path-mtu": 1_492,
    traffic,
  });
  expect(document.routes).toEqual([
    { destination: "10.1.0.0/16", device: "Tunnel0", metric: 2, client: "hq" },
  ]);
});

test("the document is JSON and nothing else", () => {
  const story = Story.of(client());
  story.up();
  const document = buildDocument(sources(story, { securityAssociations: [existing(story, sa())] }));

  expect(JSON.parse(JSON.stringify(document))).toEqual(document);
});
