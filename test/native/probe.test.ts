/**
 * Probes over real sockets to real responders: a branch with two uplinks, of which the routing table prefers the first, and
 * a host behind both. Answers to echoes are the kernel's own.
 */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { SlaHost, SlaOperation } from "#config/resolved-sla.ts";
import type { Duration } from "#lib/duration.ts";
import type { IpAddress } from "#lib/ip.ts";
import { Prober } from "#linux/probe/prober.ts";
import type { ProbeId, ProbeOutcome } from "#sla/probe.ts";
import { makePki } from "#test/support/pki.ts";
import { inside, ip, Namespaces, runIn } from "./netns.ts";
import { Responders } from "./probe-responders.ts";

const namespaces = new Namespaces("s9-");
const responders = new Responders();
const hub4 = "203.0.113.1";
const hub6 = "2001:db8:3::1";
const corporate = makePki();
const stranger = makePki({ key: "ecdsa-384" });
let branch = "";
let hub = "";
let probers: Harness[] = [];

beforeAll(async () => {
  branch = namespaces.add("branch");
  hub = namespaces.add("hub");
  namespaces.link(
    { namespace: branch, device: "wan1", addresses: ["192.0.2.1/24", "2001:db8:1::1/64"] },
    { namespace: hub, device: "up1", addresses: ["192.0.2.9/24", "2001:db8:1::9/64"] },
  );
  namespaces.link(
    { namespace: branch, device: "wan2", addresses: ["198.51.100.1/24", "2001:db8:2::1/64"] },
    { namespace: hub, device: "up2", addresses: ["198.51.100.9/24", "2001:db8:2::9/64"] },
  );
  for (const address of [`${hub4}/32`, `${hub6}/128`])
    ip(
      "-n",
      hub,
      "address",
      "add",
      address,
      "dev",
      "lo",
      ...(address.includes(":") ? ["nodad"] : []),
    );
  ip("-n", branch, "route", "add", "default", "via", "192.0.2.9");
  ip("-n", branch, "route", "add", "default", "via", "198.51.100.9", "metric", "200");
  ip("-n", branch, "route", "add", "default", "via", "2001:db8:1::9");
  ip("-n", branch, "route", "add", "default", "via", "2001:db8:2::9", "metric", "2000");
  await inside(hub, async () => {
    await responders.tcp(hub4, 80);
    await responders.tcp(hub6, 80);
    await responders.udp(hub4, 7, (bytes) => bytes);
    await responders.udp(hub4, 8, (bytes) => Buffer.concat([bytes.subarray(0, 15), Buffer.of(0)]));
    await responders.udp(hub4, 9, () => undefined);
    await responders.dns(hub4, 53, "intranet.example.net");
    await responders.web(hub4, 8080);
    await responders.babble(hub4, 8081, "220 mail.example.net ESMTP\r\n");
    const own = corporate.root.issue({ subject: "CN=portal", ip: [hub4] });
    await responders.secureWeb(hub4, 8443, own);
    const other = corporate.root.issue({ subject: "CN=other", ip: ["203.0.113.77"] });
    await responders.secureWeb(hub4, 8444, other);
    const old = { subject: "CN=old", ip: [hub4], notAfter: "2021-01-01" };
    await responders.secureWeb(hub4, 8445, corporate.root.issue(old));
  });
});
afterEach(() => {
  for (const { prober } of probers) prober.close();
  probers = [];
});
afterAll(() => {
  responders.close();
  namespaces.removeAll();
});

/** A prober with what it has told. */
class Harness {
  readonly outcomes: { readonly id: number; readonly outcome: ProbeOutcome }[] = [];
  #wake: () => void = () => undefined;
  #id = 0;
  readonly prober = new Prober((id, outcome) => {
    this.outcomes.push({ id, outcome });
    this.#wake();
  });

  constructor() {
    probers.push(this);
  }

  send(operation: SlaOperation, sourceInterface?: string, sequence = 0): ProbeId {
    if (sequence === 0) this.#id++;
    const id = this.#id as ProbeId;
    const timeout = 2_000 as Duration;
    const source = sourceInterface === undefined ? {} : { sourceInterface };
    this.prober.send({ id, sequence, operation, timeout, ...source });
    return id;
  }

