/**
 * The way to the hub: what is not answered, and what was found when the way was looked at. Silence has many fathers; each
 * rule takes the cases that it can tell from the others, and `hub-silent` what is left.
 */
import {
  type Case,
  eventEvidence,
  type Failure,
  fact,
  factNumber,
  listed,
  waysTo,
} from "../case.ts";
import type { Evidence } from "../diagnosis.ts";
import type { WayFacts } from "../evidence.ts";
import { fromFailure } from "../from-failure.ts";
import type { Rule } from "../rule.ts";

const theme = "the way to the hub";
const INIT = "IKE_SA_INIT";
/** What only follows from a way that is broken before it reaches the hub. */
const SILENCE = ["hub-silent", "udp-500-blocked", "hub-stopped-answering", "name-server-silent"];

export const pathRules: readonly Rule[] = [
  fromFailure({
    code: "no-route",
    theme,
    consequence: "blocks",
    fault: "There is no route to the hub",
    shownBy: "the kernel's routing tables",
    remedy: "Bring back the default route of the uplink",
    explains: SILENCE,
    reasons: ["socket.no-route"],
    words: (failure, peers) => ({
      explanation: `This branch has no route to ${peers}: ${failure.event.message.split("; ")[0]?.replace(/^.*can't be reached: /, "")}.`,
      remedy:
        "On this branch: the uplink has lost its default route. Look at `ip route` and at DHCP, the router advertisement or the " +
        "dialer of the uplink.",
      evidence: [{ kind: "route", text: `no route to ${peers}` }],
    }),
  }),
  {
    code: "gateway-silent",
    theme,
    consequence: "blocks",
    fault: "The next router does not answer",
    shownBy: "no answer to ARP or neighbour solicitation for the gateway of the way to the hub",
    remedy: "Look at the modem or router of the uplink",
    explains: [...SILENCE, "udp-4500-blocked"],
    find: (given) => {
      if (given.isUp || !given.failures.some(isSilence)) return undefined;
      const silent = given.evidence.ways.filter(({ gatewayAnswers }) => gatewayAnswers === false);
      if (silent.length === 0) return undefined;
      const gateways = listed(silent.map(({ route }) => route?.gateway ?? ""));
      const devices = listed(silent.map(({ route }) => route?.device ?? ""));
      return {
        certainty: "certain",
        when: "now",
        explanation: `The next router, ${gateways} on ${devices}, does not answer: nothing leaves this branch that way.`,
        remedy:
          "Look at the modem or router behind that interface: its power, its cable, whether the address of its own side changed " +
          "(then the default route here is out of date).",
        evidence: silent.map(gatewayEvidence),
      };
    },
  },
  fromFailure({
    code: "nothing-listens-at-hub",
    theme,
    consequence: "blocks",
    fault: "The hub's address is there, but nothing listens for IKE",
    shownBy: "ICMP port unreachable for UDP 500 or 4500",
    remedy: "Start IKE at the hub, or correct the address of the peer",
    reasons: ["ike.timeout", "ike.liveness-lost"],
    explains: ["hub-silent", "hub-stopped-answering", "udp-500-blocked"],
    if: (failure, given) => refusals(given, failure, "ECONNREFUSED").length > 0,
    words: (failure, peers, given) => ({
      explanation: `${peers} is there and says that nothing listens on ${portsOf(refusals(given, failure, "ECONNREFUSED"))}: IKE does not run on it, or not on this address.`,
      remedy:
        "At the hub: start IKE, or let it listen on that address. Here: check that `peers` names the hub and not something else.",
      evidence: refusals(given, failure, "ECONNREFUSED"),
    }),
  }),
  fromFailure({
    code: "way-prohibited",
    theme,
    consequence: "blocks",
    fault: "A router on the way says that the hub can't be reached",
    shownBy: "ICMP unreachable (no such host, no route, administratively prohibited)",
    remedy: "Ask whoever runs that router; look at the address of the peer",
    reasons: ["ike.timeout", "ike.liveness-lost"],
    explains: ["hub-silent", "hub-stopped-answering", "udp-500-blocked"],
    if: (failure, given) => refusals(given, failure, "EHOSTUNREACH").length > 0,
    words: (failure, peers, given) => ({
      explanation: `Something on the way to ${peers} answers that it can't be reached: a router has no way to it, or a firewall forbids it.`,
      remedy:
        "Check the address under `peers`. If it is right, the hub's site has lost its line, or a firewall rejects UDP 500 and " +
        "4500: `traceroute` shows whose router it is.",
      evidence: refusals(given, failure, "EHOSTUNREACH"),
    }),
  }),
  fromFailure({
    code: "udp-500-blocked",
    theme,
    consequence: "blocks",
    fault: "UDP port 500 does not get through",
    shownBy: "IKE_SA_INIT without any answer from a hub that answers pings",
    remedy: "Let UDP 500 and 4500 through on the way, or start IKE at the hub",
    certainty: "likely",
    explains: ["hub-silent"],
    reasons: ["ike.timeout"],
    if: (failure, given) =>
      fact(failure, "exchange") === INIT &&
      waysTo(given, failure.peer).some(({ answersPing }) => answersPing),
    words: (failure, peers, given) => ({
      explanation:
        `${peers} answers pings, but none of ${fact(failure, "tries")} IKE_SA_INIT on UDP port 500: a firewall on the way or at ` +
        "the hub drops them, or IKE at the hub does not want to know this branch.",
      remedy:
        "Let UDP 500 and 4500 pass both ways between this branch and the hub: at the provider's router in front of this branch, and at " +
        "the hub's firewall. At the hub see whether the requests arrive (IOS: `debug crypto ikev2`, or a capture).",
      evidence: waysTo(given, failure.peer).map(pingEvidence),
    }),
  }),
  fromFailure({
    code: "hub-silent",
    theme,
    consequence: "blocks",
    fault: "The hub does not answer at all",
    shownBy: "IKE_SA_INIT without any answer, and nothing else known of the hub",
    remedy: "See that the hub is up and that UDP 500 and 4500 reach it",
    certainty: "likely",
    reasons: ["ike.timeout"],
    if: (failure) => fact(failure, "exchange") === INIT,
    words: (failure, peers, given) => ({
      explanation:
        `${peers} does not answer: ${fact(failure, "tries")} IKE_SA_INIT went out and nothing came back. The hub is down, its ` +
        "address is wrong, or something on the way drops UDP port 500.",
      remedy:
        "See from elsewhere whether the hub is up and has that address. If so, let UDP 500 and 4500 through on the way, first " +
        "at the provider's router in front of this branch.",
      evidence: waysTo(given, failure.peer).map(pingEvidence),
    }),
  }),
  fromFailure({
    code: "fragments-dropped",
    theme,
    consequence: "blocks",
    fault: "Large IKE messages are lost: IP fragments are dropped on the way",
    shownBy:
      "IKE_SA_INIT is answered, a large IKE_AUTH is not, and the hub does not cut IKE messages itself (RFC 7383)",
    remedy: "Switch IKE fragmentation on at both ends, or let fragments through",
    certainty: "likely",
    explains: ["udp-4500-blocked"],
    reasons: ["ike.timeout"],
    if: (failure, given) => isUnanswered(failure) && isLarge(failure, given),
    words: (failure, peers, { evidence }) => ({
      explanation:
        `${peers} answers IKE_SA_INIT but not IKE_AUTH, whose ${factNumber(failure, "bytes")} bytes or whose answer with ` +
        "certificates need several IP fragments: fragments are dropped on the way.",
      remedy:
        evidence.configuration.fragmentMtu === undefined
          ? "On this branch: switch `fragmentation` of the profile on again, so that IKE cuts its messages itself."
          : "At the hub: switch IKE fragmentation on (IOS: `crypto ikev2 fragmentation`, strongSwan: `fragmentation = yes`): it did not " +
            "announce it. Otherwise let IP fragments pass on the way.",
      evidence: [
        {
          kind: "exchange",
          text: `IKE_AUTH: largest datagram ${factNumber(failure, "bytes")} bytes, IKE fragmentation not agreed`,
        },
      ],
    }),
  }),
  fromFailure({
    code: "udp-4500-blocked",
    theme,
    consequence: "blocks",
    fault: "UDP port 4500 does not get through",
    shownBy: "IKE_SA_INIT is answered on port 500, and IKE_AUTH on port 4500 is not",
    remedy: "Let UDP 4500 through on the way",
    certainty: "likely",
    reasons: ["ike.timeout"],
    if: (failure, given) =>
      isUnanswered(failure) && factNumber(failure, "port") === 4500 && !isLarge(failure, given),
    words: (failure, peers) => ({
      explanation:
        `${peers} answers on UDP port 500, but none of ${fact(failure, "tries")} IKE_AUTH on port 4500, where both ends go because ` +
        "there is a NAT between them: port 4500 is blocked on the way.",
      remedy:
        "Let UDP 4500 pass both ways: at the provider's router in front of this branch, and at the hub's firewall. A NAT in front " +
        "of the hub must forward port 4500 as well as 500.",
      evidence: [
        {
          kind: "exchange",
          text: "IKE_SA_INIT answered on port 500, IKE_AUTH unanswered on port 4500",
        },
      ],
    }),
  }),
  fromFailure({
    code: "hub-silent-on-auth",
    theme,
    consequence: "blocks",
    fault: "The hub answers the first exchange and then no more",
    shownBy: "IKE_SA_INIT is answered, and IKE_AUTH on the same port is not",
    remedy: "The hub's log says what it did with IKE_AUTH",
    certainty: "possible",
    reasons: ["ike.timeout"],
    if: (failure, given) =>
      isUnanswered(failure) && factNumber(failure, "port") !== 4500 && !isLarge(failure, given),
    words: (_, peers) => ({
      explanation: `${peers} answers IKE_SA_INIT but not IKE_AUTH on the same port: it went down in between, or drops what it does not like without a word.`,
      remedy:
        "Look into the hub's log at that time: an unknown identity or an authentication server (RADIUS) that does not answer are the " +
        "usual reasons for its silence.",
    }),
  }),
  {
    code: "datagrams-refused",
    theme,
    consequence: "blocks",
    fault: "The kernel of this branch refuses to send IKE",
    shownBy: "EPERM for our own datagrams: a rule of this machine's firewall",
    remedy: "Allow UDP 500 and 4500 out in this machine's firewall",
    explains: [...SILENCE, "udp-4500-blocked", "hub-silent-on-auth"],
    find: (given) => {
      const silent = given.failures.filter((each) => each.when === "now" && isSilence(each));
      const refused = given.evidence.events.findLast(
        ({ mnemonic, message, time }) =>
          mnemonic === SEND_REFUSED &&
          given.evidence.now - Date.parse(time) < LATELY &&
          silent.some(({ peer }) => message.includes(peer)),
      );
      if (!refused) return undefined;
      return {
        certainty: "certain",
        when: "now",
        explanation: `The kernel of this branch refuses to send IKE to the hub: ${refused.message.split("; ")[0]}.`,
        remedy:
          "On this branch: look into the output chains of its firewall (`nft list ruleset`) and allow UDP 500 and 4500 to the hubs; " +
          "IP protocol 50 (ESP) too where there is no NAT.",
        evidence: [eventEvidence(refused)],
      };
    },
  },
];

