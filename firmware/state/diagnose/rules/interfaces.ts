/** Interfaces and addresses of this branch: what is missing, down, without address, taken by another or in each other's way. */
import { type IpAddress, type Prefix, parsePrefix, prefixContains } from "#lib/ip.ts";
import { type Case, eventEvidence, listed } from "../case.ts";
import type { InterfaceFacts } from "../evidence.ts";
import { fromFailure } from "../from-failure.ts";
import type { Found, Rule } from "../rule.ts";

const theme = "interfaces and addresses";
/** What is no wonder without a working uplink. */
const AFTER_UPLINK = [
  "no-route",
  "no-local-address",
  "hub-silent",
  "hub-stopped-answering",
  "udp-500-blocked",
  "gateway-silent",
  "name-server-silent",
  "no-name-server",
  "datagrams-refused",
];

export const interfaceRules: readonly Rule[] = [
  source({
    code: "source-missing",
    fault: "A source interface does not exist",
    shownBy: "no interface of that name in this machine",
    remedy: "Correct the name under `source`, or plug the device in",
    applies: (found) => found === undefined,
    says: "does not exist",
    advice:
      "correct its name under `source`, or plug the modem or adapter in; it is used as soon as it is there",
  }),
  source({
    code: "source-down",
    fault: "A source interface is down",
    shownBy: "no carrier, or switched off",
    remedy: "Look at the cable and at the device at its other end",
    applies: (found) => found !== undefined && !found.isUp,
    says: "is down: it is switched off, or has no carrier",
    advice:
      "look at the cable and at the modem or switch at its other end, then `ip link set … up`",
  }),
  source({
    code: "source-without-address",
    fault: "A source interface has no address",
    shownBy: "an interface that is up and has none but link-local addresses",
    remedy: "Look at DHCP, the router advertisement or the static address of the uplink",
    applies: (found) => found?.isUp === true && found.addresses.length === 0,
    says: "is up and has no address",
    advice:
      "look whether its DHCP client runs and what it says; the provider's router may not answer, or wait for a login",
  }),
  {
    code: "inside-interface-unusable",
    theme,
    consequence: "degrades",
    fault: "The LAN interface does not exist, is down or has no address",
    shownBy: "the interfaces under `inside` against those of this machine",
    remedy: "Correct `inside`, or bring the interface up",
    find: ({ evidence: { configuration, machine } }): Found | undefined => {
      const bad = configuration.inside.filter((name) => {
        const found = machine.interfaces.find((each) => each.name === name);
        return !found?.isUp || found.addresses.length === 0;
      });
      if (bad.length === 0) return undefined;
      const states = bad.map((name) => {
        const found = machine.interfaces.find((each) => each.name === name);
        return `${name} ${!found ? "does not exist" : found.isUp ? "has no address" : "is down"}`;
      });
      return {
        certainty: "certain",
        when: "now",
        explanation: `The LAN can't use the tunnel: ${listed(states)}.`,
        remedy:
          "On this branch: correct the names under `inside` of the client, or bring the interface up with its address.",
        evidence: states.map((text) => ({ kind: "interface", text })),
      };
    },
  },
  {
    code: "address-taken",
    theme,
    consequence: "blocks",
    fault: "Another device on the link has an address of this branch",
    shownBy: "an answer to an ARP probe for our own address, or a duplicate found by IPv6",
    remedy: "Give one of the two another address",
    explains: [
      ...AFTER_UPLINK,
      "udp-4500-blocked",
      "hub-silent-on-auth",
      "esp-blocked",
      "identity-used-twice",
    ],
    find: ({ evidence: { machine } }): Found | undefined => {
      const taken = machine.interfaces.flatMap(({ name, rivals }) =>
        rivals.map((rival) => ({ ...rival, name })),
      );
      const [first] = taken;
      if (!first) return undefined;
      return {
        certainty: "certain",
        when: "now",
        explanation: `Another device on ${first.name} (${first.by}) answers for ${first.address}, which is this branch's: packets go to one or the other by chance.`,
        remedy:
          "Find the device by its hardware address (the first half names its maker) and give one of the two another address: a static " +
          "address here must lie outside the range of the DHCP server.",
        evidence: taken.map(({ name, address, by }) => ({
          kind: "interface",
          text: `${name}: ${by} answers for ${address}`,
        })),
      };
    },
  },
  {
    code: "lan-overlaps",
    theme,
    consequence: "degrades",
    fault: "The LAN's network is also behind the hub",
    shownBy: "the networks that the hub gave against those of the LAN and the assigned address",
    remedy: "Renumber one side, or let the hub leave that network out",
    find: (given): Found | undefined => {
      const overlaps = overlapsOf(given);
      const [first] = overlaps;
      if (!first) return undefined;
      const { lan, name, network } = first;
      return {
        certainty: "certain",
        when: "now",
        explanation:
          `The LAN ${lan} on ${name} and ${network} behind the hub overlap: hosts of the LAN take addresses of the one for the other, ` +
          "and reach only what is nearer.",
        remedy:
          "Give the LAN another network, or let the hub leave it out of what it protects (its split list). Larger networks of the " +
          "hub that merely contain the LAN's, such as 10.0.0.0/8, are harmless and not meant.",
        evidence: overlaps.map((each) => ({
          kind: "route",
          text: `${each.name} has ${each.lan}, the hub gave ${each.network}`,
        })),
      };
    },
  },
  {
    code: "hub-inside-tunnel",
    theme,
    consequence: "degrades",
    fault: "The hub's own address lies in a network that goes through its tunnel (routing loop)",
    shownBy:
      "a route that was left out for it, or the kernel's way to the hub leading into the tunnel",
    remedy:
      "See that the WAN has a default route of its own; leave the hub out of the protected networks",
    explains: ["hub-stopped-answering", "hub-silent"],
    find: (given): Found | undefined => {
      const { client, evidence, events } = given;
      const lastUp = events.findLast(({ mnemonic }) => mnemonic.endsWith("CONNECTION_UP"))?.id ?? 0;
      const leftOut = events.findLast(({ id, mnemonic }) => mnemonic === LEFT_OUT && id > lastUp);
      const tunnels = Object.keys(evidence.document.tunnels);
      const looped = evidence.ways.filter(({ route }) => route && tunnels.includes(route.device));
      if (!leftOut && looped.length === 0) return undefined;
      const hub = looped[0]?.address ?? client.peer?.address ?? "the hub";
      return {
        certainty: "certain",
        when: "now",
        explanation:
          `${hub} is the hub's own address and lies within a network that the hub wants in its tunnel: ` +
          (leftOut && looped.length === 0
            ? "the way to it outside the tunnel is not known, so the route to that network was left out."
            : "the packets of the tunnel would go through the tunnel themselves."),
        remedy:
          "On this branch: see that the WAN has a default route (or a route to the hub) of its own. At the hub: leave its public " +
          "address out of the networks that it gives out.",
        evidence: [
          ...(leftOut ? [eventEvidence(leftOut, "route")] : []),
          ...looped.map(({ address, route }) => ({
            kind: "route" as const,
            text: `the way to ${address} leads into ${route?.device}`,
          })),
        ],
      };
    },
  },
  fromFailure({
    code: "no-local-address",
    theme,
    consequence: "blocks",
    fault: "This branch has no address of the hub's family",
    shownBy: "no IPv4 or IPv6 address to send from",
    remedy: "Give the uplink one, or use a peer of the other family",
    reasons: ["socket.no-address"],
    words: ({ event }, peers) => ({
      explanation: `This branch has no address from which to reach ${peers}: ${whatIn(event.message)}.`,
      remedy:
        "On this branch: look at DHCP or the router advertisement of the uplink for that family; or give a peer of the other family " +
        "under `peers`.",
    }),
  }),
  fromFailure({
    code: "source-vanished",
    theme,
    consequence: "blocks",
    fault: "The interface that a session was to leave by is gone",
    shownBy: "ENODEV for our socket",
    remedy: "Look at the modem or adapter behind it",
    reasons: ["socket.interface-missing"],
    words: ({ event }, peers) => ({
      explanation: `The way to ${peers} is gone: ${whatIn(event.message)}.`,
      remedy:
        "Look at the modem or adapter behind that interface; it is used again as soon as it is back.",
    }),
  }),
];

