import { expect, test } from "vitest";
import { check, load, withLines } from "./branch-files.ts";

const system = (text: string) => withLines("end", `system:\n${text}`);
const errors = (text: string) => check(system(text)).errors;

const whole = `
  hostname: branch12
  wan:  [ { interface: wan0, device: eth0, address: dhcp }, { interface: wan1, device: "DC:A6:32:01:02:03", address: 203.0.113.2/30, gateway: 203.0.113.1, dns: [ 192.0.2.53 ] } ]
  lan:  { devices: [eth1], address: 192.168.12.1/24, dhcp: { from: 192.168.12.100, to: 192.168.12.199 } }
  time: { ntp: [ ntp.example.net, 192.0.2.123 ], via: hq }
  ssh:  { enabled: true, authorized-keys: [ "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA operator" ] }`;

test("without the section the appliance is as it is without a configuration", () => {
  expect(load(withLines("end", "")).resolved.system).toBeUndefined();
});

test("links, addresses and services are read, with the defaults that were left out", () => {
  const { system: resolved } = load(system(whole)).resolved;
  expect(resolved).toEqual({
    hostname: "branch12",
    wan: [
      { interface: "wan0", device: "eth0", address: { kind: "dhcp" }, metric: 100 },
      {
        interface: "wan1",
        device: "dc:a6:32:01:02:03",
        address: {
          kind: "static",
          address: "203.0.113.2/30",
          gateway: "203.0.113.1",
          dns: ["192.0.2.53"],
        },
        metric: 200,
      },
    ],
    lan: {
      interface: "br-lan",
      devices: ["eth1"],
      address: "192.168.12.1/24",
      dhcp: { from: "192.168.12.100", to: "192.168.12.199", lease: 43_200_000 },
      internet: false,
    },
    time: { ntp: ["ntp.example.net", "192.0.2.123"], via: "hq" },
    ssh: {
      isEnabled: true,
      authorizedKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA operator"],
    },
  });
});

test("the name of the system is the branch's where nothing else says it", () => {
  expect(load(system("  hostname: branch99")).resolved.hostname).toBe("branch99");
});

test.each([
  ["  wan: [ { interface: wan0 } ]", "system.wan[0]: has nothing to go by"],
  ["  wan: [ { interface: wan0, dialer: lte } ]", "there is no dialer lte"],
  [
    "  wan: [ { interface: wan0, device: eth0, address: 203.0.113.300/30 } ]",
    "neither dhcp nor an address",
  ],
  [
    "  wan: [ { interface: wan0, device: eth0, address: 203.0.113.2/30, gateway: 192.0.2.1 } ]",
    "is not in the network of 203.0.113.2/30",
  ],
  [
    "  wan: [ { interface: wan0, device: eth0 }, { interface: wan1, device: eth0 } ]",
    "eth0 is used twice",
  ],
  [
    "  wan: [ { interface: wan0, device: eth0 }, { interface: wan0, device: eth1 } ]",
    "wan0 is used twice",
  ],
  [
    "  lan: { devices: [ eth1 ], address: 192.168.12.0/24, dhcp: { from: 192.168.13.1, to: 192.168.12.9 } }",
    "lan.dhcp.from: is not an IPv4 address of",
  ],
  ["  time: { via: nobody }", "there is no client nobody"],
  ["  ssh: { enabled: true }", "nobody could log in"],
  ["  ssh: { authorized-keys: [ hunter2 ] }", "not a public key"],
  ["  password: hunter2", "system.password"],
])("%s is refused", (text, message) => {
  expect(errors(text).join("\n")).toContain(message);
});
