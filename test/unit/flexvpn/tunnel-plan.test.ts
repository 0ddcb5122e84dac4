import { expect, test } from "vitest";
import type { TunnelIntent } from "#flexvpn/actions.ts";
import { networksOf, presumedNetworks } from "#flexvpn/protected-networks.ts";
import { tunnelPlan } from "#flexvpn/tunnel-plan.ts";
import type { SessionOutcome } from "#ike/actions.ts";
import type { SessionId } from "#ike/inputs.ts";
import type { InterfaceAddress, Prefix } from "#lib/ip.ts";
import { prefixContains } from "#lib/ip.ts";
import { client, hub1, ip, outcome, prefix, tunnel } from "./story.ts";

const sizes = { mtu: 1_400, mssIpv4: 1_360, mssIpv6: 1_340 };
const session = 1 as SessionId;

function down(changes: Partial<TunnelIntent> = {}): TunnelIntent {
  const { inside, nat, routes, killSwitch } = client();
  return {
    client: "hq",
    tunnel: tunnel(),
    inside,
    nat,
    routes,
    killSwitch,
    hubs: [ip(hub1)],
    learnt: [],
    insideNetworks: [prefix("192.168.12.0/24")],
    ...changes,
  };
}

function up(result: Partial<SessionOutcome>, changes: Partial<TunnelIntent> = {}): TunnelIntent {
  const all = outcome(result);
  return down({ carrier: { session, outcome: all }, learnt: networksOf(all), ...changes });
}

const routesOf = (intent: TunnelIntent): readonly string[] =>
  tunnelPlan(intent, sizes).routes.map(({ destination, device, gateway, source, metric }) =>
    [
      destination,
      gateway && `via ${gateway}`,
      device && `dev ${device}`,
      source && `src ${source}`,
      `metric ${metric}`,
    ]
      .filter(Boolean)
      .join(" "),
  );

test.each<[string, Partial<SessionOutcome>, readonly string[]]>([
  ["IPv4", { assigned: { ipv4: ip("10.250.1.7") } }, ["10.250.1.7/32"]],
  ["IPv6", { assigned: { ipv6: prefix("fd00:250::7/128") } }, ["fd00:250::7/128"]],
  [
    "IPv6 as an address within its network",
    { assigned: { ipv6: prefix("fd00:250::7/64") } },
    ["fd00:250::7/128"],
  ],
  [
    "both families",
    { assigned: { ipv4: ip("10.250.1.7"), ipv6: prefix("fd00:250::7/128") } },
    ["10.250.1.7/32", "fd00:250::7/128"],
  ],
  ["no address", { assigned: {} }, []],
])("an assigned address of %s is a host address on the tunnel", (_, result, addresses) => {
  expect(tunnelPlan(up(result), sizes).tunnel.addresses).toEqual(addresses);
});

test.each<[string, Partial<SessionOutcome>, readonly string[]]>([
  [
    "the subnets that the hub names",
    { subnets: [prefix("10.1.0.0/16"), prefix("10.2.0.0/16")] },
    [
      "10.1.0.0/16 dev Tunnel0 src 10.250.1.7 metric 2",
      "10.2.0.0/16 dev Tunnel0 src 10.250.1.7 metric 2",
    ],
  ],
  [
    "the subnets only as far as the selectors allow",
    {
      subnets: [prefix("10.0.0.0/8"), prefix("172.16.0.0/12")],
      remoteSelectors: [prefix("10.1.0.0/16")],
    },
    ["10.1.0.0/16 dev Tunnel0 src 10.250.1.7 metric 2"],
  ],
  [
    "the selectors when the hub names no subnet (split tunnel)",
    { subnets: [], remoteSelectors: [prefix("10.1.0.0/16"), prefix("10.1.2.0/24")] },
    ["10.1.0.0/16 dev Tunnel0 src 10.250.1.7 metric 2"],
  ],
  [
    "each family by its own means",
    {
      assigned: { ipv4: ip("10.250.1.7"), ipv6: prefix("fd00:250::7/128") },
      subnets: [prefix("10.1.0.0/16")],
      remoteSelectors: [prefix("0.0.0.0/0"), prefix("fd00:1::/48")],
    },
    [
      "10.1.0.0/16 dev Tunnel0 src 10.250.1.7 metric 2",
      "fd00:1::/48 dev Tunnel0 src fd00:250::7 metric 2",
    ],
  ],
])("routes are %s", (_, result, routes) => {
  expect(routesOf(up(result))).toEqual(routes);
});

