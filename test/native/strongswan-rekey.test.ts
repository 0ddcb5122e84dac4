/** A session's later life: new keys by both sides, silence, and its end. */
import { describe, expect } from "vitest";
import { pskBranch } from "#test/lab/branch.ts";
import { until } from "#test/lab/machine.ts";
import { withStrongswan } from "#test/lab/native-lab.ts";
import { pskHub } from "#test/lab/strongswan-config.ts";

const quickDpd = {
  ikev2: {
    profiles: {
      hq: {
        dpd: { mode: "periodic", interval: "1s", retry: "300ms" },
        retransmit: { initial: "300ms", factor: 1.2, limit: 3 },
      },
    },
  },
};

describe("life of a session with strongSwan", () => {
  withStrongswan("the branch gives a Child SA new keys and takes the old one away", async (lab) => {
    await lab.hub.start({ swanctl: pskHub(lab.topology, "hub1") });
    const session = await lab.start(pskBranch());
    await session.up();
    const before = session.spis();

    session.order("rekey-child");
    await session.installed(2);
    await session.settled();

    expect(session.spis().in).toHaveLength(1);
    expect(session.spis()).not.toEqual(before);
    await lab.expectSameSas(session);
  });

  withStrongswan("the hub gives a Child SA new keys", async (lab) => {
    await lab.hub.start({ swanctl: pskHub(lab.topology, "hub1") });
    const session = await lab.start(pskBranch());
    await session.up();
    const before = session.spis();

    await lab.hub.rekeyChild();
    await session.installed(2);
    await session.settled();

    expect(session.spis()).not.toEqual(before);
    await lab.expectSameSas(session);
  });

  withStrongswan("a Child SA with PFS gets a key exchange of its own", async (lab) => {
    const esp_proposals = "aes256gcm16-ecp384";
    const over = { connections: { c: { children: { net: { esp_proposals } } } } };
    await lab.hub.start({ swanctl: pskHub(lab.topology, "hub1", over) });
    const pfs = { ipsec: { profiles: { default: { pfs: ["ecp384"] } } } };
    const session = await lab.start(pskBranch(pfs));
    await session.up();

    session.order("rekey-child");
    await session.installed(2);

    expect(await lab.hub.log()).toContain("ESP:AES_GCM_16_256/ECP_384/NO_EXT_SEQ");
  });

  for (const [who, rekey] of [
    ["the branch", "ours"],
    ["the hub", "theirs"],
  ] as const) {
    withStrongswan(`${who} gives the IKE SA new keys, and the Child SA stays`, async (lab) => {
      await lab.hub.start({ swanctl: pskHub(lab.topology, "hub1") });
      const session = await lab.start(pskBranch());
      await session.up();
      const child = session.spis();
      const [before] = await lab.hub.sas();

      if (rekey === "ours") session.order("rekey-ike");
      else await lab.hub.rekeyIke();
      const after = await until(
        "the hub has only the new IKE SA",
        async () => {
          const sas = await lab.hub.sas();
          return sas.length === 1 && sas[0]?.uniqueId !== before?.uniqueId ? sas[0] : undefined;
        },
        20_000,
      );

      expect(after.state).toBe("ESTABLISHED");
      expect(session.spis()).toEqual(child);
      await lab.expectSameSas(session);
      // The new SA works: an exchange passes over it.
      session.order("rekey-child");
      await session.installed(2);
    });
  }

  withStrongswan(
    "both sides rekey every other second for a while and stay together",
    async (lab) => {
      const quick = { rekey_time: "3s", over_time: "60s", rand_time: "1s" };
      const net = { rekey_time: "2s", life_time: "60s", rand_time: "1s" };
      const over = { connections: { c: { ...quick, children: { net } } } };
      await lab.hub.start({ swanctl: pskHub(lab.topology, "hub1", over) });
      const session = await lab.start(pskBranch());
      await session.up();

      const turns = 8;
      for (let turn = 0; turn < turns; turn++) {
        session.order(turn % 3 === 2 ? "rekey-ike" : "rekey-child");
        await session.installed(turn + 2);
      }
      expect(session.of("session-down")).toEqual([]);
      // The hub may be in the middle of its next one: agreement is looked for, then asked for.
      await until("both sides agree", () => lab.hasSameSas(session), 10_000).catch(() => false);
      await lab.expectSameSas(session);
    },
  );

  withStrongswan("a hub that falls silent is noticed", async (lab) => {
    await lab.hub.start({ swanctl: pskHub(lab.topology, "hub1") });
    const session = await lab.start(pskBranch(quickDpd));
    await session.up();

    await lab.hub.stop("SIGKILL");

    expect(await session.down()).toMatchObject({ isTransient: true });
    expect(session.spis()).toEqual({ in: [], out: [] });
  });

  withStrongswan("a session that the hub deletes is over at once", async (lab) => {
    await lab.hub.start({ swanctl: pskHub(lab.topology, "hub1") });
    const session = await lab.start(pskBranch());
    await session.up();

    await lab.hub.terminate();

    await session.down(5_000);
    expect(session.spis()).toEqual({ in: [], out: [] });
  });

  withStrongswan("a session that the branch ends is gone from the hub too", async (lab) => {
    await lab.hub.start({ swanctl: pskHub(lab.topology, "hub1") });
    const session = await lab.start(pskBranch());
    await session.up();

    session.order("terminate");

    await session.down(5_000);
    expect(await lab.hub.sas()).toEqual([]);
  });

  withStrongswan("the hub's liveness checks are answered", async (lab) => {
    const over = { connections: { c: { dpd_delay: "1s" } } };
    await lab.hub.start({ swanctl: pskHub(lab.topology, "hub1", over) });
    const session = await lab.start(pskBranch());
    await session.up();

    await lab.hub.logs(/parsed INFORMATIONAL response 1 \[ \]/);
    expect(session.of("session-down")).toEqual([]);
  });
});
