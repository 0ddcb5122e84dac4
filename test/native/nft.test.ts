import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { emptyFirewall, type Firewall } from "#dataplane/desired.ts";
import type { Prefix } from "#lib/ip.ts";
import { applyFirewall, firewallCounters, readFirewall, removeFirewall } from "#linux/nft/table.ts";
import { inside, ip, Namespaces, runIn } from "./netns.ts";

/*
 * lan 192.168.12.10 -- br-lan [branch] Tunnel0 -- hq 10.1.0.10        the tunnel, here a plain cable
 *                                      wan0    -- isp 10.1.0.10       the same address by the uplink: a leak is heard there
 */
const namespaces = new Namespaces("s4n-");
const HQ = "10.1.0.10";
const HQ6 = "fd00:1::10";
let lan = "";
let branch = "";
let hq = "";
let isp = "";
const sockets: Socket[] = [];

beforeAll(() => {
  [lan, branch, hq, isp] = ["lan", "branch", "hq", "isp"].map((name) => namespaces.add(name)) as [
    string,
    string,
    string,
    string,
  ];
  cable(branch, "br-lan", ["192.168.12.1/24", "fd00:12::1/64"], lan, [
    "192.168.12.10/24",
    "fd00:12::10/64",
  ]);
  cable(branch, "Tunnel0", ["10.250.1.7/32", "fd00:250::7/128"], hq, [`${HQ}/32`, `${HQ6}/128`]);
  cable(branch, "wan0", ["198.51.100.2/30", "2001:db8::2/64"], isp, [
    "198.51.100.1/30",
    "2001:db8::1/64",
    `${HQ}/32`,
    `${HQ6}/128`,
  ]);
  runIn(branch, "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1");
  ip("-n", lan, "route", "add", "default", "via", "192.168.12.1");
  ip("-n", lan, "-6", "route", "add", "default", "via", "fd00:12::1");
  for (const [namespace, gateway, gateway6] of [
    [hq, "10.250.1.7", "fd00:250::7"],
    [isp, "198.51.100.2", "2001:db8::2"],
  ] as const) {
    ip("-n", namespace, "route", "add", "default", "via", gateway, "dev", "end", "onlink");
    ip("-n", namespace, "-6", "route", "add", "default", "via", gateway6, "dev", "end", "onlink");
  }
  ip("-n", branch, "route", "add", "default", "via", "198.51.100.1");
  ip("-n", branch, "-6", "route", "add", "default", "via", "2001:db8::1");
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.close();
  await inside(branch, () => removeFirewall({ keepKillSwitch: false }));
  routeBy("uplink");
});
afterAll(() => namespaces.removeAll());

function cable(a: string, device: string, own: string[], b: string, theirs: string[]): void {
  namespaces.link(
    { namespace: a, device, addresses: own },
    { namespace: b, device: "end", addresses: theirs },
  );
}

/** Sends what goes to the HQ by the tunnel, or by the uplink as if the tunnel's routes were missing. */
function routeBy(way: "tunnel" | "uplink"): void {
  const verb = way === "tunnel" ? "replace" : "delete";
  for (const [family, destination, gateway] of [
    ["-4", "10.1.0.0/16", "10.1.0.10"],
    ["-6", "fd00:1::/48", "fd00:1::10"],
  ] as const) {
    try {
      ip("-n", branch, family, "route", verb, destination, "dev", "Tunnel0");
      if (way === "tunnel") {
        // The cable stands for a tunnel, which needs no neighbour.
        const { address } = JSON.parse(ip("-j", "-n", hq, "link", "show", "end"))[0];
        ip("-n", branch, "neighbour", "replace", gateway, "lladdr", address, "dev", "Tunnel0");
      }
    } catch {
      // It was not there.
    }
  }
}

