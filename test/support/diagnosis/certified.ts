/** A hub and a branch that believe each other by certificates of one root, for diagnoses that break one of them. */
import { makePki, type TestCertificate, type TestKeyKind } from "../pki.ts";
import type { HubSettings } from "../virtual-hub/core.ts";
import type { FileChanges } from "./branch-under-diagnosis.ts";

type Pki = ReturnType<typeof makePki>;

/** Parts that differ from a sound pair. */
export interface Parts {
  readonly key?: TestKeyKind;
  /** What the hub shows. */
  readonly hub?: (pki: Pki) => TestCertificate;
  /** The key that the hub signs with. */
  readonly hubKey?: (pki: Pki) => TestCertificate;
  /** What the branch shows. */
  readonly branch?: (pki: Pki) => TestCertificate;
  readonly hubTrusts?: (pki: Pki) => TestCertificate;
  readonly branchTrusts?: (pki: Pki) => TestCertificate;
}

/** Settings for `World.hub` and changes for the branch's file. */
export function certified(parts: Parts = {}): {
  readonly pki: Pki;
  readonly hub: Partial<HubSettings>;
  readonly changes: FileChanges & { readonly profile: Readonly<Record<string, unknown>> };
} {
  const pki = makePki({ key: parts.key ?? "ecdsa-256" });
  const shown = parts.hub?.(pki) ?? pki.hub;
  const own = parts.branch?.(pki) ?? pki.branch;
  const certificate = { authentication: "certificate", trustpoint: "lab" };
  return {
    pki,
    hub: {
      credential: {
        method: "certificate",
        chain: shown.chain,
        key: (parts.hubKey?.(pki) ?? shown).key,
      },
      trust: { method: "certificate", anchors: [(parts.hubTrusts?.(pki) ?? pki.root).der] },
    },
    changes: {
      pki: {
        trustpoints: {
          lab: {
            ca: ["pki/root.pem"],
            certificate: "pki/branch.pem",
            key: { file: "pki/branch.key" },
          },
        },
      },
      profile: {
        local: { identity: "fqdn:branch12.example.net", ...certificate },
        remote: { identity: "fqdn:*.example.net", ...certificate },
      },
      files: {
        "pki/root.pem": (parts.branchTrusts?.(pki) ?? pki.root).pem,
        "pki/branch.pem": own.chainPem,
        "pki/branch.key": own.keyPem,
      },
    },
  };
}
