/**
 * Why a socket could not be opened or used, as a value with what to do about it. It turns errno names into the words
 * of someone who runs a branch router, and knows no socket.
 */
import type { IpAddress, IpFamily } from "#lib/ip.ts";
import type { Errno } from "../libc/libc.ts";

export type SocketFaultCode =
  | "socket.interface-missing"
  | "socket.permission"
  | "socket.address-in-use"
  | "socket.no-address"
  | "socket.no-route"
  | "socket.kernel-lacks"
  /** The kernel refused a datagram: a firewall rule of the machine, no route any more, too long. */
  | "socket.send-failed"
  | "socket.rejected";

export interface SocketFault {
  readonly code: SocketFaultCode;
  /** What could not be done, in words. */
  readonly what: string;
  readonly errno?: Errno;
  readonly remedy: string;
  /** True when trying again later may well work without anybody doing anything. */
  readonly isTransient: boolean;
}

/** What a socket was wanted for; all that the sentences need. */
export interface SocketWish {
  readonly port: number;
  readonly family: IpFamily;
  readonly device?: string;
  readonly address?: IpAddress;
}

/** `UDP 198.51.100.2:500 on wan0`, as far as it is known. */
export function describeWish({ port, family, device, address }: SocketWish): string {
  const host =
    address === undefined
      ? `IPv${family} port `
      : address.includes(":")
        ? `[${address}]:`
        : `${address}:`;
  return `UDP ${host}${port}${device === undefined ? "" : ` on ${device}`}`;
}

export function interfaceMissing(device: string): SocketFault {
  return {
    code: "socket.interface-missing",
    what: `the interface ${device} does not exist`,
    errno: "ENODEV",
    remedy: `correct the name in the client's source list, or wait until ${device} is plugged in or dialled`,
    isTransient: true,
  };
}

export function noAddress(wish: SocketWish): SocketFault {
  const { address, device, family } = wish;
  return {
    code: "socket.no-address",
    what:
      address === undefined
        ? `${device === undefined ? "this machine" : `the interface ${device}`} has no IPv${family} address`
        : `${address} is not an address of ${device ?? "this machine"}`,
    errno: "EADDRNOTAVAIL",
    remedy: `give ${device ?? "an interface"} an IPv${family} address, or wait until DHCP, the router or the carrier does`,
    isTransient: true,
  };
}

export function noRoute(remote: IpAddress, device: string | undefined, errno: Errno): SocketFault {
  const by = device === undefined ? "" : ` by ${device}`;
  return {
    code: "socket.no-route",
    what: `there is no route to ${remote}${by}`,
    errno,
    remedy: `check the uplink and its default route: ip route get ${remote}${device === undefined ? "" : ` oif ${device}`}`,
    isTransient: true,
  };
}

/** @param holder program that holds the port, when it could be found out. */
export function addressInUse(
  wish: SocketWish,
  holder: { readonly program: string; readonly pid: number } | undefined,
): SocketFault {
  const name =
    holder === undefined ? "another program" : `${holder.program} (process ${holder.pid})`;
  return {
    code: "socket.address-in-use",
    what: `${describeWish(wish)} is taken by ${name}`,
    errno: "EADDRINUSE",
    remedy:
      holder === undefined
        ? `only one IKE daemon can run: find the other one with "ss -lunp sport = :${wish.port}" and stop it`
        : `only one IKE daemon can run: stop ${holder.program} and keep it from starting`,
    isTransient: false,
  };
}

/** The fault for a call on the way to an open socket. `step` completes "could not …". */
export function socketFault(wish: SocketWish, step: string, errno: Errno): SocketFault {
  if (errno === "ENODEV" && wish.device !== undefined) return interfaceMissing(wish.device);
  if (errno === "EADDRNOTAVAIL") return noAddress(wish);
  const what = `could not ${step} for ${describeWish(wish)} (${errno})`;
  if (errno === "EPERM" || errno === "EACCES") {
    return {
      code: "socket.permission",
      what,
      errno,
      remedy: "run the daemon as root, or give it CAP_NET_ADMIN and CAP_NET_BIND_SERVICE",
      isTransient: false,
    };
  }
  if (errno === "ENOPROTOOPT" || errno === "EOPNOTSUPP" || errno === "EAFNOSUPPORT") {
    return {
      code: "socket.kernel-lacks",
      what,
      errno,
      remedy:
        errno === "EAFNOSUPPORT"
          ? `the kernel has no IPv${wish.family}: enable it, or choose peers of the other family`
          : "the kernel has no XFRM: load xfrm_user and esp4, or use a kernel that has CONFIG_XFRM_USER and CONFIG_INET_ESP",
      isTransient: false,
    };
  }
  return {
    code: "socket.rejected",
    what,
    errno,
    remedy: "see the kernel log (dmesg); if it shows nothing, report this as a defect",
    isTransient: true,
  };
}

/** The fault for a datagram that the kernel did not take. */
export function sendFault(to: string, errno: Errno): SocketFault {
  return {
    code: "socket.send-failed",
    what: `a datagram to ${to} was refused by the kernel (${errno})`,
    errno,
    remedy:
      errno === "EPERM"
        ? "a firewall rule of this machine drops IKE: allow UDP 500 and 4500 to the peer"
        : "check the uplink and its routes",
    isTransient: true,
  };
}