const firewall = (part: Partial<Firewall>): Firewall => ({ ...emptyFirewall, ...part });
const prefixes = (...texts: string[]) => texts as readonly string[] as readonly Prefix[];
const guard = (...networks: string[]): Firewall =>
  firewall({
    killSwitch: [{ client: "hq", networks: prefixes(...networks), allowed: ["Tunnel0", "br-lan"] }],
  });

async function apply(wanted: Firewall): Promise<void> {
  const result = await inside(branch, () => applyFirewall(wanted));
  if (!result.ok) throw new Error(result.error.what);
}

async function dropped(): Promise<number> {
  const counters = await inside(branch, () => firewallCounters());
  if (!counters.ok) throw new Error(counters.error.what);
  return counters.value.killSwitch.find(({ client }) => client === "hq")?.packets ?? 0;
}

/** Listens on UDP port `port` at the HQ's address, behind the tunnel or at the provider. */
async function listen(namespace: string, address = HQ, port = 7000): Promise<Listener> {
  const socket = await udp(namespace, address, port);
  const senders: string[] = [];
  socket.on("message", (_bytes, from) => senders.push(from.address));
  return { socket, senders };
}

interface Listener {
  readonly socket: Socket;
  /** Source address of every datagram that arrived. */
  readonly senders: string[];
}

async function udp(namespace: string, address: string, port = 0): Promise<Socket> {
  const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
  sockets.push(socket);
  await inside(namespace, async () => {
    socket.bind({ port, address, exclusive: true });
    await once(socket, "listening");
  });
  return socket;
}

/** Sends a datagram. @returns the error, if the kernel refused it. */
function send(socket: Socket, to: string, port = 7000): Promise<Error | null> {
  return new Promise((resolve) => socket.send("secret", port, to, resolve));
}

/** Whether anything listens to a ping's answer: the way there and back is open. */
function answers(namespace: string, target: string): boolean {
  try {
    runIn(namespace, "ping", "-c", "1", "-W", "1", target);
    return true;
  } catch {
    return false;
  }
}

test("the cables carry what they should without a firewall: by the uplink, or by the tunnel", () => {
  expect(answers(branch, HQ)).toBe(true);
  routeBy("tunnel");
  expect(answers(branch, HQ)).toBe(true);
});

test.each([
  ["192.168.12.10", HQ],
  ["fd00:12::10", HQ6],
])("a packet from %s to the protected network never leaves by the uplink", async (from, to) => {
  const leak = await listen(isp, to);
  const client = await udp(lan, from);
  await send(client, to);
  await once(leak.socket, "message");
  await apply(guard("10.1.0.0/16", "fd00:1::/48"));
  leak.senders.length = 0;

  // The same flow as before: nothing is let through for being known already.
  await send(client, to);
  await send(await udp(lan, from), to);

  await until(async () => (await dropped()) === 2);
  expect(leak.senders).toEqual([]);
});

test("what the tunnel carries passes the kill switch, both ways", async () => {
  routeBy("tunnel");
  await apply(guard("10.0.0.0/8"));
  const server = await listen(hq);
  server.socket.on("message", (_bytes, from) => server.socket.send("ok", from.port, from.address));
  const client = await udp(lan, "192.168.12.10");

  await send(client, HQ);
  const [reply] = (await once(client, "message")) as [Buffer];

  expect(reply.toString()).toBe("ok");
  expect(await dropped()).toBe(0);
});

test("a flow that the tunnel carried is stopped when its route turns to the uplink", async () => {
  routeBy("tunnel");
  await apply(guard("10.1.0.0/16"));
  const server = await listen(hq);
  const leak = await listen(isp);
  const client = await udp(lan, "192.168.12.10");
  await send(client, HQ);
  await once(server.socket, "message");

  routeBy("uplink");
  await send(client, HQ);

  await until(async () => (await dropped()) === 1);
  expect(leak.senders).toEqual([]);
});

