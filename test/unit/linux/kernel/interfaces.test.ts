import { expect, test } from "vitest";
import type { InterfaceAddress } from "#lib/ip.ts";
import { connectedNetworks, interfaceNames } from "#linux/kernel/interfaces.ts";

test("names are read out of /proc/net/dev", () => {
  const table = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 1000      10    0    0    0     0          0         0     1000      10    0    0    0     0       0          0
br-lan:12345678     1    0    0    0     0          0         0        1       1    0    0    0     0       0          0
eth0.7: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
`;
  expect(interfaceNames(table)).toEqual(["lo", "br-lan", "eth0.7"]);
});

test("two addresses on one network make one network", () => {
  const addresses = ["192.168.12.1/24", "192.168.12.2/24", "fd00:12::1/64"] as InterfaceAddress[];
  expect(connectedNetworks({ name: "br-lan", isUp: true, addresses })).toEqual([
    "192.168.12.0/24",
    "fd00:12::/64",
  ]);
});
