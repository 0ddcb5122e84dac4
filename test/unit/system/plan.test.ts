import { expect, test } from "vitest";
import type { ResolvedConfig } from "#config/resolved.ts";
import { defaultSystem, systemPlan } from "#system/plan.ts";
import type { ServicePlan } from "#system/service-plan.ts";
import { load, withLines } from "#test/unit/config/branch-files.ts";

function planOf(section: string, more = "") {
  const config: ResolvedConfig = load(withLines("end", `${more}system:\n${section}`)).resolved;
  return systemPlan(config.system!, config);
}

const names = (services: readonly ServicePlan[]) => services.map(({ name }) => name);
const text = (services: readonly ServicePlan[], name: string) =>
  Object.values(services.find((each) => each.name === name)?.files ?? {})[0]?.text;

const twoWans =
  "  wan: [ { interface: wan0, device: eth0 }, { interface: wan1, device: eth1, address: 203.0.113.2/30, gateway: 203.0.113.1, dns: [ 192.0.2.53 ] } ]\n";
const lan =
  "  lan: { devices: [ eth2 ], address: 192.168.12.1/24, dhcp: { from: 192.168.12.100, to: 192.168.12.199, domain: branch.example } }\n";

test("a WAN by DHCP has a client of its own, one with a fixed address none", () => {
  const { links, services, nameServers } = planOf(twoWans);
  expect(names(services)).toEqual(["udhcpc-wan0", "chronyd"]);
  expect(services[0]?.command).toContain("hostname:branch12");
  expect(services[0]?.environment).toEqual({ METRIC: "100" });
  expect(links).toEqual([
    { interface: "wan0", device: "eth0" },
    {
      interface: "wan1",
      device: "eth1",
      address: "203.0.113.2/30",
      gateway: "203.0.113.1",
      metric: 200,
    },
  ]);
  expect(nameServers).toEqual([{ interface: "wan1", metric: 200, servers: ["192.0.2.53"] }]);
});

test("the LAN is a bridge whose hosts get addresses and names from the router", () => {
  const { links, services } = planOf(lan);
  expect(links).toEqual([{ interface: "br-lan", ports: ["eth2"], address: "192.168.12.1/24" }]);
  expect(text(services, "dnsmasq")?.split("\n")).toEqual(
    expect.arrayContaining([
      "interface=br-lan",
      "dhcp-range=192.168.12.100,192.168.12.199,43200s",
      "domain=branch.example",
    ]),
  );
});

test("a LAN without DHCP still answers names", () => {
  const { services } = planOf("  lan: { address: 192.168.12.1/24 }\n");
  expect(text(services, "dnsmasq")).not.toContain("dhcp-range");
});

test("time comes from the configured servers, or from a pool, and a clock far off is stepped", () => {
  expect(text(planOf("  time: { ntp: [ ntp.example.net ] }").services, "chronyd")).toContain(
    "server ntp.example.net iburst\nmakestep 1 -1\n",
  );
  expect(text(planOf("  hostname: branch12").services, "chronyd")).toContain("pool ");
});

test("servers behind the hub are asked through the tunnel of their client", () => {
  const { services } = planOf("  time: { ntp: [ 10.1.0.123 ], via: hq }");
  expect(text(services, "chronyd")).toContain("bindacqdevice Tunnel0\n");
});

test("ssh is off unless it is configured, and then its keys are those of the configuration", () => {
  expect(names(planOf(lan).services)).not.toContain("dropbear");
  const { services, firewall } = planOf(
    '  ssh: { enabled: true, authorized-keys: [ "ssh-ed25519 AAAA operator" ] }',
  );
  expect(text(services, "dropbear")).toBe("ssh-ed25519 AAAA operator\n");
  expect(firewall.innerPorts).toContainEqual({ protocol: "tcp", port: 22 });
});

test("what is open is what listens, and nothing is on a WAN", () => {
  const { firewall } = planOf(
    twoWans + lan,
    'web: { listen: [ "192.168.12.1:443" ] }\nprometheus: { listen: "192.168.12.1:9464" }\n',
  );
  expect(firewall).toEqual({
    wans: ["wan0", "wan1"],
    lan: "br-lan",
    tunnels: ["Tunnel0"],
    lanPorts: [
      { protocol: "udp", port: 53 },
      { protocol: "tcp", port: 53 },
      { protocol: "udp", port: 67 },
    ],
    innerPorts: [
      { protocol: "tcp", port: 443 },
      { protocol: "tcp", port: 9_464 },
    ],
    internet: false,
  });
});

test("without a section the first device is the WAN and the others are the LAN", () => {
  const { wan, lan: bridge } = defaultSystem("branch12", ["eth0", "eth1", "eth2"]);
  expect(wan).toEqual([
    { interface: "wan0", device: "eth0", address: { kind: "dhcp" }, metric: 100 },
  ]);
  expect(bridge?.devices).toEqual(["eth1", "eth2"]);
  expect(defaultSystem("branch12", ["eth0"]).lan).toBeUndefined();
  expect(defaultSystem("branch12", []).wan).toEqual([]);
});
