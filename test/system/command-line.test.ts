/** The command line against a real hub: what scripts of IOS parse, events and IKE messages while they happen. */
import { expect } from "vitest";
import { pskBranch } from "#test/lab/branch.ts";
import { until } from "#test/lab/machine.ts";
import { scenario } from "#test/lab/scenario.ts";
import { pskHub } from "#test/lab/strongswan-config.ts";

scenario(
  "the IOS spellings show the tunnel as IOS would, with the kernel's own numbers",
  async (lab) => {
    await lab.hub1.start({ swanctl: pskHub(lab.topology, "hub1") });
    await lab.branch.start(pskBranch());
    await lab.branch.untilState("up");
    await lab.untilReachable();
    const shown = async (line: string) => {
      const { code, stdout, stderr } = await lab.branch.cli(...line.split(" "));
      expect({ line, code, stderr }).toEqual({ line, code: 0, stderr: "" });
      return stdout;
    };

    expect(await shown("sh cry ikev2 cl fl")).toMatch(
      /^ {2}Profile : hq\n {2}Current state:ACTIVE\n {2}Peer : 203\.0\.113\.2\n[\s\S]*Assigned IP address: 10\.250\.1\.1\n/,
    );
    const sa = await shown("sh cry ikev2 sa det");
    expect(sa).toMatch(/^\d+ +\S+\/\d+ +203\.0\.113\.2\/\d+ +none\/none +READY$/m);
    expect(sa).toMatch(
      /Encr: AES-GCM, keysize: 256, PRF: SHA\d+, Hash: None, DH Grp:31, Auth sign: PSK, Auth verify: PSK/,
    );
    expect(sa).toMatch(/Pushed IP address: 10\.250\.1\.1/);
    const ipsec = await shown("sh cry ipsec sa");
    const { stdout } = await lab.topology.exec("branch", ["ip", "xfrm", "state"]);
    const spis = [...ipsec.matchAll(/spi: 0x([0-9A-F]{8})\(/g)].map(([, spi = ""]) => spi);
    expect(new Set(spis).size).toBe(2);
    for (const spi of spis) expect(stdout).toContain(`spi 0x${spi.toLowerCase()}`);
    expect(Number(/#pkts encaps: (\d+)/.exec(ipsec)?.[1])).toBeGreaterThan(0);
    expect(await shown("sh cry ses det")).toMatch(/Session status: UP-ACTIVE/);
    expect(await shown("diagnose")).toMatch(/^hq: healthy\n/);
  },
);

scenario("monitor and debug tell of a hub's end while it happens", async (lab) => {
  await lab.hub1.start({ swanctl: pskHub(lab.topology, "hub1") });
  await lab.branch.start(pskBranch());
  await lab.branch.untilState("up");
  const monitor = await lab.branch.watch("monitor", "--filter", "client=hq");
  const debug = await lab.branch.watch("debug", "ikev2", "kernel", "--client", "hq");
  await until(
    "both listen",
    async () => {
      await lab.branch.action("clients/hq/rekey", { what: "child" }).catch(() => undefined);
      return /CREATE_CHILD_SA/.test(debug.output()) && /CHILD_REKEYED/.test(monitor.output());
    },
    60_000,
  );

  await lab.branch.action("clients/hq/disconnect");
  await until(
    "both have told",
    () =>
      Promise.resolve(
        /FLEXVPN_CONNECTION_DOWN/.test(monitor.output()) && /remove-sa/.test(debug.output()),
      ),
    60_000,
  );

  expect(debug.output()).toMatch(
    /^\*\w{3} [ \d]\d [\d:.]{12}: IKEv2:\(SESSION ID = \d+,SA ID = \d+\):Received Packet \[From 203\.0\.113\.2:\d+\/To /m,
  );
  expect(debug.output()).toMatch(/INFORMATIONAL Exchange REQUEST\nPayload contents:\n Delete/);
  for (const process of [monitor, debug]) {
    process.kill("SIGINT");
    expect(await process.exited).toBe(0);
  }
});
