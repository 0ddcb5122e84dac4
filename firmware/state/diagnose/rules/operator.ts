/** Nobody wants the client up: no fault, but an answer to why it is not. */
import { eventEvidence } from "../case.ts";
import type { Rule } from "../rule.ts";

const theme = "the operator's wish";

export const operatorRules: readonly Rule[] = [
  {
    code: "disconnected-on-request",
    theme,
    consequence: "blocks",
    fault: "Somebody disconnected the client",
    shownBy: "the last request for this client",
    remedy: "`flexspoke connect NAME` starts it again",
    find: ({ client, events, evidence }) => {
      const request = events.findLast(({ mnemonic }) => mnemonic === REQUEST);
      if (client.state !== "idle" || request?.data["request"] !== "disconnect") return undefined;
      return {
        certainty: "certain",
        when: "now",
        explanation: `It was disconnected by ${String(request.data["by"])} and stays down until somebody connects it.`,
        remedy: `\`flexspoke connect ${evidence.client}\`, or the same on the page, starts it again.`,
        evidence: [eventEvidence(request)],
      };
    },
  },
  {
    code: "started-by-hand",
    theme,
    consequence: "blocks",
    fault: "The client is to be started by hand and nobody did",
    shownBy: "`connect: manual` and no request since the start",
    remedy: "`flexspoke connect NAME`, or `connect: auto`",
    find: ({ client, events, evidence }) => {
      const { connect } = evidence.configuration;
      const last = events.findLast(({ mnemonic }) => mnemonic === REQUEST)?.data["request"];
      if (connect !== "manual" || client.state !== "idle" || last === "disconnect")
        return undefined;
      return {
        certainty: "certain",
        when: "now",
        explanation: "`connect` of the client is `manual`: it waits for somebody to start it.",
        remedy: `\`flexspoke connect ${evidence.client}\` starts it; \`connect: auto\` in the configuration lets it connect by itself.`,
        evidence: [{ kind: "configuration", text: "connect: manual" }],
      };
    },
  },
];

const REQUEST = "FLEXSPOKE-5-CLIENT_REQUEST";
