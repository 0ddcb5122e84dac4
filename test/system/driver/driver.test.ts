import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from "vitest";
import type { IpAddress } from "#lib/ip.ts";
import { machineAt } from "#test/lab/lab.ts";
import type { Machine } from "#test/lab/machine.ts";
import {
  branchPlace,
  buildStage,
  bundleSession,
  DriverSession,
  giveHub,
  host4,
  host6,
  hub,
  hubPlace,
  nothingWanted,
  ping,
  sa,
  secondBranch,
  tunnelUp,
} from "./stage.ts";

let machine: Machine;
let driver: DriverSession;
const show = (command: string) => machine.must(`ip -n ${branchPlace} ${command}`);
const [oldIn, oldOut] = [sa("in", 0xc0000001), sa("out", 0x11111102)];
const [newIn, newOut] = [sa("in", 0xc0000003), sa("out", 0x11111104)];

beforeAll(async () => {
  await bundleSession();
  machine = await machineAt(inject("lab"));
});
afterAll(() => machine.close());
beforeEach(async () => {
  await buildStage(machine);
  driver = await DriverSession.start(machine);
  expect(await driver.adopt()).toEqual([]);
});
afterEach(async () => {
  await driver.close();
  expect(await show("xfrm state")).toBe("");
  expect(await show("xfrm policy")).toBe("");
  expect(await show("route show proto 186")).toBe("");
  expect(await show("link show type xfrm")).toBe("");
});

test("what is asked for stands in the kernel as iproute2 shows it", async () => {
  const limited = sa("in", 0xc0000001, {
    lifetime: {
      softSeconds: 3_000,
      hardSeconds: 3_600,
      softBytes: 4_000_000,
      hardBytes: 5_000_000,
    },
  });
  const udp = sa("out", 0x11111102, { udpEncapsulation: true });
  expect(await driver.apply(tunnelUp(limited, udp))).toEqual([]);

  const states = await show("-s xfrm state");
  expect(states).toMatch(/src 198\.51\.100\.1 dst 198\.51\.100\.2\s+proto esp spi 0xc0000001/);
  expect(states).toMatch(/replay_window 512/);
  expect(states).toMatch(/flag af-unspec esn/);
  expect(states).toMatch(/aead rfc4106\(gcm\(aes\)\) 0x\w+ \(288 bits\) 128/);
  expect(states).toMatch(/encap type espinudp sport 4500 dport 4500/);
  expect(states).toMatch(/limit: soft 4000000\(bytes\), hard 5000000\(bytes\)/);
  expect(states).toMatch(/expire add: soft 3000\(sec\), hard 3600\(sec\)/);
  expect(states.match(/if_id 0x46530001/g)).toHaveLength(2);
  const link = await show("-d link show Tunnel0");
  expect(link).toMatch(/mtu 1400/);
  expect(link).toMatch(/Tunnel0@wan0/);
  expect(link).toMatch(/xfrm if_id 0x46530001/);
  expect(link).toMatch(/alias flexspoke:Tunnel0/);
  expect(await show("address show Tunnel0")).toMatch(/inet 10\.250\.1\.7\/32/);
  expect(await show("address show Tunnel0")).toMatch(/inet6 fd00:250::7\/128 scope global nodad/);
  expect(await show("route show proto 186")).toMatch(
    /10\.1\.0\.0\/16 dev Tunnel0 scope link src 10\.250\.1\.7 metric 2/,
  );
});

test("packets of both families pass the tunnel, and the counters say how many", async () => {
  await giveHub(machine, oldIn, oldOut);
  await driver.apply(tunnelUp(oldIn, oldOut));
  expect(await ping(machine, host4)).toBe(2);
  expect(await ping(machine, host6)).toBe(2);
  const { securityAssociations } = await driver.counters();
  expect(securityAssociations.map(({ direction, packets }) => [direction, packets]).sort()).toEqual(
    [
      ["in", 4],
      ["out", 4],
    ],
  );
});

test("a rekey under traffic loses no packet, and afterwards all goes by the new SAs", async () => {
  await giveHub(machine, oldIn, oldOut);
  await driver.apply(tunnelUp(oldIn, oldOut));
  const steady = await machine.spawn(["ping", "-i", "0.02", host4], { netns: branchPlace });
  await giveHub(machine, newOut);
  await driver.apply(tunnelUp(oldIn, oldOut, newIn, newOut));
  await giveHub(machine, newIn);
  await driver.apply(tunnelUp(newIn, newOut));
  const before = await driver.counters();
  expect(await ping(machine)).toBe(2);
  steady.kill("SIGINT");
  await steady.exited;
  const [, sent, received] =
    /(\d+) packets transmitted, (\d+) received/.exec(steady.output()) ?? [];
  expect(Number(sent)).toBeGreaterThan(20);
  expect(received).toBe(sent);
  expect(before.securityAssociations.map(({ spi }) => spi).sort()).toEqual([
    0x11111104, 0xc0000003,
  ]);
});

