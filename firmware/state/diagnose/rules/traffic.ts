/** The session is up, and packets in the tunnel are lost. */
import { type Case, eventEvidence } from "../case.ts";
import type { Evidence } from "../diagnosis.ts";
import type { TrafficFacts } from "../evidence.ts";
import { fromFailure } from "../from-failure.ts";
import type { Found, Rule } from "../rule.ts";

const theme = "traffic in the tunnel";

export const trafficRules: readonly Rule[] = [
  {
    code: "esp-blocked",
    theme,
    consequence: "degrades",
    fault: "ESP (IP protocol 50) does not get through, while IKE does",
    shownBy:
      "packets sent into the tunnel, none received, and a hub that answers on IKE; no NAT on the way",
    remedy: "Let IP protocol 50 through on the way, both ways",
    find: (given): Found | undefined => {
      const traffic = oneWay(given);
      if (!traffic || isEncapsulated(given)) return undefined;
      return {
        certainty: "likely",
        when: "now",
        explanation:
          `The tunnel is up and IKE passes, but of ${traffic.packetsOut} packets sent into it none was answered: ESP, IP protocol 50, ` +
          "is blocked on the way.",
        remedy:
          "Let IP protocol 50 pass both ways, at the provider's router in front of this branch and at the hub's firewall; a rule for UDP " +
          "500 and 4500 is not enough. If it can't be had: let ESP travel in UDP 4500, as it does behind a NAT (at an " +
          "strongSwan hub: `encap = yes`).",
        evidence: [counted(traffic), HEARD],
      };
    },
  },
  {
    code: "esp-in-udp-one-way",
    theme,
    consequence: "degrades",
    fault: "ESP in UDP 4500 gets no answer, while IKE does",
    shownBy:
      "packets sent into the tunnel, none received, and a hub that answers on IKE; a NAT on the way",
    remedy: "Look at routing and firewall behind the hub",
    find: (given): Found | undefined => {
      const traffic = oneWay(given);
      if (!traffic || !isEncapsulated(given)) return undefined;
      return {
        certainty: "possible",
        when: "now",
        explanation:
          `The tunnel is up and IKE passes on the same port, but of ${traffic.packetsOut} packets sent into it none was answered: the ` +
          "hub drops what comes out of the tunnel, or has no way back for the address it assigned.",
        remedy:
          "At the hub: see whether its counters of the SA rise (IOS: `show crypto ipsec sa`); if they do, its routing or firewall " +
          "behind the tunnel is at fault; if not, something on the way inspects UDP 4500.",
        evidence: [counted(traffic), HEARD],
      };
    },
  },
  {
    code: "replay-drops",
    theme,
    consequence: "degrades",
    fault: "Packets from the hub come too late or twice and are dropped (replay window)",
    shownBy: "the replay counter of the SAs",
    remedy: "Enlarge `replay-window` here; look at QoS that reorders on the way",
    find: (given): Found | undefined => {
      const { traffic } = given;
      const { replayWindow } = given.evidence.configuration;
      if (!traffic || traffic.replayDrops === 0) return undefined;
      const share = traffic.replayDrops / (traffic.packetsIn + traffic.replayDrops);
      if (traffic.replayDrops < 10 && share < 0.001) return undefined;
      return {
        certainty: "certain",
        when: "now",
        explanation:
          `${traffic.replayDrops} of ${traffic.packetsIn + traffic.replayDrops} packets from the hub were dropped because they came ` +
          `twice, or more than ${replayWindow} packets late: something on the way reorders or repeats them.`,
        remedy:
          "On this branch: set `replay-window` of the `ipsec` profile larger (1024, or 4096 on fast lines). At the hub and the provider: QoS " +
          "that sorts encrypted packets into several queues reorders them.",
        evidence: [counted(traffic)],
      };
    },
  },
  {
    code: "integrity-failures",
    theme,
    consequence: "degrades",
    fault: "Packets from the hub arrive spoiled",
    shownBy: "the integrity counter of the SAs",
    remedy: "Look for what changes packets on the way; compare the ciphers' implementations",
    find: ({ traffic }): Found | undefined => {
      if (!traffic || traffic.integrityFailures === 0) return undefined;
      return {
        certainty: "certain",
        when: "now",
        explanation:
          `${traffic.integrityFailures} packets from the hub failed their check: something on the way changes them, or somebody sends ` +
          "forged ones.",
        remedy:
          "Look at the line for errors (`ip -s link`), and for a device that inspects or rewrites IPsec; switch hardware offload off " +
          "(`offload: none`) to see whether it is at fault.",
        evidence: [counted(traffic)],
      };
    },
  },
  {
    code: "mtu-black-hole",
    theme,
    consequence: "degrades",
    fault: "Large packets vanish on the way and no router says so (MTU black hole)",
    shownBy:
      "the hub echoes small unfragmentable packets and not large ones, without ICMP about it",
    remedy: "Set `mtu` of the tunnel to what passes",
    find: (given): Found | undefined => {
      const { client, evidence, isUp } = given;
      const address = client.peer?.address;
      const way = evidence.ways.find((each) => each.address === address && each.size?.lost);
      if (!isUp || !way?.size || way.size.isTold) return undefined;
      const { passes, lost = 0 } = way.size;
      const mtu = evidence.document.tunnels[client.tunnel]?.mtu ?? 0;
      if (mtu + OVERHEAD <= passes) return undefined;
      const fits = Math.floor((passes - OVERHEAD) / 8) * 8;
      return {
        certainty: "certain",
        when: "now",
        explanation:
          `Packets of ${lost} bytes vanish on the way to ${way.address}, those of ${passes} pass, and no router tells: connections in the ` +
          `tunnel, whose MTU is ${mtu}, begin and then hang.`,
        remedy:
          `On this branch: set \`mtu: ${fits}\` of ${client.tunnel} (TCP then follows by itself). Better: let the router with the smaller ` +
          'line send its ICMP "fragmentation needed", or nobody drop it.',
        evidence: [
          {
            kind: "probe",
            text: `${way.address}: ${passes} bytes come back, ${lost} bytes do not, and no ICMP about it`,
          },
        ],
      };
    },
  },
  fromFailure({
    code: "nat-mapping-expired",
    theme,
    consequence: "blocks",
    fault: "A NAT on the way forgot this branch while nothing was sent",
    shownBy: "a session behind a NAT that fell silent, with keepalives off or rare",
    remedy: "Switch `nat-keepalive` on, 20 s or less",
    certainty: "likely",
    explains: ["hub-stopped-answering"],
    reasons: ["ike.liveness-lost"],
    if: (failure, { evidence, events }) => {
      const { natKeepalive } = evidence.configuration;
      const isBehindNat = events.some(
        ({ id, mnemonic }) => mnemonic === NAT && id < failure.event.id,
      );
      return isBehindNat && (natKeepalive === 0 || natKeepalive > RARE);
    },
    words: (_, peers, { evidence, events }) => {
      const { natKeepalive } = evidence.configuration;
      const told = events.findLast(({ mnemonic }) => mnemonic === NAT);
      const how = natKeepalive === 0 ? "switched off" : `sent every ${natKeepalive} s only`;
      return {
        explanation:
          `${peers} fell silent on a session that goes through a NAT, and keepalives are ${how}: the NAT forgot the branch while nothing ` +
          "was sent, so that nothing from the hub arrives any more.",
        remedy:
          "On this branch: set `nat-keepalive` of the profile to 20s (or less: some mobile networks forget after 30 s).",
        evidence: told ? [eventEvidence(told)] : [],
      };
    },
  }),
];