/** A source that keeps the client waiting, or the better one that it does without. */
function source(given: {
  readonly code: string;
  readonly fault: string;
  readonly shownBy: string;
  readonly remedy: string;
  readonly applies: (found: InterfaceFacts | undefined) => boolean;
  readonly says: string;
  readonly advice: string;
}): Rule {
  const { code, fault, shownBy, remedy, applies, says, advice } = given;
  return {
    code,
    theme,
    consequence: "blocks",
    fault,
    shownBy,
    remedy,
    explains: AFTER_UPLINK,
    find: ({ evidence, isUp, client }): Found | undefined => {
      const { sources, dialer } = evidence.configuration;
      const { interfaces } = evidence.machine;
      const dialled =
        dialer === undefined ? undefined : evidence.document.dialers[dialer]?.interface;
      const bad = sources
        .map((each) => each.interface)
        // What a dialer brings up is missing whenever nobody needs it.
        .filter((name) => name !== dialled)
        .filter((name) => applies(interfaces.find((each) => each.name === name)));
      if (bad.length === 0) return undefined;
      const isWorking = isUp || bad.length < sources.length;
      return {
        certainty: "certain",
        when: "now",
        ...(isWorking && { consequence: "endangers" }),
        explanation:
          `The source interface ${listed(bad)} ${says}.` +
          (isUp && client.source !== undefined ? ` The client uses ${client.source} instead.` : ""),
        remedy: `On this branch: ${advice}.`,
        evidence: bad.map((name) => ({ kind: "interface", text: `${name} ${says}` })),
      };
    },
  };
}

interface Overlap {
  readonly name: string;
  readonly lan: Prefix;
  readonly network: Prefix | IpAddress;
}

/** A network of the hub that is as narrow as the LAN's or narrower; a wider one gives way to the link's own route. */
function overlapsOf({ client, evidence, isUp }: Case): readonly Overlap[] {
  if (!isUp) return [];
  const { configuration, machine } = evidence;
  const { ipv4 } = client.assigned;
  const beyond: (Prefix | IpAddress)[] = [
    ...client.networks,
    ...(ipv4 === undefined ? [] : [ipv4]),
  ];
  return machine.interfaces
    .filter(({ name }) => configuration.inside.includes(name))
    .flatMap(({ name, addresses }) =>
      addresses.flatMap((text) => {
        const lan = parsePrefix(text);
        if (lan === undefined) return [];
        return beyond
          .filter((network) => prefixContains(lan, network))
          .map((network) => ({ name, lan, network }));
      }),
    );
}

/** What the event says, without the peer before it and the advice after it. */
function whatIn(message: string): string {
  return (message.split("; ")[0] ?? message).replace(/^.* can't be reached: /, "");
}

const LEFT_OUT = "FLEXSPOKE-4-ROUTE_LEFT_OUT";
