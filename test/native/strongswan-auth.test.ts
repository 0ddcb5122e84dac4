/** Who the ends are: our IKE engine and strongSwan over real sockets, with the data plane written down. */
import { describe, expect } from "vitest";
import { pskBranch } from "#test/lab/branch.ts";
import { Credentials } from "#test/lab/credentials.ts";
import { withStrongswan } from "#test/lab/native-lab.ts";
import type { KeyKind } from "#test/lab/pki.ts";
import { certificateHub, pskHub } from "#test/lab/strongswan-config.ts";

describe("authentication with strongSwan", () => {
  withStrongswan("a pre-shared key brings addresses, DNS and networks", async (lab) => {
    await lab.hub.start({ swanctl: pskHub(lab.topology, "hub1") });
    const session = await lab.start(pskBranch());

    expect(await session.up()).toMatchObject({
      peerIdentity: expect.stringContaining("hub1.lab"),
      assigned: { ipv4: "10.250.1.1" },
      dns: expect.arrayContaining(["10.1.0.53", "fd00:1::53"]),
      subnets: expect.arrayContaining(["10.1.0.0/16", "fd00:1::/64"]),
      localSelectors: expect.arrayContaining(["10.250.1.1/32"]),
      remoteSelectors: expect.arrayContaining(["10.1.0.0/16", "fd00:1::/64"]),
    });
    await lab.expectSameSas(session);
  });

  const signatures: readonly [KeyKind, RegExp][] = [
    ["rsa-2048", /'branch12\.lab' with RSA_EMSA_PKCS1_SHA2_\d+ successful/],
    ["p256", /'branch12\.lab' with ECDSA_WITH_SHA256_DER successful/],
    ["p384", /'branch12\.lab' with ECDSA_WITH_SHA384_DER successful/],
    ["ed25519", /'branch12\.lab' with ED25519 successful/],
  ];
  for (const [kind, said] of signatures) {
    withStrongswan(`certificates with ${kind} keys prove both ends`, async (lab) => {
      const credentials = new Credentials({ kind });
      const files = credentials.hubFiles;
      await lab.hub.start({ swanctl: certificateHub(lab.topology, "hub1"), files });
      const session = await lab.start(credentials.branch());

      expect(await session.up()).toMatchObject({ assigned: { ipv4: "10.250.1.1" } });
      expect(await lab.hub.log()).toMatch(said);
      await lab.expectSameSas(session);
    });
  }

  withStrongswan("RSA-PSS is used where both ends want it", async (lab) => {
    const credentials = new Credentials({ kind: "rsa-2048" });
    const pss = { auth: "ike:rsa/pss-sha256" };
    await lab.hub.start({
      swanctl: certificateHub(lab.topology, "hub1", {
        connections: { c: { local: pss, remote: pss } },
      }),
      files: credentials.hubFiles,
    });
    const local = { "rsa-padding": "pss" };
    const session = await lab.start(credentials.branch({ ikev2: { profiles: { hq: { local } } } }));

    await session.up();
    expect(await lab.hub.log()).toMatch(
      /'branch12\.lab' with RSA_EMSA_PSS_SHA2_256_SALT_32 successful/,
    );
    expect(await lab.hub.log()).toMatch(/'hub1\.lab' \(myself\) with RSA_EMSA_PSS/);
  });
});
