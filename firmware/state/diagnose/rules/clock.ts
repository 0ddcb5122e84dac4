/** A clock that the time guard does not trust, and what is provisional for it. */
import type { Rule } from "../rule.ts";

export const clockRules: readonly Rule[] = [
  {
    code: "clock-untrusted",
    theme: "certificates and the clock",
    consequence: "endangers",
    fault: "The clock of this branch can't be trusted yet",
    shownBy:
      "`system.clock` of the state document; sessions by certificates are marked provisional",
    remedy: "Let the branch reach a time server, or set the clock",
    find: ({ evidence }) => {
      const { clock } = evidence.document.system;
      const { local, remote } = evidence.configuration;
      const usesCertificates = [local, remote].some(
        ({ authentication }) => authentication === "certificate",
      );
      if (!clock || clock.trusted || !usesCertificates) return undefined;
      const isProvisional = evidence.document.ike.some(
        ({ client, provisional }) => client === evidence.client && provisional,
      );
      const effect = isProvisional
        ? "The session is provisional: the hub's certificate is judged again as soon as the time is known, and the session ends if it is not valid then."
        : "Certificates that have run out since then are not noticed before the time is known.";
      return {
        certainty: "certain",
        when: "now",
        explanation: `The clock of this branch can't be trusted: ${clock.reason ?? "nothing keeps it right"}. ${effect}`,
        remedy:
          "On this branch: name time servers that it reaches (`system.time.ntp`; by address where no name server answers), over the " +
          "WAN or behind the tunnel, which is up without them. Or set the clock by hand (`date -s`).",
        evidence: [
          { kind: "clock", text: `the earliest that it can be is ${clock.earliest ?? "unknown"}` },
        ],
      };
    },
  },
];
