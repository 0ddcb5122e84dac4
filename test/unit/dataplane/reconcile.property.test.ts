import fc from "fast-check";
import { expect, test } from "vitest";
import { type ActualState, afterChange, routeKey, saKey } from "#dataplane/change.ts";
import type { DesiredState, Firewall, Route } from "#dataplane/desired.ts";
import { sameFirewall } from "#dataplane/firewall-transition.ts";
import { tunnelId } from "#dataplane/ownership.ts";
import { policiesFor, policyKey } from "#dataplane/policy.ts";
import { reconcile } from "#dataplane/reconcile.ts";
import type { InterfaceAddress, IpAddress, Prefix } from "#lib/ip.ts";
import { sampleSa } from "./samples.ts";

const networks = ["10.1.0.0/16", "10.2.0.0/16", "10.2.3.0/24", "fd00:1::/64"] as Prefix[];
const addresses = ["10.250.1.7/32", "10.250.1.8/32", "fd00:250::7/128"] as InterfaceAddress[];
const outer = ["198.51.100.2", "198.51.100.6"] as IpAddress[];
const names = ["Tunnel0", "Tunnel1"];

const tunnel = (index: number) =>
  fc.record({
    name: fc.constant(names[index] as string),
    ifId: fc.constant(tunnelId(index + 1)),
    client: fc.constant(`client${index}`),
    mtu: fc.constantFrom(1_300, 1_400),
    addresses: fc.uniqueArray(fc.constantFrom(...addresses), { maxLength: 3 }),
  });

const sa = (client: string) =>
  fc
    .record({
      direction: fc.constantFrom("in" as const, "out" as const),
      spi: fc.integer({ min: 1, max: 4 }),
      local: fc.constantFrom(...outer),
      port: fc.constantFrom(4_500, 20_001),
    })
    .map(({ direction, spi, local, port }) =>
      sampleSa(direction, spi, {
        client,
        [direction === "in" ? "destination" : "source"]: { address: local, port },
      }),
    );

const firewall: fc.Arbitrary<Firewall> = fc.record({
  nat: fc.subarray([{ inside: ["br-lan"], tunnel: "Tunnel0" }]),
  killSwitch: fc.subarray(["client0", "client1"]).chain((clients) =>
    fc.tuple(
      ...clients.map((client) =>
        fc.subarray(networks, { minLength: 1 }).map((nets) => ({
          client,
          networks: nets,
          allowed: ["Tunnel0", "br-lan"],
        })),
      ),
    ),
  ),
  mss: fc.constant([]),
});

const state: fc.Arbitrary<DesiredState> = fc
  .subarray([0, 1])
  .chain((indexes) =>
    fc.record({
      tunnels: fc.tuple(...indexes.map(tunnel)),
      securityAssociations: fc
        .tuple(
          ...indexes.map((index) =>
            fc.uniqueArray(sa(`client${index}`), { selector: saKey, maxLength: 4 }),
          ),
        )
        .map((lists) => lists.flat()),
      routes: fc.uniqueArray(route(indexes.map((index) => names[index] as string)), {
        selector: routeKey,
        maxLength: 6,
      }),
      firewall,
    }),
  )
  .map((parts) => ({
    ...parts,
    policies: parts.tunnels.flatMap(({ ifId, client }) =>
      policiesFor(
        parts.securityAssociations.filter((item) => item.client === client),
        ifId,
      ),
    ),
  }));

function route(devices: readonly string[]): fc.Arbitrary<Route> {
  const common = { destination: fc.constantFrom(...networks), table: fc.constantFrom(254, 1_000) };
  const unreachable = fc.record({
    ...common,
    metric: fc.constantFrom(2, 2_000),
    kind: fc.constant("unreachable" as const),
  });
  if (devices.length === 0) return unreachable;
  const unicast = fc.record({
    ...common,
    metric: fc.constantFrom(2, 2_000),
    kind: fc.constant("unicast" as const),
    device: fc.constantFrom(...devices),
  });
  return fc.oneof(unicast, unreachable);
}

/** The same state whatever the order of its parts. */
function normal(value: ActualState) {
  const sorted = <Item>(items: readonly Item[], key: (item: Item) => string) =>
    [...items].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  return {
    tunnels: sorted(value.tunnels, ({ name }) => name).map((item) => ({
      ...item,
      addresses: [...item.addresses].sort(),
    })),
    securityAssociations: sorted(value.securityAssociations, saKey),
    policies: sorted(value.policies, policyKey),
    routes: sorted(value.routes, routeKey),
  };
}

/** True when packets to `network` can't leave in clear: the route that wins in the main table refuses or tunnels them, or the kill switch stands. */
function isProtected(network: Prefix, value: ActualState): boolean {
  if (value.firewall?.killSwitch.some((entry) => entry.networks.includes(network))) return true;
  return value.routes.some((item) => item.destination === network && item.table === 254);
}

const options = { numRuns: 400, seed: 20_261 };

test("applying the changes from any state to any other gives the other", () => {
  fc.assert(
    fc.property(state, state, (from, to) => {
      const after = reconcile(from, to).reduce(afterChange, from as ActualState);
      expect(normal(after)).toEqual(normal(to));
      expect(after.firewall && sameFirewall(after.firewall, to.firewall)).toBe(true);
      expect(reconcile(after, to)).toEqual([]);
    }),
    options,
  );
});

test("from a state to itself there is nothing to do", () => {
  fc.assert(
    fc.property(state, (same) => {
      expect(reconcile(same, same)).toEqual([]);
    }),
    options,
  );
});

test("a network that is protected before and after is protected after every single change", () => {
  fc.assert(
    fc.property(state, state, (from, to) => {
      const always = networks.filter((net) => isProtected(net, from) && isProtected(net, to));
      let now: ActualState = from;
      for (const change of reconcile(from, to)) {
        now = afterChange(now, change);
        for (const network of always) expect(isProtected(network, now)).toBe(true);
      }
    }),
    options,
  );
});

test("an outbound policy never names an SA that is not there, if the states are sound", () => {
  fc.assert(
    fc.property(state, state, (from, to) => {
      let now: ActualState = from;
      for (const change of reconcile(from, to)) {
        now = afterChange(now, change);
        const spis = new Set(now.securityAssociations.map(({ spi }) => spi));
        for (const { direction, template } of now.policies)
          if (direction === "out") expect(spis.has(template.spi)).toBe(true);
      }
    }),
    options,
  );
});