test("the kernel takes every cipher that IKE may negotiate, with its key and check value", async () => {
  const suites: readonly (readonly [number, number, number?, number?])[] = [
    [12, 32, 12, 32],
    [12, 16, 14, 64],
    [12, 32, 13, 48],
    [12, 32, 2, 20],
    [16, 19],
    [18, 36],
    [19, 20],
    [28, 36],
  ];
  for (const [index, [cipher, keyBytes, integrity, integrityBytes]] of suites.entries()) {
    const key = Buffer.alloc(keyBytes, index + 1).toString("hex");
    const suite = {
      encryption: { id: cipher, key },
      ...(integrity !== undefined && {
        integrity: { id: integrity, key: Buffer.alloc(integrityBytes ?? 0, 9).toString("hex") },
      }),
    };
    const out = sa("out", 0x22220000 + index, { ...suite, esn: index % 2 === 0 });
    expect(await driver.apply(tunnelUp(out))).toEqual([]);
  }
});

test("a packet seen before is dropped and counted", async () => {
  await giveHub(machine, oldIn, oldOut);
  await driver.apply(tunnelUp(oldIn, oldOut));
  await ping(machine, host4, 3);
  await machine.must(
    `ip -n ${hubPlace} xfrm state delete src ${hub} dst 198.51.100.2 proto esp spi ${oldIn.spi}`,
  );
  await giveHub(machine, oldIn);
  expect(await ping(machine, host4, 2)).toBe(0);
  const { securityAssociations } = await driver.counters();
  expect(securityAssociations.find(({ direction }) => direction === "in")?.replayDrops).toBe(2);
});

test("a packet that was changed on the way is dropped and counted", async () => {
  await giveHub(machine, { ...oldIn, encryption: newIn.encryption }, oldOut);
  await driver.apply(tunnelUp(oldIn, oldOut));
  expect(await ping(machine, host4, 2)).toBe(0);
  const { securityAssociations } = await driver.counters();
  expect(securityAssociations.find(({ direction }) => direction === "in")?.integrityFailures).toBe(
    2,
  );
});

test("lifetimes are told twice: the soft one asks for a rekey, the hard one removes the SA", async () => {
  const lifetime = { softSeconds: 2, hardSeconds: 4 };
  await driver.apply(tunnelUp(sa("in", 0xc0000001, { lifetime }), oldOut));
  await driver.notified({ kind: "expire", spi: 0xc0000001, hard: false });
  expect(await show("xfrm state")).toMatch(/0xc0000001/);
  await driver.notified({ kind: "expire", spi: 0xc0000001, hard: true });
  expect(await show("xfrm state")).not.toMatch(/0xc0000001/);
  // The driver knows that it is gone: asked for again, it is there again.
  expect(await driver.apply(tunnelUp(oldIn, oldOut))).toEqual([]);
  expect(await show("xfrm state")).toMatch(/0xc0000001/);
});

test("a byte limit asks for a rekey", async () => {
  const out = sa("out", 0x11111102, { lifetime: { softBytes: 300, hardBytes: 1_000_000 } });
  await giveHub(machine, oldIn, out);
  await driver.apply(tunnelUp(oldIn, out));
  await ping(machine, host4, 5);
  await driver.notified({ kind: "expire", spi: out.spi, hard: false });
});

test("traffic that finds no SA is held back and told", async () => {
  const { securityAssociations, ...rest } = tunnelUp(oldIn, oldOut);
  expect(securityAssociations).toHaveLength(2);
  await driver.apply({ ...rest, securityAssociations: [] });
  expect(await ping(machine, host4, 1)).toBe(0);
  await driver.notified({ kind: "acquire", requestId: 0x46530001 });
});

test("a peer whose port is another behind a NAT is told, and the SA follows in place", async () => {
  const udp = { udpEncapsulation: true };
  const translated = { ...udp, source: { address: hub, port: 20_001 } };
  const [udpIn, udpOut] = [sa("in", 0xc0000001, udp), sa("out", 0x11111102, udp)];
  const far = await DriverSession.start(machine, hubPlace);
  expect(await far.receiveUdp()).toBe(true);
  expect(await driver.receiveUdp()).toBe(true);
  await giveHub(machine, sa("in", 0xc0000001, translated), udpOut);
  await driver.apply(tunnelUp(udpIn, udpOut));
  expect(await ping(machine)).toBe(2);
  await driver.notified({ kind: "mapping", spi: 0xc0000001 });
  expect(driver.notifications()).toContainEqual({
    kind: "mapping",
    spi: 0xc0000001,
    remote: { address: hub, port: 20_001 },
  });
  expect(await driver.apply(tunnelUp(sa("in", 0xc0000001, translated), udpOut))).toEqual([]);
  expect(await show("xfrm state")).toMatch(/sport 20001 dport 4500/);
  expect(await ping(machine)).toBe(2);
  await far.crash();
});

