import type { Diagnosis } from "#state/diagnose/diagnosis.ts";

export const exampleDiagnosis: Diagnosis = {
  client: "hq",
  at: "2026-11-24T10:00:00.000Z",
  healthy: false,
  summary: "hq is not up: 203.0.113.1 takes none of the IKE proposals that this branch offers.",
  findings: [
    {
      code: "ike-proposal-mismatch",
      certainty: "certain",
      when: "now",
      explanation: "203.0.113.1 takes none of the IKE proposals that this branch offers.",
      remedy: "Compare the list below with the hub's IKEv2 proposals.",
      evidence: [
        { kind: "event", text: "10:00:00 203.0.113.1:500 accepts none", event: 43 },
        {
          kind: "exchange",
          text: "IKE proposals: offered here, chosen by the hub",
          comparison: {
            ours: ["encryption aes-gcm-256, prf sha384, key-exchange x25519"],
            theirs: ["none (NO_PROPOSAL_CHOSEN)"],
          },
        },
      ],
    },
  ],
};
