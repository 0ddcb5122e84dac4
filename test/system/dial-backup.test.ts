/**
 * Dial backup by PPP with a real hub: the branch's Ethernet uplink goes, a real pppd dials a real provider, the tunnel comes
 * up over it, and goes back when the uplink returns; then the line is hung up.
 */
import { expect } from "vitest";
import { pskBranch } from "#test/lab/branch.ts";
import type { Lab } from "#test/lab/lab.ts";
import { until } from "#test/lab/machine.ts";
import { scenario } from "#test/lab/scenario.ts";
import { pskHub } from "#test/lab/strongswan-config.ts";

const secret = "dial-up-secret";

const config = {
  dialers: { lte: { pppd: { peer: "lab-backup" }, idle: "1s", backoff: { initial: "1s" } } },
  clients: {
    hq: { source: [{ seq: 10, interface: "wan1" }], dialer: "lte", "hold-down": "1s" },
  },
  ikev2: {
    profiles: {
      hq: {
        dpd: { mode: "periodic", interval: "2s", retry: "1s" },
        retransmit: { initial: "1s", factor: 1.2, limit: 2 },
      },
    },
  },
};

/** The provider takes calls at a socket, and is a neighbour of the hubs. */
async function openProvider({ topology }: Lab): Promise<void> {
  const { machine, folder } = topology;
  const line = `${folder}/line`;
  const options = "nodetach auth require-chap name isp local nolock noccp novj noipv6";
  const answer = `#!/bin/sh\nexec pppd ${options} 198.51.100.129:198.51.100.130\n`;
  const peer = `pty "socat - UNIX-CONNECT:${line}"\nuser branch12\npassword ${secret}\nremotename isp\nlocal\nnolock\nnoccp\nnoipv6\n`;
  await machine.must("modprobe -a ppp_generic ppp_async || true");
  await machine.writeFile("/etc/ppp/chap-secrets", `branch12 isp "${secret}" *\n`, 0o600);
  await machine.writeFile("/etc/ppp/peers/lab-backup", peer);
  await machine.writeFile(`${folder}/answer`, answer, 0o755);
  await topology.spawn(
    "internet",
    `exec socat UNIX-LISTEN:${line},fork,unlink-early EXEC:${folder}/answer,pty,raw,echo=0`,
  );
  await until(
    "the provider takes calls",
    async () => (await machine.exec(["test", "-e", line])).code === 0,
    20_000,
  );
}

scenario("when the uplink goes the tunnel moves to a dialled line, and back", async (lab) => {
  const { topology, branch, hub1 } = lab;
  await hub1.start({ swanctl: pskHub(topology, "hub1") });
  await openProvider(lab);
  await branch.start(pskBranch(config));
  await branch.untilState("up");
  await lab.untilReachable();
  expect((await branch.state()).dialers["lte"]?.attempts).toBe(0);

  await topology.must("branch", "ip link set wan1 down; ip address flush dev wan1 scope global");
  await branch.untilEvent("DIALER-6-BIND");
  await until(
    "the tunnel is up over the dialled line",
    async () => {
      const { state, source } = await branch.client();
      return state === "up" && source === "ppp-lte";
    },
    60_000,
    async () => JSON.stringify([await branch.client(), await branch.events()], null, 1),
  );
  await lab.untilReachable();
  expect((await hub1.sas())[0]?.remoteHost).toBe("198.51.100.130");
  const dialing = (await branch.events()).find(
    ({ mnemonic }) => mnemonic === "FLEXSPOKE-6-DIALING",
  );
  expect(dialing?.message).toBe("dialer lte: dialing for client hq");

  await topology.must(
    "branch",
    "ip link set wan1 up; ip address add 198.51.100.2/30 dev wan1; ip route add default via 198.51.100.1 dev wan1 metric 100",
  );
  await until(
    "the line is hung up",
    async () => {
      const { source, state } = await branch.client();
      const line = (await branch.state()).dialers["lte"]?.state;
      return source === "wan1" && state === "up" && line === "idle";
    },
    60_000,
    async () => JSON.stringify([await branch.state(), await branch.events()], null, 1),
  );
  await lab.untilReachable();
  expect(await lab.sniffer.clearPackets()).toEqual([]);
  expect(await branch.stop("SIGTERM")).toBe(0);
  expect(await branch.leftovers()).toEqual([]);
});
