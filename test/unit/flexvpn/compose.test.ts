import { expect, test } from "vitest";
import type { SecurityAssociation } from "#dataplane/desired.ts";
import type { TunnelIntent } from "#flexvpn/actions.ts";
import { compose, type SessionSa, tunnelSizes } from "#flexvpn/compose.ts";
import type { SessionId } from "#ike/inputs.ts";
import { SecretBytes } from "#lib/secret.ts";
import { client, hub1, hub2, ip, outcome, prefix, Story, tunnel } from "./story.ts";

const wanMtu = (): number => 1_500;

function sa(spi: number, direction: "in" | "out", changes: Partial<SecurityAssociation> = {}) {
  const ends = [
    { address: ip("198.51.100.7"), port: 500 },
    { address: ip(hub1), port: 500 },
  ] as const;
  return {
    spi,
    direction,
    source: direction === "out" ? ends[0] : ends[1],
    destination: direction === "out" ? ends[1] : ends[0],
    udpEncapsulation: false,
    mode: "tunnel",
    encryption: { id: 20, key: new SecretBytes(new Uint8Array(36)) },
    esn: true,
    replayWindow: 512,
    lifetime: {},
    offload: "none",
    client: "hq",
    selectors: { local: [prefix("10.250.1.7/32")], remote: [prefix("0.0.0.0/0")] },
    ...changes,
  } satisfies SecurityAssociation;
}

const held = (session: number, ...sas: readonly SecurityAssociation[]): readonly SessionSa[] =>
  sas.map((each) => ({ session: session as SessionId, sa: each }));

function upIntent(): TunnelIntent {
  const story = Story.of(client());
  story.up();
  return story.intent;
}

test("the SAs of the session in use are wanted with their policies, those of other sessions are not", () => {
  const desired = compose(
    [upIntent()],
    [...held(1, sa(0xc0000001, "in"), sa(0xc0000002, "out")), ...held(9, sa(0xc0000009, "in"))],
    wanMtu,
  );

  expect(desired.securityAssociations.map((each) => each.spi)).toEqual([0xc0000001, 0xc0000002]);
  expect(desired.policies.map((each) => each.direction).sort()).toEqual(["forward", "in", "out"]);
  expect(desired.policies.every((each) => each.ifId === 0x4653_0001)).toBe(true);
});

test("while a client is down its tunnel stays and none of its SAs is wanted", () => {
  const story = Story.of(client());
  story.up();
  story.operator("disconnect");
  const desired = compose([story.intent], held(1, sa(0xc0000001, "in")), wanMtu);

  expect(desired.tunnels.map((each) => each.name)).toEqual(["Tunnel0"]);
  expect(desired.securityAssociations).toEqual([]);
  expect(desired.policies).toEqual([]);
  expect(desired.firewall.killSwitch[0]?.networks).toEqual(["10.1.0.0/16"]);
});

test("what the client that is down holds to be unreachable goes through the tunnel of the one that is up", () => {
  const story = Story.of(client());
  story.up();
  story.operator("disconnect");
  const primary = story.intent;
  const subnets = [prefix("10.1.0.0/16"), prefix("10.2.0.0/16")];
  const spare: TunnelIntent = {
    ...upIntent(),
    client: "spare",
    tunnel: tunnel({ name: "Tunnel1", number: 2 }),
    carrier: { session: 2 as SessionId, outcome: outcome({ subnets }) },
  };

  const alone = compose([primary], [], wanMtu).routes;
  expect(alone.map(({ destination, kind }) => [destination, kind])).toEqual([
    ["10.1.0.0/16", "unreachable"],
  ]);
  const both = compose([primary, spare], [], wanMtu).routes;
  expect(both.map(({ destination, device }) => [destination, device])).toEqual([
    ["10.1.0.0/16", "Tunnel1"],
    ["10.2.0.0/16", "Tunnel1"],
  ]);
});

test("two clients keep their tunnels, policies and kill switches apart", () => {
  const first = upIntent();
  const second: TunnelIntent = {
    ...first,
    client: "dc",
    tunnel: tunnel({ name: "Tunnel1", number: 2 }),
    carrier: { session: 2 as SessionId, outcome: outcome({ subnets: [prefix("10.9.0.0/16")] }) },
    learnt: [prefix("10.9.0.0/16")],
  };
  const desired = compose(
    [first, second],
    [...held(1, sa(0xc0000001, "out")), ...held(2, sa(0xc0000002, "out", { client: "dc" }))],
    wanMtu,
  );

  expect(desired.tunnels.map((each) => [each.name, each.client])).toEqual([
    ["Tunnel0", "hq"],
    ["Tunnel1", "dc"],
  ]);
  expect(desired.policies.map((each) => [each.ifId, each.template.spi])).toEqual([
    [0x4653_0001, 0xc0000001],
    [0x4653_0002, 0xc0000002],
  ]);
  expect(desired.routes.map((each) => [each.destination, each.device])).toEqual([
    ["10.1.0.0/16", "Tunnel0"],
    ["10.9.0.0/16", "Tunnel1"],
  ]);
  expect(desired.firewall.killSwitch.map((each) => each.client)).toEqual(["hq", "dc"]);
});

test("two clients of the same hubs share their host routes", () => {
  const all = outcome({ subnets: [] });
  const underlay = { device: "wan0", gateway: ip("198.51.100.1") };
  const intent = (name: string, number: number): TunnelIntent => ({
    ...upIntent(),
    client: name,
    tunnel: tunnel({ name: `Tunnel${number}`, number }),
    carrier: { session: number as SessionId, outcome: all, underlay },
  });
  const desired = compose([intent("hq", 1), intent("dc", 2)], [], wanMtu);

  const outside = desired.routes.filter((each) => each.device === "wan0");
  expect(outside.map(({ destination }) => destination)).toEqual([`${hub1}/32`, `${hub2}/32`]);
});

test("the MTU comes from the cipher, the encapsulation and the path of the SA in use", () => {
  const intent = upIntent();
  const plain = tunnelSizes(intent, [sa(1, "out")], 1_500);
  const behindNat = tunnelSizes(intent, [sa(1, "out", { udpEncapsulation: true })], 1_500);

  expect(behindNat.mtu).toBe(plain.mtu - 8);
  expect(behindNat.mssIpv4).toBe(behindNat.mtu - 40);
  expect(behindNat.mssIpv6).toBe(behindNat.mtu - 60);
});

test("the MSS is that of the usual encapsulation, so that coming up without NAT does not change the firewall", () => {
  const intent = upIntent();
  const plain = tunnelSizes(intent, [sa(1, "out")], 1_500);
  const behindNat = tunnelSizes(intent, [sa(1, "out", { udpEncapsulation: true })], 1_500);

  expect(plain.mssIpv4).toBe(behindNat.mssIpv4);
});

test("a tunnel that is down is sized for the usual cipher, so that coming up does not change it", () => {
  const story = Story.of(client());
  const before = tunnelSizes(story.intent, [], 1_500);
  story.up();
  const after = tunnelSizes(story.intent, [sa(1, "out", { udpEncapsulation: true })], 1_500);

  expect(before).toEqual(after);
});

test("the MSS follows a configured MTU", () => {
  const intent = { ...upIntent(), tunnel: tunnel({ mtu: 1_300 }) };
  const desired = compose([intent], [], wanMtu);

  expect(desired.firewall.mss).toEqual([{ tunnel: "Tunnel0", ipv4: 1_260, ipv6: 1_240 }]);
});