/** Enough sent, nothing received, and the hub is alive: otherwise silence has another reason. */
function oneWay({ traffic, isUp }: Case): TrafficFacts | undefined {
  if (!isUp || !traffic || traffic.packetsIn > 0 || traffic.packetsOut < ENOUGH) return undefined;
  return traffic.answersIke ? traffic : undefined;
}

function isEncapsulated({ evidence, traffic }: Case): boolean {
  const { document, client } = evidence;
  const sa = document.ike.find(({ session }) => session === traffic?.session);
  return sa === undefined
    ? document.ipsec.some((each) => each.client === client && each["udp-encapsulation"])
    : sa.nat.local || sa.nat.remote;
}

function counted(traffic: TrafficFacts): Evidence {
  const { packetsIn, packetsOut, replayDrops, integrityFailures } = traffic;
  const drops = replayDrops + integrityFailures;
  return {
    kind: "counter",
    text:
      `packets of the session: ${packetsOut} sent, ${packetsIn} received` +
      (drops === 0 ? "" : `, ${replayDrops} dropped by replay check, ${integrityFailures} spoiled`),
  };
}

const HEARD: Evidence = { kind: "exchange", text: "the hub answered a liveness check just now" };

const NAT = "FLEXSPOKE-6-NAT_DETECTED";
/** Seconds; RFC 3948 §4 asks for 20. */
const RARE = 30;
/** Packets without an answer before it means something. */
const ENOUGH = 5;
/** ESP in tunnel mode over IPv4 in UDP with GCM: outer header, UDP, SPI and sequence, IV, padding, check value. RFC 4303 §2 */
const OVERHEAD = 66;