test("a reply to the protected network does not leave by the uplink either", async () => {
  const server = await udp(lan, "192.168.12.10", 7000);
  const leak = await udp(isp, HQ);
  await apply(guard("10.1.0.0/16"));
  let replies = 0;
  leak.on("message", () => replies++);

  await send(leak, "198.51.100.2", 7000);
  await send(leak, "192.168.12.10", 7000);
  await once(server, "message");
  server.send("reply", leak.address().port, HQ);

  await until(async () => (await dropped()) >= 1);
  expect(replies).toBe(0);
});

test("a packet made on the router is held back, and IKE is not", async () => {
  await apply(guard("10.1.0.0/16"));
  const leak = await listen(isp);
  const ike = await listen(isp, HQ, 4500);

  const refusal = await send(await udp(branch, "198.51.100.2"), HQ);
  await send(await udp(branch, "198.51.100.2", 4500), HQ, 4500);
  await once(ike.socket, "message");

  expect(refusal).toMatchObject({ code: "EPERM" });
  expect(leak.senders).toEqual([]);
  expect(ike.senders).toEqual(["198.51.100.2"]);
});

test("ESP that the router makes may go to a hub inside the network it protects", async () => {
  await apply(guard("10.1.0.0/16"));
  const counter = "add table ip seen; add chain ip seen c { type filter hook input priority 0; }";
  runIn(isp, "nft", `${counter}; add rule ip seen c meta l4proto esp counter`);
  const raw = `import socket
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 50)
s.sendto(b"\\x00" * 32, ("${HQ}", 0))`;
  runIn(branch, "python3", "-c", raw);
  const seen = runIn(isp, "nft", "list", "table", "ip", "seen");
  runIn(isp, "nft", "delete table ip seen");

  expect(seen).toMatch(/counter packets 1 /);
});

test("with everything protected the router itself still reaches the internet, the LAN does not", async () => {
  await apply(guard("0.0.0.0/0", "::/0"));
  const server = await listen(isp, "198.51.100.1");

  await send(await udp(lan, "192.168.12.10"), "198.51.100.1");
  await until(async () => (await dropped()) === 1);
  await send(await udp(branch, "198.51.100.2"), "198.51.100.1");
  await once(server.socket, "message");

  expect(server.senders).toEqual(["198.51.100.2"]);
});

test("with everything protected the tunnel still delivers to the LAN", async () => {
  routeBy("tunnel");
  await apply(guard("0.0.0.0/0", "::/0"));
  expect(answers(hq, "192.168.12.10")).toBe(true);
});

test.each([
  ["192.168.12.10", HQ, "10.250.1.7"],
  ["fd00:12::10", HQ6, "fd00:250::7"],
])(
  "the HQ sees %s under the assigned address, and answers reach it",
  async (from, to, assigned) => {
    routeBy("tunnel");
    await apply(firewall({ nat: [{ inside: ["br-lan"], tunnel: "Tunnel0" }] }));
    const server = await listen(hq, to);
    server.socket.on("message", (_bytes, peer) =>
      server.socket.send("ok", peer.port, peer.address),
    );
    const client = await udp(lan, from);

    await send(client, to);
    const [reply] = (await once(client, "message")) as [Buffer];

    expect(reply.toString()).toBe("ok");
    expect(server.senders).toEqual([assigned]);
  },
);

test("only what comes from an inside interface is translated, and only into the tunnel", async () => {
  await apply(
    firewall({
      nat: [{ inside: ["br-guest"], tunnel: "Tunnel0" }],
    }),
  );
  routeBy("tunnel");
  const server = await listen(hq);
  await send(await udp(lan, "192.168.12.10"), HQ);
  await once(server.socket, "message");

  expect(server.senders).toEqual(["192.168.12.10"]);
});

