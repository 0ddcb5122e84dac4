import { expect, test } from "vitest";
import { renderResolved } from "#config/render.ts";
import { check, load, withLines } from "./branch-files.ts";

/** `shortConfig` with these operations, one a line, from its last line on. */
const sla = (...lines: readonly string[]): string =>
  withLines("end", ["sla:", ...lines.map((line) => `  ${line}`)].join("\n"));

/** Errors with their lines counted from the line of `sla:`, which is 0. */
function errorsOf(...lines: readonly string[]): readonly string[] {
  const text = sla(...lines);
  const start = text.split("\n").indexOf("sla:") + 1;
  return check(text).errors.map((error) =>
    error.replace(/^\d+/, (line) => String(Number(line) - start)),
  );
}

test("every kind of operation is taken as the contract writes it", () => {
  const { resolved } = load(
    sla(
      "hub1-echo: { icmp-echo: 203.0.113.1, source-interface: wan0, frequency: 1s, timeout: 500ms, threshold: 200ms }",
      "portal:    { tcp-connect: 10.0.0.10:443, frequency: 10s }",
      "names:     { dns: { server: 10.0.0.53, name: intranet.example.net }, frequency: 30s }",
      "page:      { http: http://10.0.0.10/health, frequency: 30s }",
      "jitter:    { udp-echo: 10.0.0.10:7, frequency: 10s, packets: 10 }",
      "6:         { tcp-connect: '[2001:db8::1]:443' }",
      "name:      { icmp-echo: hub1.example.net }",
    ),
  );
  expect(resolved.sla).toEqual({
    "6": {
      name: "6",
      operation: {
        kind: "tcp-connect",
        host: { kind: "address", address: "2001:db8::1" },
        port: 443,
      },
      frequency: 60_000,
      timeout: 5_000,
      threshold: 5_000,
    },
    "hub1-echo": {
      name: "hub1-echo",
      operation: {
        kind: "icmp-echo",
        host: { kind: "address", address: "203.0.113.1" },
        packets: 1,
        interval: 20,
      },
      sourceInterface: "wan0",
      frequency: 1_000,
      timeout: 500,
      threshold: 200,
    },
    portal: {
      name: "portal",
      operation: {
        kind: "tcp-connect",
        host: { kind: "address", address: "10.0.0.10" },
        port: 443,
      },
      frequency: 10_000,
      timeout: 5_000,
      threshold: 5_000,
    },
    names: {
      name: "names",
      operation: {
        kind: "dns",
        server: "10.0.0.53",
        port: 53,
        name: "intranet.example.net",
        type: "a",
      },
      frequency: 30_000,
      timeout: 5_000,
      threshold: 5_000,
    },
    page: {
      name: "page",
      operation: { kind: "http", url: "http://10.0.0.10/health" },
      frequency: 30_000,
      timeout: 5_000,
      threshold: 5_000,
    },
    jitter: {
      name: "jitter",
      operation: {
        kind: "udp-echo",
        host: { kind: "address", address: "10.0.0.10" },
        port: 7,
        packets: 10,
        interval: 20,
      },
      frequency: 10_000,
      timeout: 5_000,
      threshold: 5_000,
    },
    name: {
      name: "name",
      operation: {
        kind: "icmp-echo",
        host: { kind: "name", name: "hub1.example.net" },
        packets: 1,
        interval: 20,
      },
      frequency: 60_000,
      timeout: 5_000,
      threshold: 5_000,
    },
  });
});

test("times that are not given fit into the frequency that is", () => {
  const { resolved } = load(
    sla(
      "fast: { icmp-echo: 203.0.113.1, frequency: 100ms }",
      "late: { icmp-echo: 203.0.113.1, frequency: 60s, threshold: 20s }",
      "tight: { icmp-echo: 203.0.113.1, frequency: 10s, timeout: 1s }",
    ),
  );
  expect(resolved.sla["fast"]).toMatchObject({ timeout: 100, threshold: 100 });
  expect(resolved.sla["late"]).toMatchObject({ timeout: 20_000, threshold: 20_000 });
  expect(resolved.sla["tight"]).toMatchObject({ timeout: 1_000, threshold: 1_000 });
});

