/**
 * What makes a UDP socket an IKE socket: the options that keep its own datagrams out of IPsec, let the kernel take ESP
 * out of UDP, and let long datagrams be fragmented. It opens and closes nothing.
 * Sources: linux/udp.h, linux/in.h, linux/in6.h, linux/xfrm.h, RFC 3948 §2.2
 */
import type { IpFamily } from "#lib/ip.ts";
import type { Result } from "#lib/result.ts";
import { AF_INET, AF_INET6, type Errno, setBytesOption, setIntOption } from "../libc/libc.ts";

/** A call that failed. `step` completes "could not …". */
export interface FailedStep {
  readonly step: string;
  readonly errno: Errno;
}

type Step = readonly [step: string, run: (fd: number) => Result<void, Errno>];

/** Lets, or no longer lets, other sockets that say the same share this one's address. socket(7): SO_REUSEADDR */
export function shareAddress(fd: number, isShared: boolean): Result<void, Errno> {
  return setIntOption(fd, SOL_SOCKET, SO_REUSEADDR, isShared ? 1 : 0);
}

/** Ties a socket to an interface: it sends by no other and hears no other. socket(7): SO_BINDTODEVICE */
export function bindToDevice(fd: number, device: string): Result<void, Errno> {
  return setBytesOption(fd, SOL_SOCKET, SO_BINDTODEVICE, new TextEncoder().encode(`${device}\0`));
}

/** Makes room for what arrives while this process is busy. socket(7): SO_RCVBUFFORCE, or SO_RCVBUF where that is not ours */
export function enlargeReceiveBuffer(fd: number, bytes: number): void {
  if (!setIntOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, bytes).ok)
    setIntOption(fd, SOL_SOCKET, SO_RCVBUF, bytes);
}

/**
 * Sets everything that IKE needs on an unbound socket.
 * @param takesEsp true on the socket that ESP in UDP arrives on, port 4500.
 * @returns the first call that failed.
 */
export function setIkeOptions(
  fd: number,
  family: IpFamily,
  takesEsp: boolean,
): FailedStep | undefined {
  const steps = family === 4 ? ipv4Steps : ipv6Steps;
  for (const [step, run] of takesEsp ? [...steps, encapsulationStep] : steps) {
    const result = run(fd);
    if (!result.ok) return { step, errno: result.error };
  }
  return undefined;
}

/**
 * A policy that lets traffic pass untouched, as a socket takes it: family, direction, action "allow", no limits.
 * linux/xfrm.h: struct xfrm_userpolicy_info, 168 bytes: selector 0:56 (family 40:2), lifetime limits 56:64,
 * direction 160, action 161
 */
export function bypassPolicy(family: IpFamily, direction: "in" | "out"): Uint8Array {
  const policy = new Uint8Array(168);
  const view = new DataView(policy.buffer);
  view.setUint16(40, family === 4 ? AF_INET : AF_INET6, true);
  for (let limit = 56; limit < 88; limit += 8) view.setBigUint64(limit, XFRM_INF, true);
  policy[160] = direction === "in" ? XFRM_POLICY_IN : XFRM_POLICY_OUT;
  policy[161] = XFRM_POLICY_ALLOW;
  return policy;
}

const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_RCVBUF = 8;
const SO_BINDTODEVICE = 25;
const SO_RCVBUFFORCE = 33;

const IPPROTO_IP = 0;
const IP_MTU_DISCOVER = 10;
const IP_XFRM_POLICY = 17;

const IPPROTO_IPV6 = 41;
const IPV6_MTU_DISCOVER = 23;
const IPV6_V6ONLY = 26;
/** 34 is IPV6_IPSEC_POLICY, PF_KEY's own. */
const IPV6_XFRM_POLICY = 35;

const IPPROTO_UDP = 17;
const UDP_ENCAP = 100;
const UDP_ENCAP_ESPINUDP = 2;

/** Fragment what is too long instead of answering EMSGSIZE: IKE_AUTH with certificates may exceed the path's MTU. */
const PMTUDISC_DONT = 0;

const XFRM_INF = 0xffff_ffff_ffff_ffffn;
const XFRM_POLICY_IN = 0;
const XFRM_POLICY_OUT = 1;
const XFRM_POLICY_ALLOW = 0;

const ipv4Steps: readonly Step[] = [
  ["allow fragments", (fd) => setIntOption(fd, IPPROTO_IP, IP_MTU_DISCOVER, PMTUDISC_DONT)],
  [
    "exempt what it receives from IPsec policies",
    (fd) => setBytesOption(fd, IPPROTO_IP, IP_XFRM_POLICY, bypassPolicy(4, "in")),
  ],
  [
    "exempt what it sends from IPsec policies",
    (fd) => setBytesOption(fd, IPPROTO_IP, IP_XFRM_POLICY, bypassPolicy(4, "out")),
  ],
];

const ipv6Steps: readonly Step[] = [
  ["keep IPv4 out", (fd) => setIntOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1)],
  ["allow fragments", (fd) => setIntOption(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, PMTUDISC_DONT)],
  [
    "exempt what it receives from IPsec policies",
    (fd) => setBytesOption(fd, IPPROTO_IPV6, IPV6_XFRM_POLICY, bypassPolicy(6, "in")),
  ],
  [
    "exempt what it sends from IPsec policies",
    (fd) => setBytesOption(fd, IPPROTO_IPV6, IPV6_XFRM_POLICY, bypassPolicy(6, "out")),
  ],
];

const encapsulationStep: Step = [
  "make the kernel take ESP out of UDP",
  (fd) => setIntOption(fd, IPPROTO_UDP, UDP_ENCAP, UDP_ENCAP_ESPINUDP),
];