test("without an assigned address of a family its routes name no source", () => {
  expect(routesOf(up({ assigned: {} }))).toEqual(["10.1.0.0/16 dev Tunnel0 metric 2"]);
});

test("a default route is its two halves, and the hub itself is reached by the underlay", () => {
  const underlay = { device: "wan0", gateway: ip("198.51.100.1") };
  const all = outcome({ subnets: [] });
  const intent = down({ carrier: { session, outcome: all, underlay }, learnt: networksOf(all) });

  expect(routesOf(intent)).toEqual([
    "203.0.113.1/32 via 198.51.100.1 dev wan0 metric 2",
    "0.0.0.0/1 dev Tunnel0 src 10.250.1.7 metric 2",
    "128.0.0.0/1 dev Tunnel0 src 10.250.1.7 metric 2",
  ]);
});

test("an IPv6 default route is its two halves too", () => {
  const intent = up({ subnets: [], remoteSelectors: [prefix("::/0")] });

  expect(routesOf(intent)).toEqual(["::/1 dev Tunnel0 metric 2", "8000::/1 dev Tunnel0 metric 2"]);
});

test("a hub inside a network that it names is reached by the underlay, on the link when there is no gateway", () => {
  const path = { ...outcome().path, remote: { address: ip("10.1.0.1"), port: 4_500 } };
  const all = outcome({ path });
  const intent = down({ carrier: { session, outcome: all, underlay: { device: "wan0" } } });

  expect(routesOf(intent)[0]).toBe("10.1.0.1/32 dev wan0 metric 2");
});

test("while the way to the hub is not known, no route through the tunnel holds the hub", () => {
  const path = { ...outcome().path, remote: { address: ip("10.1.0.1"), port: 4_500 } };
  const intent = up({ path, subnets: [prefix("10.1.0.0/16"), prefix("10.2.0.0/16")] });

  expect(routesOf(intent)).toEqual(["10.2.0.0/16 dev Tunnel0 src 10.250.1.7 metric 2"]);
});

test("a client that does not accept routes has none", () => {
  const routes = { accept: false, distance: 2 };

  expect(routesOf(up({}, { routes }))).toEqual([]);
});

test("while the tunnel is down interface, kill switch, NAT and protected routes stay, addresses go", () => {
  const plan = tunnelPlan(down({ learnt: [prefix("10.1.0.0/16")] }), sizes);

  expect(plan).toEqual({
    tunnel: { name: "Tunnel0", ifId: 0x4653_0001, client: "hq", mtu: 1_400, addresses: [] },
    routes: [
      {
        destination: "10.1.0.0/16",
        metric: 2,
        table: 254,
        kind: "unreachable",
      },
    ],
    firewall: {
      nat: [{ inside: ["br-lan"], tunnel: "Tunnel0" }],
      killSwitch: [{ client: "hq", networks: ["10.1.0.0/16"], allowed: ["Tunnel0", "br-lan"] }],
      mss: [{ tunnel: "Tunnel0", ipv4: 1_360, ipv6: 1_340 }],
    },
  });
});

test("while the tunnel is down neither a default route nor one that holds a hub leads into it", () => {
  const learnt = ["0.0.0.0/0", "203.0.113.0/24", "10.1.0.0/16"].map(prefix);

  expect(routesOf(down({ learnt }))).toEqual(["10.1.0.0/16 metric 2"]);
});

test("while the tunnel is down and no hub's address is known, a default route does not lead into it either", () => {
  const learnt = ["0.0.0.0/0", "10.1.0.0/16"].map(prefix);

  expect(routesOf(down({ learnt, hubs: [] }))).toEqual(["10.1.0.0/16 metric 2"]);
});

test("without kill switch nothing leads into a tunnel that is down", () => {
  const intent = down({ learnt: [prefix("10.1.0.0/16")], killSwitch: false });
  const plan = tunnelPlan(intent, sizes);

  expect(plan.routes).toEqual([]);
  expect(plan.firewall.killSwitch).toEqual([]);
});

