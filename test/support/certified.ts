/** Both ends of a session that prove themselves by certificates. */
import type { IkeConnection } from "#ike/connection.ts";
import { BRANCH_NAME, HUB_NAME } from "./connection.ts";
import { makePki, type TestCertificate, type TestKeyKind } from "./pki.ts";
import type { HubSettings } from "./virtual-hub/core.ts";

/** Settings of both ends of a world. */
export interface Ends {
  readonly hub: Partial<HubSettings>;
  readonly connection: Partial<IkeConnection>;
}

/** Both ends with certificates below one root; parts replaceable. */
export function certified(
  key: TestKeyKind,
  options: {
    readonly hub?: TestCertificate;
    readonly hubTrusts?: TestCertificate;
    readonly branchTrusts?: TestCertificate;
    readonly padding?: "pkcs1" | "pss";
    readonly hasIntermediate?: boolean;
  } = {},
): Ends {
  const pki = makePki({ key, hasIntermediate: options.hasIntermediate ?? false });
  const { hub = pki.hub, padding = "pkcs1" } = options;
  return {
    hub: {
      credential: { method: "certificate", chain: hub.chain, key: hub.key, padding },
      trust: { method: "certificate", anchors: [(options.hubTrusts ?? pki.root).der] },
    },
    connection: {
      local: {
        identity: { kind: "fqdn", value: BRANCH_NAME },
        authentication: {
          method: "certificate",
          chain: pki.branch.chain,
          key: pki.branch.key,
          rsaPadding: padding,
        },
      },
      remote: {
        identities: [{ kind: "fqdn", pattern: HUB_NAME }],
        authentication: {
          method: "certificate",
          anchors: [(options.branchTrusts ?? pki.root).der],
          intermediates: [],
        },
      },
    },
  };
}