test("our translation wins over a rule of the router that masquerades everything", async () => {
  routeBy("tunnel");
  const nat =
    "add table ip other; add chain ip other n { type nat hook postrouting priority 100; }";
  runIn(branch, "nft", `${nat}; add rule ip other n snat to 198.51.100.2`);
  await apply(firewall({ nat: [{ inside: ["br-lan"], tunnel: "Tunnel0" }] }));
  const server = await listen(hq);
  await send(await udp(lan, "192.168.12.10"), HQ);
  await once(server.socket, "message");
  runIn(branch, "nft", "delete table ip other");

  expect(server.senders).toEqual(["10.250.1.7"]);
});

test.each([
  ["192.168.12.10", HQ],
  ["fd00:12::10", HQ6],
])("TCP between %s and the HQ agrees on segments that fit the tunnel", async (_from, to) => {
  routeBy("tunnel");
  await apply(firewall({ mss: [{ tunnel: "Tunnel0", ipv4: 1316, ipv6: 1296 }] }));
  const expected = to === HQ ? 1316 : 1296;
  const watch = (hook: string) =>
    `add table inet seen; add chain inet seen c { type filter hook ${hook} priority 0; }; ` +
    `add rule inet seen c tcp flags syn tcp option maxseg size ${expected} counter`;
  runIn(hq, "nft", watch("input"));
  runIn(lan, "nft", watch("input"));
  const server = createServer((socket) => socket.end());
  await inside(hq, async () => {
    server.listen(7001, to);
    await once(server, "listening");
  });
  await inside(lan, async () => {
    await once(connect(7001, to), "close", { signal: AbortSignal.timeout(5_000) });
  });
  server.close();
  const seen = [hq, lan].map((namespace) =>
    runIn(namespace, "nft", "list", "table", "inet", "seen"),
  );
  for (const namespace of [hq, lan]) runIn(namespace, "nft", "delete table inet seen");

  for (const listing of seen) expect(listing).toMatch(/counter packets 1 /);
});

/** A LAN host that keeps sending from one port, as a running call or ping does. */
async function runningFlow(server: Listener): Promise<{ next(): Promise<string> }> {
  const client = await udp(lan, "192.168.12.10");
  return {
    async next() {
      const arrived = once(server.socket, "message");
      await send(client, HQ);
      await arrived;
      return server.senders.at(-1) ?? "";
    },
  };
}

test("a running flow changes over when the hub assigns another address", async () => {
  routeBy("tunnel");
  const flow = await runningFlow(await listen(hq));
  await apply(firewall({ nat: [{ inside: ["br-lan"], tunnel: "Tunnel0" }] }));
  const first = await flow.next();

  ip("-n", branch, "address", "delete", "10.250.1.7/32", "dev", "Tunnel0");
  ip("-n", branch, "address", "add", "10.250.1.8/32", "dev", "Tunnel0");
  routeBy("tunnel");
  const second = await flow.next();
  ip("-n", branch, "address", "delete", "10.250.1.8/32", "dev", "Tunnel0");
  ip("-n", branch, "address", "add", "10.250.1.7/32", "dev", "Tunnel0");

  expect([first, second]).toEqual(["10.250.1.7", "10.250.1.8"]);
});

