/** Why a probe could not be made, in the words of someone who runs a branch router. It knows errno names and no socket. */
import type { IpFamily } from "#lib/ip.ts";
import type { ProbeOutcome } from "#sla/probe.ts";
import type { Errno } from "../libc/libc.ts";

export type ProbeFailure = Omit<Extract<ProbeOutcome, { kind: "failed" }>, "kind" | "sequence">;

/** Where a probe was meant to go, `10.0.0.10:443`, and the interface it was to leave by. */
export interface ProbeWay {
  readonly target: string;
  readonly device?: string;
}

/** The failure that a call with this errno means. */
export function probeFailure(errno: Errno, { target, device }: ProbeWay): ProbeFailure {
  const by = device === undefined ? "" : ` by ${device}`;
  const sentence = sentences[errno];
  if (sentence !== undefined) return { code: "no-connection", reason: sentence(target, by) };
  if (BUSY.includes(errno))
    return { code: "busy", reason: `this machine is out of sockets or buffers (${errno})` };
  return { code: "no-connection", reason: `${target} could not be probed${by} (${errno})` };
}

export function interfaceMissing(device: string): ProbeFailure {
  return {
    code: "no-connection",
    reason: `the interface ${device} does not exist`,
    interface: device,
  };
}

export function interfaceDown(device: string): ProbeFailure {
  return { code: "no-connection", reason: `the interface ${device} is down`, interface: device };
}

export function interfaceWithoutAddress(device: string, family: IpFamily): ProbeFailure {
  return {
    code: "no-connection",
    reason: `the interface ${device} has no IPv${family} address`,
    interface: device,
  };
}

type Sentence = (target: string, by: string) => string;

const noRoute: Sentence = (target, by) => `there is no route to ${target}${by}`;
const unreachable: Sentence = (target, by) => `${target} can't be reached${by}`;
const brokenOff: Sentence = (target) => `${target} broke the connection off`;

const sentences: Readonly<Record<Errno, Sentence>> = {
  ENETUNREACH: noRoute,
  ENETDOWN: noRoute,
  EADDRNOTAVAIL: noRoute,
  ENODEV: noRoute,
  ENXIO: noRoute,
  // Routes of the kinds blackhole and prohibit. ip-route(8)
  EINVAL: noRoute,
  EACCES: noRoute,
  EHOSTUNREACH: unreachable,
  ETIMEDOUT: unreachable,
  ECONNREFUSED: (target) => `${target} refuses the connection`,
  ECONNRESET: brokenOff,
  EPIPE: brokenOff,
  EPERM: (target) =>
    `the firewall of this machine drops what goes to ${target}: the kill switch while a tunnel is down, or a rule of its own`,
  EAFNOSUPPORT: (target) => `the kernel lacks the address family of ${target}`,
  EMSGSIZE: (target) => `the way to ${target} does not carry packets of this size`,
};

const BUSY: readonly Errno[] = ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EAGAIN"];
