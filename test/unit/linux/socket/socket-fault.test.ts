import { expect, test } from "vitest";
import type { IpAddress } from "#lib/ip.ts";
import {
  addressInUse,
  noRoute,
  type SocketWish,
  sendFault,
  socketFault,
} from "#linux/socket/socket-fault.ts";

const wish: SocketWish = {
  port: 500,
  family: 4,
  device: "wan0",
  address: "198.51.100.2" as IpAddress,
};

test.each([
  ["ENODEV", "socket.interface-missing", true],
  ["EADDRNOTAVAIL", "socket.no-address", true],
  ["EPERM", "socket.permission", false],
  ["EACCES", "socket.permission", false],
  ["ENOPROTOOPT", "socket.kernel-lacks", false],
  ["EAFNOSUPPORT", "socket.kernel-lacks", false],
  ["ENOMEM", "socket.rejected", true],
] as const)("%s on the way to a socket is %s", (errno, code, isTransient) => {
  const fault = socketFault(wish, "open a socket", errno);
  expect(fault).toMatchObject({ code, isTransient });
  expect(fault.remedy).not.toBe("");
});

test("a taken port names its holder and what to do with it", () => {
  const known = addressInUse(wish, { program: "charon", pid: 812 });
  expect(known.what).toBe("UDP 198.51.100.2:500 on wan0 is taken by charon (process 812)");
  expect(known.remedy).toBe("only one IKE daemon can run: stop charon and keep it from starting");

  const unknown = addressInUse({ ...wish, port: 4500 }, undefined);
  expect(unknown.remedy).toContain("ss -lunp sport = :4500");
});

test("no route by an interface suggests the question to ask the kernel", () => {
  const fault = noRoute("203.0.113.1" as IpAddress, "wan0", "ENETUNREACH");
  expect(fault.remedy).toContain("ip route get 203.0.113.1 oif wan0");
});

test("a datagram that a firewall dropped blames the firewall, any other the uplink", () => {
  expect(sendFault("203.0.113.1:500", "EPERM").remedy).toContain("firewall");
  expect(sendFault("203.0.113.1:500", "ENETUNREACH").remedy).toContain("uplink");
});
