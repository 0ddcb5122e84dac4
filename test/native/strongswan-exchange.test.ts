/** The way to the first Child SA, with everything that a network or a careful hub puts in it. */
import { describe, expect } from "vitest";
import { natAddress } from "#test/lab/addresses.ts";
import { pskBranch } from "#test/lab/branch.ts";
import { Credentials } from "#test/lab/credentials.ts";
import { withStrongswan } from "#test/lab/native-lab.ts";
import { certificateHub, pskHub } from "#test/lab/strongswan-config.ts";

describe("first exchanges with strongSwan", () => {
  withStrongswan("the hub is reached over IPv6", async (lab) => {
    await lab.hub.start({ swanctl: pskHub(lab.topology, "hub1") });
    const session = await lab.start(pskBranch(), "ipv6");

    await session.up();
    const [sa] = await lab.hub.sas();
    expect(sa?.remoteHost).toBe("2001:db8:b1::2");
  });

  withStrongswan("a NAT between the ends is noticed and passed", async (lab) => {
    await lab.hub.start({ swanctl: pskHub(lab.topology, "hub1") });
    await lab.topology.faults.translate();
    const session = await lab.start(pskBranch());

    const { natDetected } = await session.up();
    expect(natDetected.local).toBe(true);
    const [sa] = await lab.hub.sas();
    expect(sa?.remoteHost).toBe(natAddress);
    expect(Number(sa?.remotePort)).toBeGreaterThanOrEqual(20_000);
    expect(session.of("install-sa").every((report) => report.udpEncapsulation)).toBe(true);
  });

  withStrongswan("a hub under load that asks for a cookie gets it", async (lab) => {
    const charon = { cookie_threshold: 1, cookie_threshold_ip: 1 };
    await lab.hub.start({ swanctl: pskHub(lab.topology, "hub1"), charon });
    await lab.leaveHalfOpen();
    const session = await lab.start(pskBranch());

    await session.up();
    expect(await lab.hub.log()).toMatch(/parsed IKE_SA_INIT request 0 \[ N\(COOKIE\)/);
  });

  withStrongswan("a hub that wants another group is given it", async (lab) => {
    const proposals = "aes256gcm16-prfsha384-ecp384";
    const swanctl = pskHub(lab.topology, "hub1", { connections: { c: { proposals } } });
    await lab.hub.start({ swanctl });
    const session = await lab.start(pskBranch());

    await session.up();
    expect(await lab.hub.log()).toContain("N(INVAL_KE)");
    expect(await lab.hub.log()).toContain("AES_GCM_16_256/PRF_HMAC_SHA2_384/ECP_384");
  });

  for (const [proposal, name] of [
    ["aes256-sha256-modp2048", "AES_CBC_256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_2048"],
    ["chacha20poly1305-prfsha512-x448", "CHACHA20_POLY1305/PRF_HMAC_SHA2_512/CURVE_448"],
    ["aes256gcm16-prfsha256-ecp521", "AES_GCM_16_256/PRF_HMAC_SHA2_256/ECP_521"],
    ["aes256-sha512-modp4096", "AES_CBC_256/HMAC_SHA2_512_256/PRF_HMAC_SHA2_512/MODP_4096"],
  ] as const) {
    withStrongswan(`the IKE SA is made with ${proposal}`, async (lab) => {
      const swanctl = pskHub(lab.topology, "hub1", { connections: { c: { proposals: proposal } } });
      await lab.hub.start({ swanctl });
      const session = await lab.start(pskBranch());

      await session.up();
      expect(await lab.hub.log()).toContain(`selected proposal: IKE:${name}`);
    });
  }

  withStrongswan(
    "long certificates pass in IKE fragments where IP fragments are dropped",
    async (lab) => {
      const credentials = new Credentials({ kind: "rsa-2048", large: true });
      const files = credentials.hubFiles;
      await lab.hub.start({ swanctl: certificateHub(lab.topology, "hub1"), files });
      await lab.topology.faults.drop("ip-fragments");
      const session = await lab.start(credentials.branch());

      await session.up();
      const log = await lab.hub.log();
      expect(log).toMatch(/parsed IKE_AUTH request 1 \[ EF\(2\/\d\) \]/);
      expect(log).toMatch(/splitting IKE message \(\d+ bytes\) into \d fragments/);
    },
  );

  withStrongswan("thirty of a hundred packets lost delay the session, no more", async (lab) => {
    await lab.hub.start({ swanctl: pskHub(lab.topology, "hub1") });
    await lab.topology.faults.lose(30);
    const session = await lab.start(pskBranch());

    expect(await session.up(50_000)).toMatchObject({ assigned: { ipv4: "10.250.1.1" } });
  });
});
