/** Certificates in place of a shared secret, of every kind of key. */
import { expect } from "vitest";
import { Credentials } from "#test/lab/credentials.ts";
import { scenario } from "#test/lab/scenario.ts";
import { certificateHub } from "#test/lab/strongswan-config.ts";

for (const kind of ["rsa-2048", "p256", "ed25519"] as const) {
  scenario(`with ${kind} certificates a LAN host reaches the HQ`, async (lab) => {
    const credentials = new Credentials({ kind });
    const files = credentials.hubFiles;
    await lab.hub1.start({ swanctl: certificateHub(lab.topology, "hub1"), files });
    await lab.branch.start(credentials.branch());
    await lab.branch.untilState("up");

    await lab.untilReachable();
    expect((await lab.hub1.childSa()).packetsIn).toBeGreaterThan(0);
    expect(await lab.sniffer.clearPackets()).toEqual([]);
  });
}

scenario("certificates larger than a datagram pass where IP fragments are dropped", async (lab) => {
  const credentials = new Credentials({ kind: "rsa-2048", large: true });
  const files = credentials.hubFiles;
  await lab.hub1.start({ swanctl: certificateHub(lab.topology, "hub1"), files });
  await lab.faults.drop("ip-fragments");
  await lab.branch.start(credentials.branch());
  await lab.branch.untilState("up");

  await lab.untilReachable();
  expect(await lab.hub1.log()).toMatch(/parsed IKE_AUTH request 1 \[ EF\(2\/\d\) \]/);
});