  /** Resolves when so many outcomes have come. */
  async has(count: number): Promise<void> {
    while (this.outcomes.length < count) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** What comes of one packet of a probe in the branch. */
async function probe(operation: SlaOperation, sourceInterface?: string): Promise<ProbeOutcome> {
  return await inside(branch, async () => {
    const harness = new Harness();
    harness.send(operation, sourceInterface);
    await harness.has(1);
    return harness.outcomes[0]!.outcome;
  });
}

const at = (address: string): SlaHost => ({ kind: "address", address: address as IpAddress });
const interval = 20 as Duration;
const echo = (address: string, packets = 1): SlaOperation => ({
  kind: "icmp-echo",
  host: at(address),
  packets,
  interval,
});
const tcp = (address: string, port: number): SlaOperation => ({
  kind: "tcp-connect",
  host: at(address),
  port,
});
const udp = (port: number, packets = 1): SlaOperation => ({
  kind: "udp-echo",
  host: at(hub4),
  port,
  packets,
  interval,
});
const dns = (name: string, port = 53): SlaOperation => ({
  kind: "dns",
  server: hub4 as IpAddress,
  port,
  name,
  type: "a",
});
const http = (url: string, authorities?: readonly Uint8Array[]): SlaOperation => ({
  kind: "http",
  url,
  ...(authorities && { authorities }),
});

function expectAnswer(outcome: ProbeOutcome): void {
  expect(outcome).toMatchObject({ kind: "answered", sequence: 0 });
  const { rtt } = outcome as { rtt: number };
  expect(rtt).toBeGreaterThanOrEqual(0);
  expect(rtt).toBeLessThan(2_000);
}

const refused = (code: string, reason: string | RegExp): object => ({
  kind: "failed",
  code,
  reason: typeof reason === "string" ? reason : expect.stringMatching(reason),
});

const received = (device: string): number =>
  Number(runIn(hub, "cat", `/sys/class/net/${device}/statistics/rx_packets`));

test.each([
  ["IPv4", hub4],
  ["IPv6", hub6],
])("an %s echo is answered by the kernel of the other end", async (_, address) => {
  expectAnswer(await probe(echo(address)));
});

test.each([
  ["an IPv4 echo", echo(hub4)],
  ["an IPv6 echo", echo(hub6)],
  ["a TCP connection", tcp(hub4, 80)],
  ["a TCP connection over IPv6", tcp(hub6, 80)],
  ["a UDP echo", udp(7)],
  ["a DNS question", dns("intranet.example.net")],
  ["an HTTP request", http(`http://${hub4}:8080/health`)],
])("%s leaves by its source interface against the routing table's wish", async (_, operation) => {
  const before = received("up2");
  expectAnswer(await probe(operation, "wan2"));
  expect(received("up2")).toBeGreaterThan(before);
});

test("many echoes at once each find their own answer", async () => {
  await inside(branch, async () => {
    const harness = new Harness();
    const ids = Array.from({ length: 500 }, (_, index) =>
      harness.send(echo(index % 2 === 0 ? hub4 : hub6), index % 3 === 0 ? "wan2" : undefined),
    );
    await harness.has(500);
    expect(harness.outcomes.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual(ids);
    for (const { outcome } of harness.outcomes) expectAnswer(outcome);
  });
});

test("a round trip is not longer because this process was busy", async () => {
  await inside(branch, async () => {
    const harness = new Harness();
    harness.send(echo(hub4));
    await harness.has(1);
    harness.send(echo(hub4));
    const end = performance.now() + 300;
    while (performance.now() < end);
    await harness.has(2);
    expect((harness.outcomes[1]!.outcome as { rtt: number }).rtt).toBeLessThan(200);
  });
});

test("a silent target has no outcome, and disturbs no other", async () => {
  const rule = "add table ip s9; add chain ip s9 i { type filter hook input priority 0; }";
  runIn(hub, "nft", `${rule}; add rule ip s9 i icmp type echo-request ip daddr 192.0.2.9 drop`);
  try {
    await inside(branch, async () => {
      const harness = new Harness();
      const silent = harness.send(echo("192.0.2.9"));
      const loud = harness.send(echo(hub4));
      await harness.has(1);
      harness.send(echo(hub4));
      await harness.has(2);
      harness.prober.abandon(silent);
      expect(harness.outcomes.map(({ id }) => id)).toEqual([loud, loud + 1]);
    });
  } finally {
    runIn(hub, "nft", "delete table ip s9");
  }
});

test.each([
  ["a TCP port that nobody listens on", tcp(hub4, 81), `${hub4}:81 refuses the connection`],
  ["the same over IPv6", tcp(hub6, 81), `[${hub6}]:81 refuses the connection`],
  ["a UDP port that nobody listens on", udp(77), `${hub4}:77 refuses the connection`],
  ["a name server that is none", dns("a.example", 54), `${hub4}:54 refuses the connection`],
  ["a web server that is none", http(`http://${hub4}:82/`), `${hub4}:82 refuses the connection`],
])("%s refuses", async (_, operation, reason) => {
  expect(await probe(operation, "wan1")).toMatchObject(refused("no-connection", reason));
  expect(await probe(operation)).toMatchObject(refused("no-connection", reason));
});

test.each([
  ["an echo", echo("2001:db8:ffff::1")],
  ["a TCP connection", tcp("2001:db8:ffff::1", 80)],
])("%s without a route says so", async (_, operation) => {
  ip("-n", branch, "route", "add", "unreachable", "2001:db8:ffff::/48");
  try {
    expect(await probe(operation)).toMatchObject(
      refused("no-connection", /(there is no route to|can't be reached)/),
    );
  } finally {
    ip("-n", branch, "route", "delete", "unreachable", "2001:db8:ffff::/48");
  }
});

test("an interface that does not exist, is down or has no address is the reason", async () => {
  ip("-n", branch, "link", "add", "bare", "type", "veth", "peer", "name", "bare-end");
  ip("-n", branch, "link", "set", "bare-end", "up");
  const outcomes = [await probe(echo(hub4), "wwan0"), await probe(echo(hub4), "bare")];
  ip("-n", branch, "link", "set", "bare", "up");
  await inside(branch, async () => {
    const { readInterface } = await import("#linux/kernel/interfaces.ts");
    expect(readInterface("bare")).toBeDefined();
  });
  ip("-n", branch, "address", "add", "192.0.2.200/32", "dev", "bare");
  outcomes.push(await probe(tcp(hub6, 80), "bare"));
  ip("-n", branch, "link", "delete", "bare");

  expect(outcomes).toMatchObject([
    { ...refused("no-connection", "the interface wwan0 does not exist"), interface: "wwan0" },
    { ...refused("no-connection", "the interface bare is down"), interface: "bare" },
    { ...refused("no-connection", "the interface bare has no IPv6 address"), interface: "bare" },
  ]);
});

test("an interface that went and came back is used again", async () => {
  const harness = await inside(branch, () => new Harness());
  const plug = (): void =>
    namespaces.link(
      { namespace: branch, device: "usb0", addresses: ["10.9.0.1/24"] },
      { namespace: hub, device: "upusb", addresses: ["10.9.0.9/24"] },
    );
  plug();
  await inside(branch, async () => {
    harness.send(echo("10.9.0.9"), "usb0");
    await harness.has(1);
  });
  ip("-n", branch, "link", "delete", "usb0");
  await inside(branch, async () => {
    harness.prober.refresh();
    harness.send(echo("10.9.0.9"), "usb0");
    await harness.has(2);
  });
  plug();
  await inside(branch, async () => {
    harness.prober.refresh();
    harness.send(echo("10.9.0.9"), "usb0");
    await harness.has(3);
  });
  ip("-n", branch, "link", "delete", "usb0");
  expect(harness.outcomes.map(({ outcome }) => outcome.kind)).toEqual([
    "answered",
    "failed",
    "answered",
  ]);
});

test("what the firewall of this machine drops is told as that", async () => {
  runIn(
    branch,
    "nft",
    "add table ip s9; add chain ip s9 o { type filter hook output priority 0; policy drop; }",
  );
  try {
    expect(await probe(echo(hub4))).toMatchObject(
      refused("no-connection", /^the firewall of this machine drops what goes to 203\.0\.113\.1/),
    );
  } finally {
    runIn(branch, "nft", "delete table ip s9");
  }
});

test("the packets of a UDP run share a socket, and each is answered by its number", async () => {
  await inside(branch, async () => {
    const harness = new Harness();
    for (const sequence of [0, 1, 2]) harness.send(udp(7, 3), "wan2", sequence);
    await harness.has(3);
    const sequences = harness.outcomes.map(({ outcome }) => outcome.sequence);
    expect(sequences.toSorted((a, b) => a - b)).toEqual([0, 1, 2]);
  });
});

test("an echo server that changes the data is found out", async () => {
  expect(await probe(udp(8))).toMatchObject(
    refused("verify-error", `${hub4}:8 sent back other data than it got`),
  );
});

test("a run that is abandoned leaves nothing open and says nothing", async () => {
  await inside(branch, async () => {
    const harness = new Harness();
    harness.send(echo(hub4));
    await harness.has(1);
    harness.outcomes.length = 0;
    const before = openDescriptors();
    // The listener on port 80 accepts and says nothing.
    const silent = [udp(9), dns("a.example", 9), tcp("192.0.2.77", 80)];
    const web = ["http", "https"].map((scheme) => http(`${scheme}://${hub4}:80/`));
    const ids = [...silent, ...web].map((operation) => harness.send(operation, "wan1"));
    await new Promise((resolve) => setImmediate(resolve));
    harness.send(echo(hub4));
    await harness.has(1);
    expect(openDescriptors()).toBeGreaterThan(before);
    for (const id of ids) harness.prober.abandon(id);
    expect(harness.outcomes).toHaveLength(1);
    harness.send(echo(hub4));
    await harness.has(2);
    expect(openDescriptors()).toBeLessThanOrEqual(before);
  });
});

test("a name server that knows the name is good, one that does not says so", async () => {
  expectAnswer(await probe(dns("intranet.example.net")));
  expect(await probe(dns("typo.example.net"))).toMatchObject(
    refused("dns-error", `typo.example.net does not exist, says ${hub4}`),
  );
});

test("a target's name is looked up; one without an address says so", async () => {
  const named = (name: string): SlaOperation => ({
    kind: "tcp-connect",
    host: { kind: "name", name },
    port: 1,
  });
  expect(await probe(named("localhost"))).toMatchObject(
    refused("no-connection", /:1 refuses the connection$/),
  );
  expect(await probe(named("nobody.invalid"))).toMatchObject(
    refused("dns-error", /nobody\.invalid/),
  );
});

test("a web server is judged by its status; a redirect is an answer", async () => {
  expectAnswer(await probe(http(`http://${hub4}:8080/health`)));
  expectAnswer(await probe(http(`http://${hub4}:8080/moved`)));
  expect(await probe(http(`http://${hub4}:8080/`), "wan2")).toMatchObject(
    refused("http-error", `http://${hub4}:8080/ answers with HTTP status 503 Service Unavailable`),
  );
});

test("a server that does not speak HTTP says so", async () => {
  expect(await probe(http(`http://${hub4}:8081/`))).toMatchObject(
    refused("http-error", `${hub4}:8081 does not speak HTTP`),
  );
});

test("an HTTPS server whose authority is named is trusted", async () => {
  const url = `https://${hub4}:8443/health`;
  expectAnswer(await probe(http(url, [corporate.root.der]), "wan2"));
  expectAnswer(await probe(http(url, [corporate.root.der])));
});

test.each([
  ["of another authority", 8443, stranger, "its authority is not one that is trusted"],
  ["for another name", 8444, corporate, "it is for another name"],
  ["that has expired", 8445, corporate, "it has expired"],
])("a certificate %s is told", async (_, port, { root }, why) => {
  expect(await probe(http(`https://${hub4}:${port}/health`, [root.der]))).toMatchObject(
    refused("certificate-error", `the certificate of ${hub4}:${port} is not trusted: ${why}`),
  );
});

test("TLS with a server that has none is told", async () => {
  expect(await probe(http(`https://${hub4}:8080/health`))).toMatchObject(
    refused("no-connection", new RegExp(`^(TLS with ${hub4}:8080 failed|${hub4}:8080 broke)`)),
  );
});

function openDescriptors(): number {
  return runIn(branch, "ls", `/proc/${process.pid}/fd`).split("\n").length;
}
