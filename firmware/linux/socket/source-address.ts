/**
 * Which address of ours a packet to a remote leaves with, asked of the kernel by connecting a UDP socket, which sends
 * nothing. It knows routes only through the kernel's answer. Source: udp(7), ip(7)
 */
import { networkInterfaces } from "node:os";
import { type IpAddress, type IpFamily, ipFamily, parseIpAddress } from "#lib/ip.ts";
import { failed, ok, type Result } from "#lib/result.ts";
import {
  closeDescriptor,
  connectSocket,
  interfaceIndex,
  socketName,
  udpSocket,
} from "../libc/libc.ts";
import { bindToDevice } from "./ike-socket-options.ts";
import {
  interfaceMissing,
  noAddress,
  noRoute,
  type SocketFault,
  type SocketWish,
  socketFault,
} from "./socket-fault.ts";

/**
 * The local address of a packet to `remote`, by the routing table or, when given, by `device`.
 * With a device the kernel borrows an address of another interface when the device has none; that is refused here.
 */
export function sourceAddress(remote: IpAddress, device?: string): Result<IpAddress, SocketFault> {
  const family = ipFamily(remote);
  const wish: SocketWish = { port: IKE_PORT, family, ...(device === undefined ? {} : { device }) };
  if (device !== undefined && interfaceIndex(device) === undefined) {
    return failed(interfaceMissing(device));
  }
  const opened = udpSocket(family);
  if (!opened.ok) return failed(socketFault(wish, "open a socket", opened.error));
  const fd = opened.value;
  try {
    return askKernel(fd, remote, wish);
  } finally {
    closeDescriptor(fd);
  }
}

/** Addresses of `family` that an interface has while it is up; IPv6 link-local ones are left out. */
export function deviceAddresses(device: string, family: IpFamily): readonly IpAddress[] {
  const entries = networkInterfaces()[device] ?? [];
  return entries.flatMap((entry) => {
    const address = parseIpAddress(entry.address);
    if (address === undefined || ipFamily(address) !== family) return [];
    return entry.family === "IPv6" && entry.scopeid !== 0 ? [] : [address];
  });
}

function askKernel(
  fd: number,
  remote: IpAddress,
  wish: SocketWish,
): Result<IpAddress, SocketFault> {
  const { device, family } = wish;
  if (device !== undefined) {
    const tied = bindToDevice(fd, device);
    if (!tied.ok) return failed(socketFault(wish, "tie the socket to the interface", tied.error));
  }
  const connected = connectSocket(fd, remote, IKE_PORT);
  if (!connected.ok) {
    const isUnreachable = NO_ROUTE.includes(connected.error);
    if (isUnreachable) return failed(noRoute(remote, device, connected.error));
    return failed(socketFault(wish, `find a way to ${remote}`, connected.error));
  }
  const name = socketName(fd);
  if (!name.ok) return failed(socketFault(wish, "read the socket's address", name.error));
  const { address } = name.value;
  if (device !== undefined && !deviceAddresses(device, family).includes(address)) {
    return failed(noAddress(wish));
  }
  return ok(address);
}

const IKE_PORT = 500;
/** Also what `prohibit` and `blackhole` routes answer. ip-route(8) */
const NO_ROUTE: readonly string[] = ["ENETUNREACH", "EHOSTUNREACH", "ENETDOWN", "EACCES", "EINVAL"];
