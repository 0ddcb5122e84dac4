/** What the branch says of a path that loses packets, on a kernel that carries them. */
import { expect } from "vitest";
import { hubs } from "#test/lab/addresses.ts";
import { pskBranch } from "#test/lab/branch.ts";
import { Credentials } from "#test/lab/credentials.ts";
import type { Lab } from "#test/lab/lab.ts";
import { mergeSettings, type Settings } from "#test/lab/merge.ts";
import { scenariosWith } from "#test/lab/scenario.ts";
import { certificateHub, pskHub } from "#test/lab/strongswan-config.ts";

const credentials = new Credentials({ kind: "rsa-2048", large: true });
/** Gives up soon. */
const hasty: Settings = {
  ikev2: { profiles: { hq: { retransmit: { initial: "300ms", factor: 1.5, limit: 2 } } } },
};

const scenario = scenariosWith(({ topology, hub1, hub2 }) =>
  Promise.all([
    hub1.start({
      swanctl: pskHub(topology, "hub1", { connections: { c: { dpd_delay: "8s" } } }),
      charon: { retransmit_tries: 2, retransmit_timeout: 0.5, retransmit_base: 1 },
    }),
    // A hub that cuts no IKE message itself.
    hub2.start({
      swanctl: certificateHub(topology, "hub2", {
        connections: { c: { fragmentation: "no", local: { certs: "hub1.pem", id: "hub1.lab" } } },
      }),
      files: credentials.hubFiles,
    }),
  ]),
);

/** This is said, and nothing else. */
async function expectOnly({ branch }: Lab, code: string, words: RegExp): Promise<void> {
  const diagnosis = await branch.diagnosis();
  expect(
    diagnosis.findings.map((finding) => finding.code),
    JSON.stringify(diagnosis, null, 1),
  ).toEqual([code]);
  expect(diagnosis.findings[0]?.explanation).toMatch(words);
}

scenario("ESP that is blocked while IKE passes", async (lab) => {
  await lab.faults.drop("esp");
  await lab.branch.start(pskBranch());
  await lab.branch.untilState("up");
  expect(await lab.ping("hub1", 10)).toBe(0);

  await expectOnly(lab, "esp-blocked", /IP protocol 50, is blocked on the way/);
});

scenario("nothing of a tunnel that works, until large packets vanish on the way", async (lab) => {
  await lab.branch.start(pskBranch());
  await lab.branch.untilState("up");
  await lab.untilReachable();
  expect(await lab.branch.diagnosis()).toMatchObject({ healthy: true, findings: [] });

  await lab.faults.drop("large-packets");

  await expectOnly(lab, "mtu-black-hole", /of 1420 bytes vanish .*, those of 1400 pass/);
});

scenario("packets that come twice are dropped by the replay check", async (lab) => {
  await lab.branch.start(pskBranch());
  await lab.branch.untilState("up");
  await lab.untilReachable();
  await lab.faults.repeat();
  await lab.ping("hub1", 15);
  await lab.faults.repeatNoMore();

  await expectOnly(
    lab,
    "replay-drops",
    /packets from the hub were dropped because they came twice/,
  );
});

scenario(
  "IP fragments that are dropped on the way to a hub that cuts no IKE message",
  async (lab) => {
    await lab.faults.drop("ip-fragments");
    const peers = [{ seq: 10, address: hubs.hub2.ipv4 }];
    await lab.branch.start(
      credentials.branch(mergeSettings(hasty, { clients: { hq: { peers } } })),
    );
    await lab.branch.untilEvent("IKEV2-3-NEG_ABORT");

    await expectOnly(lab, "fragments-dropped", /answers IKE_SA_INIT but not IKE_AUTH/);
  },
);

scenario("a NAT that forgets the branch between keepalives that are too rare", async (lab) => {
  await lab.faults.translate(3);
  const dpd = { mode: "periodic", interval: "25s", retry: "500ms" };
  const rare = { ikev2: { profiles: { hq: { "nat-keepalive": "10m", dpd } } } };
  await lab.branch.start(pskBranch(mergeSettings(hasty, rare)));
  await lab.branch.untilState("up");
  await lab.branch.untilEvent("IKEV2-5-SA_DOWN", 90_000);
  await lab.branch.untilState("up");

  await expectOnly(
    lab,
    "nat-mapping-expired",
    /goes through a NAT, and keepalives are sent every 600 s/,
  );
});

scenario("UDP port 500 that is blocked on the way to a hub that answers pings", async (lab) => {
  await lab.faults.drop("udp-500");
  await lab.branch.start(pskBranch(hasty));
  await lab.branch.untilEvent("IKEV2-3-NEG_ABORT");

  await expectOnly(lab, "udp-500-blocked", /answers pings, but none of \d+ IKE_SA_INIT/);
});

scenario("UDP port 4500 that is blocked behind a NAT", async (lab) => {
  await lab.faults.translate(30);
  await lab.faults.drop("udp-4500");
  await lab.branch.start(pskBranch(hasty));
  await lab.branch.untilEvent("IKEV2-3-NEG_ABORT");

  await expectOnly(lab, "udp-4500-blocked", /port 4500 is blocked on the way/);
});