test("before a hub was ever met the kill switch holds passing traffic to every private range but the inside", () => {
  const [entry] = tunnelPlan(down(), sizes).firewall.killSwitch;
  const holds = (address: string): boolean =>
    entry!.networks.some((network) => prefixContains(network, ip(address)));

  expect(entry?.forwardedOnly).toBe(true);
  for (const address of [
    "10.1.2.3",
    "172.31.0.1",
    "192.168.11.1",
    "192.168.13.1",
    "100.64.0.1",
    "fd00::1",
  ])
    expect([address, holds(address)]).toEqual([address, true]);
  for (const address of ["192.168.12.1", "192.168.12.255", "172.32.0.1", "8.8.8.8", "2001:db8::1"])
    expect([address, holds(address)]).toEqual([address, false]);
});

test("before a hub was ever met no route leads into the tunnel", () => {
  expect(routesOf(down())).toEqual([]);
});

test("an inside network that fills a private range leaves nothing of it to be held", () => {
  const held = presumedNetworks([prefix("10.0.0.0/8"), prefix("fc00::/7")]);

  expect(held).toEqual(["172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"]);
});

test("inside networks are translated into the tunnel, by a rule that stands before there is an address", () => {
  const rule = [{ inside: ["br-lan"], tunnel: "Tunnel0" }];
  expect(tunnelPlan(down(), sizes).firewall.nat).toEqual(rule);
  expect(tunnelPlan(up({}), sizes).firewall.nat).toEqual(rule);
});

test("coming up with a hub whose networks are remembered changes nothing in the firewall", () => {
  const learnt = [prefix("10.1.0.0/16")];
  expect(tunnelPlan(up({}, { learnt }), sizes).firewall).toEqual(
    tunnelPlan(down({ learnt }), sizes).firewall,
  );
});

test.each<[string, Partial<TunnelIntent>]>([
  ["nat is off", { nat: "off" }],
  ["there is no inside interface", { inside: [] }],
])("nothing is translated when %s", (_, changes) => {
  expect(tunnelPlan(up({}, changes), sizes).firewall.nat).toEqual([]);
});

test("a tunnel with an address of its own keeps it, up or down", () => {
  const address = { kind: "fixed" as const, address: "172.20.0.2/30" as InterfaceAddress };
  const fixed = tunnel({ address });

  expect(tunnelPlan(down({ tunnel: fixed }), sizes).tunnel.addresses).toEqual(["172.20.0.2/30"]);
  expect(tunnelPlan(up({}, { tunnel: fixed }), sizes).tunnel.addresses).toEqual(["172.20.0.2/30"]);
});

test("the hub is reached by the source in use, and the tunnel stays as it is when the source changes", () => {
  const from = (source: string) => {
    const underlay = { device: source, gateway: ip("198.51.100.1") };
    return down({ carrier: { session, outcome: outcome(), underlay }, source });
  };

  expect(routesOf(from("wan0"))[0]).toBe("203.0.113.1/32 via 198.51.100.1 dev wan0 metric 2");
  expect(routesOf(from("wwan0"))[0]).toBe("203.0.113.1/32 via 198.51.100.1 dev wwan0 metric 2");
  const tunnelFrom = (source: string) => tunnelPlan(from(source), sizes).tunnel;
  expect(tunnelFrom("wwan0")).toEqual(tunnelFrom("wan0"));
});

test("a client that does not accept routes reaches the hub by its source all the same", () => {
  const routes = { accept: false, distance: 2 };
  const underlay = { device: "wan0", gateway: ip("198.51.100.1") };
  const carrier = { session, outcome: outcome(), underlay };

  expect(routesOf(down({ carrier, routes, source: "wan0" }))).toEqual([
    "203.0.113.1/32 via 198.51.100.1 dev wan0 metric 2",
  ]);
});

test("a configured MTU and MSS win over the computed ones, and MSS can be left alone", () => {
  const fixed = tunnelPlan(down({ tunnel: tunnel({ mtu: 1_300, tcpMss: 1_200 }) }), sizes);
  expect(fixed.tunnel.mtu).toBe(1_300);
  expect(fixed.firewall.mss).toEqual([{ tunnel: "Tunnel0", ipv4: 1_200, ipv6: 1_200 }]);

  expect(tunnelPlan(down({ tunnel: tunnel({ tcpMss: "off" }) }), sizes).firewall.mss).toEqual([]);
});

test("learnt networks are those of the routes", () => {
  const subnets: readonly Prefix[] = [prefix("10.1.0.0/16"), prefix("10.1.5.0/24")];

  expect(networksOf(outcome({ subnets }))).toEqual(["10.1.0.0/16"]);
});