test.each([
  [
    "a: { icmp-echo: 203.0.113.1, frequency: 1s, timeout: 2s }",
    "1:56: sla.a.timeout: longer than the frequency, 1s (threshold <= timeout <= frequency)",
  ],
  [
    "a: { icmp-echo: 203.0.113.1, frequency: 10s, timeout: 100ms, threshold: 200ms }",
    "1:75: sla.a.threshold: longer than the timeout, 100ms (threshold <= timeout <= frequency)",
  ],
  [
    "a: { icmp-echo: 203.0.113.1, frequency: 50ms }",
    "1:43: sla.a.frequency: out of range (100ms to 168h)",
  ],
  [
    "a: { icmp-echo: 203.0.113.1, tcp-connect: 10.0.0.1:80 }",
    "1:6: sla.a: not an operation (exactly one of icmp-echo, tcp-connect, udp-echo, dns and http)",
  ],
  [
    "a: { frequency: 10s }",
    "1:6: sla.a: not an operation (exactly one of icmp-echo, tcp-connect, udp-echo, dns and http)",
  ],
  [
    "a: { icmp-ehco: 203.0.113.1 }",
    "1:8: sla.a.icmp-ehco: unknown key (did you mean icmp-echo? known here: icmp-echo, tcp-connect, udp-echo, dns, http, trustpoint, packets, interval, source-interface, frequency, timeout, threshold)",
  ],
  [
    "a: { icmp-echo: 203.0.113.256 }",
    "1:19: sla.a.icmp-echo: not an address or a DNS name (203.0.113.1, hub.example.net)",
  ],
  [
    "a: { tcp-connect: 10.0.0.1 }",
    "1:21: sla.a.tcp-connect: not an address or name with a port (10.0.0.10:443, [2001:db8::1]:443, hub.example.net:443)",
  ],
  [
    "a: { tcp-connect: 10.0.0.1:80, packets: 3 }",
    "1:6: sla.a: packets with tcp-connect (only icmp-echo and udp-echo send more than one)",
  ],
  [
    "a: { icmp-echo: 203.0.113.1, interval: 10ms }",
    "1:6: sla.a: interval without packets (packets: 10 sends so many, interval apart)",
  ],
  [
    "a: { icmp-echo: 203.0.113.1, frequency: 1s, packets: 60 }",
    "1:56: sla.a.packets: 60 packets, 20ms apart, take longer than the timeout, 1s (fewer packets, or a longer timeout)",
  ],
  [
    "a: { http: ftp://10.0.0.1/ }",
    "1:14: sla.a.http: not a URL of http or https (http://10.0.0.10/health; no user, no password in it)",
  ],
  [
    "a: { http: http://u:hunter2@10.0.0.1/ }",
    "1:14: sla.a.http: not a URL of http or https (http://10.0.0.10/health; no user, no password in it)",
  ],
  [
    "a: { http: http://10.0.0.1/, trustpoint: corp }",
    "1:6: sla.a: trustpoint without an https URL (it says whose certificates are trusted)",
  ],
  [
    "a: { http: https://10.0.0.1/, trustpoint: corp }",
    "1:45: sla.a.trustpoint: no trustpoint has this name (none is configured)",
  ],
  [
    "a: { dns: { name: a.example } }",
    "1:8: sla.a.dns.server: is required (an IPv4 or IPv6 address)",
  ],
])("what is wrong is told with its place: %s", (line, error) => {
  expect(errorsOf(line)).toEqual([error]);
});

test("a source interface that does not exist yet may be named", () => {
  expect(errorsOf("a: { icmp-echo: 203.0.113.1, source-interface: wwan7 }")).toEqual([]);
});

test("a track object that follows an operation needs one of its name", () => {
  const track = (name: string) =>
    check(`${sla("hub1: { icmp-echo: 203.0.113.1 }")}\ntrack: { t: { sla: ${name} } }\n`).errors;
  expect(track("hub1")).toEqual([]);
  expect(track("hub2")).toHaveLength(1);
});

test("the resolved file shows the times that were filled in, and means the same", () => {
  const text = sla("a: { icmp-echo: 203.0.113.1, frequency: 1500ms, packets: 3 }");
  const { complete, resolved } = load(text);
  const rendered = renderResolved(complete);
  expect(rendered).toContain("timeout: 1500ms");
  expect(rendered).toContain("interval: 20ms");
  expect(load(rendered).resolved.sla).toEqual(resolved.sla);
});