test("SAs that move to another address go on counting where they were", async () => {
  await giveHub(machine, oldIn, oldOut);
  await driver.apply(tunnelUp(oldIn, oldOut));
  await ping(machine, host4, 3);
  const moved = { address: secondBranch as IpAddress, port: 4_500 };
  const [movedIn, movedOut] = [
    sa("in", 0xc0000001, { destination: moved }),
    sa("out", 0x11111102, { source: moved }),
  ];
  expect(await driver.apply(tunnelUp(movedIn, movedOut))).toEqual([]);
  const states = await show("-d xfrm state");
  expect(states).toMatch(/src 198\.51\.100\.3 dst 198\.51\.100\.1/);
  expect(states).not.toMatch(/dst 198\.51\.100\.2/);
  expect(states).toMatch(/oseq 0x1003/);
  await machine.must(
    `ip -n ${hubPlace} xfrm state delete src ${hub} dst 198.51.100.2 proto esp spi ${oldIn.spi}`,
  );
});

test("after a crash SAs go and interface and routes keep swallowing the traffic", async () => {
  await giveHub(machine, oldIn, oldOut);
  await driver.apply(tunnelUp(oldIn, oldOut));
  expect(await ping(machine)).toBe(2);
  await driver.crash();
  driver = await DriverSession.start(machine);
  expect(await driver.adopt()).toEqual([]);
  expect(await show("xfrm state")).toBe("");
  expect(await show("xfrm policy")).toBe("");
  expect(await show(`route get ${host4}`)).toMatch(/dev Tunnel0/);
  expect(await ping(machine, host4, 1)).toBe(0);

  await giveHub(machine, newOut, newIn);
  const { faults } = await driver.timedApply(tunnelUp(newIn, newOut));
  expect(faults).toEqual([]);
  expect(await ping(machine)).toBe(2);
});

test("after a crash nothing of ours stays when nothing is wanted any more", async () => {
  await driver.apply(tunnelUp(oldIn, oldOut));
  await driver.crash();
  driver = await DriverSession.start(machine);
  await driver.adopt();
  expect(await driver.apply(nothingWanted)).toEqual([]);
  expect(await show("link show type xfrm")).toBe("");
  expect(await show("route show proto 186")).toBe("");
});

test("a tunnel whose address goes keeps its routes", async () => {
  await driver.apply(tunnelUp(oldIn, oldOut));
  const { tunnels, routes, ...rest } = tunnelUp();
  const bare = routes.map(({ source: _, ...route }) => route);
  const down = {
    ...rest,
    routes: bare,
    tunnels: tunnels.map((item) => ({ ...item, addresses: [] })),
  };
  expect(await driver.apply(down)).toEqual([]);
  expect(await show("route show proto 186")).toBe("10.1.0.0/16 dev Tunnel0 scope link metric 2 \n");
  expect(await show("-6 route show proto 186")).toMatch(/fd00:1::\/64 dev Tunnel0 metric 2/);
});

test("a device without offload gets the SA in software and says so", async () => {
  const faults = await driver.apply(tunnelUp(oldIn, sa("out", 0x11111102, { offload: "crypto" })));
  expect(faults).toMatchObject([
    { code: "kernel.offload-refused", isNotice: true, spi: 0x11111102 },
  ]);
  expect(await show("xfrm state")).toMatch(/0x11111102/);
});

test("an interface of somebody else with the tunnel's name is left alone", async () => {
  await machine.must(`ip -n ${branchPlace} link add Tunnel0 type dummy`);
  const faults = await driver.apply(tunnelUp(oldIn, oldOut));
  expect(faults).toMatchObject([{ code: "kernel.conflict", tunnel: "Tunnel0" }]);
  const link = await show("-d link show Tunnel0");
  expect(link).not.toMatch(/alias/);
  expect(link).not.toMatch(/,UP/);
});

test("without permission nothing is done and the remedy says what is missing", async () => {
  const wrapper = ["setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin"];
  const weak = await DriverSession.start(machine, branchPlace, wrapper);
  const faults = await weak.apply(tunnelUp(oldIn, oldOut));
  expect(faults).toMatchObject([{ code: "kernel.permission" }]);
  expect(faults[0]?.remedy).toMatch(/CAP_NET_ADMIN/);
  await weak.crash();
});