/** True for what failed because nothing came back. */
function isSilence({ code }: Failure): boolean {
  return code === "ike.timeout" || code === "ike.liveness-lost";
}

/** The hub answered IKE_SA_INIT, and not what came after it. */
function isUnanswered(failure: Failure): boolean {
  return fact(failure, "exchange") === "IKE_AUTH";
}

/** IKE_AUTH, or the answer to it with the hub's certificates, is more than one packet, and IKE does not cut it. */
function isLarge(failure: Failure, { evidence }: Case): boolean {
  if (factNumber(failure, "ike-fragments") === 1) return false;
  const answerIsLarge = evidence.configuration.remote.authentication === "certificate";
  return factNumber(failure, "bytes") > PACKET || answerIsLarge;
}

function refusals(given: Case, failure: Failure, errno: string): readonly Evidence[] {
  return waysTo(given, failure.peer).flatMap(({ address, refusals: all }) =>
    all
      .filter((each) => each.errno === errno)
      .map(
        ({ port }): Evidence => ({
          kind: "route",
          text: `${address} port ${port}: ${errno === "ECONNREFUSED" ? "port unreachable" : "unreachable"}`,
        }),
      ),
  );
}

function portsOf(evidence: readonly Evidence[]): string {
  const ports = evidence.map(({ text }) => /port (\d+)/.exec(text)?.[1] ?? "");
  return `UDP port ${listed(ports)}`;
}

function gatewayEvidence({ route, address }: WayFacts): Evidence {
  const text = `the way to ${address} leads over ${route?.gateway} on ${route?.device}, which does not answer`;
  return { kind: "route", text };
}

function pingEvidence({ address, source, answersPing, route }: WayFacts): Evidence {
  const from = source === undefined ? "" : ` from ${source}`;
  const via =
    route === undefined
      ? ", no route"
      : `, by ${route.device}${route.gateway === undefined ? "" : ` over ${route.gateway}`}`;
  const ping =
    answersPing === undefined ? "not pinged" : answersPing ? "answers pings" : "answers no ping";
  return { kind: "route", text: `${address}${from}${via}: ${ping}` };
}

const SEND_REFUSED = "FLEXSPOKE-4-DATAGRAM_REFUSED";
/** Twice as long as the same refusal is not told again. */
const LATELY = 4 * 60_000;
/** IKE bytes that fit one packet on every usual line, PPPoE with UDP and its marker included. */
const PACKET = 1_450;
