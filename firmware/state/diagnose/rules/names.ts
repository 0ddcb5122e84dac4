/** The name of a peer has no address that can be used. */

import type { Case, Failure } from "../case.ts";
import type { Evidence } from "../diagnosis.ts";
import { fromFailure } from "../from-failure.ts";
import type { Rule } from "../rule.ts";

const theme = "names";
const NO_ANSWER = ["dns.timeout", "dns.server-unreachable", "dns.failed"];

export const nameRules: readonly Rule[] = [
  fromFailure({
    code: "no-name-server",
    theme,
    consequence: "blocks",
    fault: "No name server is configured",
    shownBy: "a name that can't be looked up, and no `nameserver` in /etc/resolv.conf",
    remedy: "Let DHCP or the dialer set one, or name one yourself",
    reasons: [...NO_ANSWER, "dns.not-found"],
    if: (_, { evidence }) => evidence.machine.nameServers.length === 0,
    words: (_, peers) => ({
      explanation: `The name ${peers} can't be looked up: this branch knows no name server.`,
      remedy:
        "On this branch: /etc/resolv.conf names no server. Let the uplink bring one (DHCP, `usepeerdns` of pppd), or write one " +
        "there; or give the peer by its `address`.",
      evidence: [{ kind: "configuration", text: "/etc/resolv.conf names no server" }],
    }),
  }),
  fromFailure({
    code: "name-server-silent",
    theme,
    consequence: "blocks",
    fault: "The name servers do not answer",
    shownBy: "a look-up that times out or that every server refuses",
    remedy: "Check the uplink and the servers in /etc/resolv.conf",
    reasons: NO_ANSWER,
    if: (_, { evidence }) => evidence.machine.nameServers.length > 0,
    words: (_, peers, given) => ({
      explanation: `The name ${peers} can't be looked up: the name servers do not answer.`,
      remedy:
        "On this branch: see whether the uplink works at all, then whether the servers below are the right ones for it. A server " +
        "behind the tunnel can't be asked before the tunnel is up; give the peer by its `address` if there is no other.",
      evidence: [servers(given)],
    }),
  }),
  fromFailure({
    code: "name-unknown",
    theme,
    consequence: "blocks",
    fault: "The name of a peer does not exist",
    shownBy: "NXDOMAIN, or an answer without any address, for a peer of either family",
    remedy: "Correct the name, here or in DNS",
    reasons: ["dns.not-found", "dns.no-usable-address"],
    if: (failure, given) =>
      given.evidence.machine.nameServers.length > 0 && !wantsFamily(failure, given),
    words: (failure, peers, given) => ({
      explanation: `The name ${peers} has no address that this branch could use: ${saidBy(failure)}.`,
      remedy:
        "Compare the name under `peers` with what the hub's operator published, and see whether the name server of the uplink " +
        "knows it (an internal name needs an internal server).",
      evidence: [servers(given)],
    }),
  }),
  fromFailure({
    code: "name-without-family",
    theme,
    consequence: "blocks",
    fault:
      "The name of a peer has no address of the family that is asked for, or that the source has",
    shownBy:
      "no A or AAAA record for a peer with `family`, or none that the source interface could reach",
    remedy: "Change `family`, publish the address, or give the source one of that family",
    reasons: ["dns.not-found", "dns.no-usable-address"],
    if: (failure, given) =>
      given.evidence.machine.nameServers.length > 0 && wantsFamily(failure, given),
    words: (failure, peers) => ({
      explanation: `The name ${peers} has no address of the family that is needed: ${saidBy(failure)}.`,
      remedy:
        "Set `family` of the peer to `dynamic`, or publish an address of that family in DNS; where the name has one, see that the " +
        "source interface has an address of that family too.",
      evidence: [
        { kind: "configuration", text: `\`family\` of the peer is asked for by the client` },
      ],
    }),
  }),
];

/** The name may well have addresses, of the other family. */
function wantsFamily(failure: Failure, given: Case): boolean {
  if (failure.code === "dns.no-usable-address")
    return /none of the addresses/.test(failure.event.message);
  const peer = given.evidence.configuration.peers.find(({ host }) => host === failure.peer);
  return peer?.family === "ipv4" || peer?.family === "ipv6";
}

/** What the event says, without the client's name before it and the advice after it. */
function saidBy({ event }: Failure): string {
  const [what = ""] = event.message.split("; ");
  return what.replace(/^[^:]+: /, "");
}

function servers(given: Case): Evidence {
  const { nameServers } = given.evidence.machine;
  return { kind: "configuration", text: `name servers: ${nameServers.join(", ")}` };
}