test("nothing leaks while the firewall is replaced again and again under traffic", async () => {
  const leak = await listen(isp);
  const client = await udp(lan, "192.168.12.10");
  const withNat = {
    ...guard("10.1.0.0/16"),
    nat: [{ inside: ["br-lan"], tunnel: "Tunnel0" }],
  };
  await apply(guard("10.1.0.0/16"));
  const chain =
    "add table ip seen; add chain ip seen c { type filter hook prerouting priority -300; }";
  runIn(branch, "nft", `${chain}; add rule ip seen c iifname br-lan udp dport 7000 counter`);
  const entered = () =>
    Number(/packets (\d+)/.exec(runIn(branch, "nft", "list", "table", "ip", "seen"))?.[1]);
  let isFlooding = true;
  let sent = 0;
  const flood = (async () => {
    while (isFlooding) {
      await send(client, HQ);
      sent++;
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  try {
    for (let round = 0; round < 8; round++) {
      await apply(withNat);
      await apply(guard("10.1.0.0/16", "10.2.0.0/16"));
    }
  } finally {
    isFlooding = false;
    await flood;
  }

  // The counter went through all replacements, and saw every packet that came in: none was judged by half a rule set.
  // Counted at the door, because a busy machine may lose some on the way there.
  const seen = { entered: entered(), leaked: leak.senders.length };
  expect(seen.leaked).toBe(0);
  const missing = async () => seen.entered - (await dropped());
  await until(async () => (await missing()) === 0).catch(async () => {
    throw new Error(`of ${seen.entered} packets that came in ${await missing()} were not dropped`);
  });
  runIn(branch, "nft", "delete table ip seen");
  expect(sent).toBeGreaterThan(500);
  expect(leak.senders).toEqual([]);
});

test("removal with the kill switch kept leaves only the kill switch, which goes on dropping", async () => {
  const leak = await listen(isp);
  await apply({
    ...guard("10.1.0.0/16"),
    nat: [{ inside: ["br-lan"], tunnel: "Tunnel0" }],
    mss: [{ tunnel: "Tunnel0", ipv4: 1316, ipv6: 1296 }],
  });
  await inside(branch, () => removeFirewall({ keepKillSwitch: true }));
  await send(await udp(lan, "192.168.12.10"), HQ);
  await until(async () => (await dropped()) === 1);
  const table = await inside(branch, () => readFirewall());

  expect(table.ok && table.value?.chains).toEqual(["kill-switch-forward", "kill-switch-output"]);
  expect(leak.senders).toEqual([]);
});

test("removal leaves nothing, and removing nothing is fine", async () => {
  await apply(guard("10.1.0.0/16"));
  const removals = await inside(branch, async () => [
    await removeFirewall({ keepKillSwitch: false }),
    await removeFirewall({ keepKillSwitch: false }),
    await removeFirewall({ keepKillSwitch: true }),
  ]);
  expect(removals.every(({ ok }) => ok)).toBe(true);
  expect(runIn(branch, "nft", "list", "ruleset")).toBe("");
});

test("an empty firewall is no table at all", async () => {
  await apply(guard("10.1.0.0/16"));
  await apply(emptyFirewall);
  expect(runIn(branch, "nft", "list", "ruleset")).toBe("");
});

test("a table of ours with other contents, left by another version, is replaced", async () => {
  runIn(
    branch,
    "nft",
    "add table inet flexspoke; add chain inet flexspoke kill-switch-forward { type filter hook forward priority 7; }; " +
      "add chain inet flexspoke old { type filter hook input priority 0; policy drop; }",
  );
  await apply(guard("10.1.0.0/16"));
  const table = await inside(branch, () => readFirewall());

  expect(table.ok && table.value?.chains).toEqual(["kill-switch-forward", "kill-switch-output"]);
});

test("without the right to change the firewall the fault says so", () => {
  const script = `
    const { applyFirewall } = await import("#linux/nft/table.ts");
    const result = await applyFirewall({ nat: [], mss: [],
      killSwitch: [{ client: "hq", networks: ["10.0.0.0/8"], allowed: [] }] });
    console.log(JSON.stringify(result));`;
  const output = runIn(
    branch,
    "setpriv",
    "--bounding-set=-net_admin",
    "--inh-caps=-net_admin",
    process.execPath,
    "--input-type=module",
    "--eval",
    script,
  );
  expect(JSON.parse(output)).toMatchObject({
    ok: false,
    error: { code: "kernel.permission", errno: "EPERM" },
  });
});

/** Waits until `claim` holds. @throws when it still doesn't after 5 s. */
async function until(claim: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!(await claim())) {
    if (performance.now() > deadline) throw new Error(`still not so: ${claim}`);
  }
}
