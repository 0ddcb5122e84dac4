/**
 * Sends what the IP SLA operations ask for and tells what came of it: ICMP by one shared socket a family and interface,
 * everything else by a socket of its own. It decides nothing about time: who waits says when to let go.
 */
import { randomInt } from "node:crypto";
import type { Socket } from "node:net";
import type { SlaHost, SlaOperation } from "#config/resolved-sla.ts";
import {
  type Endpoint,
  formatEndpoint,
  type IpAddress,
  type IpFamily,
  ipFamily,
  parseIpAddress,
} from "#lib/ip.ts";
import { ok, type Result } from "#lib/result.ts";
import type { ProbeId, ProbeOutcome, ProbeRequest } from "#sla/probe.ts";
import { type InterfaceState, readInterface } from "../kernel/interfaces.ts";
import { type Errno, interfaceIndex } from "../libc/libc.ts";
import { encodeDnsQuery, readDnsAnswer } from "./dns-codec.ts";
import { openPingSocket, type PingSocket } from "./ping-socket.ts";
import {
  interfaceDown,
  interfaceMissing,
  interfaceWithoutAddress,
  type ProbeFailure,
  probeFailure,
} from "./probe-fault.ts";
import { type Addresses, TargetAddresses } from "./target-addresses.ts";
import { connectTcp } from "./tied-tcp.ts";
import { openUdpEcho, type UdpEcho } from "./udp-echo.ts";
import { openUdpExchange } from "./udp-exchange.ts";

type Of<Kind extends SlaOperation["kind"]> = Extract<SlaOperation, { kind: Kind }>;
type Tell = (id: ProbeId, outcome: ProbeOutcome) => void;

interface SeenInterface {
  readonly state: InterfaceState | undefined;
  /** `performance.now` milliseconds. */
  readonly at: number;
}

interface TiedPing {
  readonly socket: PingSocket;
  readonly device?: string;
  /** Of the device, when the socket was opened: an interface that went and came back has another one. */
  readonly index?: number;
}

/** Something that is open for one run. */
interface Exchange {
  close(): void;
}

export class Prober {
  readonly #tell: Tell;
  readonly #addresses = new TargetAddresses();
  readonly #pings = new Map<string, TiedPing>();
  readonly #open = new Map<ProbeId, Exchange>();
  /** Runs whose target's name is being asked for. */
  readonly #asking = new Set<ProbeId>();
  readonly #interfaces = new Map<string, SeenInterface>();

  /** @param tell hears what came of each packet, maybe within the call of `send` itself. */
  constructor(tell: Tell) {
    this.#tell = tell;
  }

  /** Sends one packet, or makes one connection or request. */
  send(probe: ProbeRequest): void {
    const host = hostOf(probe.operation);
    const addresses = this.#addresses.at(host);
    if (addresses !== undefined) this.#probe(probe, addresses);
    else if (host.kind === "name") void this.#askAndProbe(probe, host.name);
  }

  /** Nobody waits for this run any more. */
  abandon(id: ProbeId): void {
    this.#asking.delete(id);
    this.#open.get(id)?.close();
    this.#open.delete(id);
  }

  /** Interfaces or addresses of the machine changed: sockets tied to what is gone are given up. */
  refresh(): void {
    this.#interfaces.clear();
    for (const [key, { socket, device, index }] of this.#pings) {
      if (device === undefined || interfaceIndex(device) === index) continue;
      socket.close();
      this.#pings.delete(key);
    }
  }

  close(): void {
    for (const exchange of this.#open.values()) exchange.close();
    for (const { socket } of this.#pings.values()) socket.close();
    this.#open.clear();
    this.#pings.clear();
    this.#asking.clear();
  }

  async #askAndProbe(probe: ProbeRequest, name: string): Promise<void> {
    this.#asking.add(probe.id);
    const answer = await this.#addresses.ask(name, probe.timeout);
    if (!this.#asking.delete(probe.id)) return;
    if (answer.ok) this.#probe(probe, answer.value);
    else this.#fail(probe, { code: "dns-error", reason: answer.error.what });
  }

  #probe(probe: ProbeRequest, addresses: Addresses): void {
    const { operation, sourceInterface } = probe;
    const address = this.#reachable(addresses, sourceInterface) ?? addresses[0];
    const unusable = sourceInterface && this.#unusable(sourceInterface, ipFamily(address));
    if (unusable) {
      this.#fail(probe, unusable);
      return;
    }
    switch (operation.kind) {
      case "icmp-echo":
        this.#ping(probe, address);
        break;
      case "udp-echo":
        this.#udpEcho(probe, { address, port: operation.port }, operation.packets);
        break;
      case "tcp-connect":
        this.#tcpConnect(probe, { address, port: operation.port });
        break;
      case "dns":
        this.#dns(probe, operation);
        break;
      case "http":
        this.#http(probe, operation, address);
        break;
    }
  }

  #ping(probe: ProbeRequest, address: IpAddress): void {
    const opened = this.#pingSocket(ipFamily(address), probe.sourceInterface);
    if (!opened.ok) {
      this.#fail(probe, pingRefused(opened.error));
      return;
    }
    const errno = opened.value.send(probe.id, probe.sequence, address, probe.timeout);
    if (errno !== undefined) this.#failed(probe, errno, address);
  }

  #pingSocket(family: IpFamily, device: string | undefined): Result<PingSocket, Errno> {
    const key = `${device ?? ""} ${family}`;
    const known = this.#pings.get(key);
    if (known) return ok(known.socket);
    const tie = device === undefined ? {} : { device };
    const index = device === undefined ? undefined : interfaceIndex(device);
    const opened = openPingSocket({
      family,
      ...tie,
      token: randomInt(2 ** 32),
      listener: ({ id, packet, rtt, isIntact }) =>
        this.#tell(
          id,
          isIntact ? { kind: "answered", sequence: packet, rtt } : corrupted(packet, "the target"),
        ),
    });
    if (opened.ok)
      this.#pings.set(key, {
        socket: opened.value,
        ...tie,
        ...(index !== undefined && { index }),
      });
    return opened;
  }

  /** The packets of a run share a socket. */
  #udpEcho(probe: ProbeRequest, remote: Endpoint, packets: number): void {
    const { id, sequence } = probe;
    let answers = 0;
    let echo = this.#open.get(id) as UdpEcho | undefined;
    if (!echo) {
      const opened = openUdpEcho(remote, probe.sourceInterface, {
        answered: (packet, rtt) => {
          if (++answers === packets) this.abandon(id);
          this.#tell(id, { kind: "answered", sequence: packet, rtt });
        },
        changed: (packet) => this.#tell(id, corrupted(packet, formatEndpoint(remote))),
        fault: (errno) => this.#failed(probe, errno, formatEndpoint(remote)),
      });
      if (!opened.ok) {
        this.#failed(probe, opened.error, formatEndpoint(remote));
        return;
      }
      echo = opened.value;
      this.#open.set(id, echo);
    }
    const errno = echo.send(sequence);
    if (errno !== undefined) this.#failed(probe, errno, formatEndpoint(remote));
  }

  #tcpConnect(probe: ProbeRequest, remote: Endpoint): void {
    const sentAt = performance.now();
    const socket = this.#connect(probe, remote);
    if (!socket) return;
    socket.on("connect", () => this.#answered(probe, performance.now() - sentAt));
    socket.on("error", ({ code = "EIO" }: NodeJS.ErrnoException) =>
      this.#failed(probe, code, formatEndpoint(remote)),
    );
  }

  /** @returns a connection that ends with the probe; undefined when there can be none, which is the probe's result. */
  #connect(probe: ProbeRequest, remote: Endpoint): Socket | undefined {
    const opened = connectTcp(remote, probe.sourceInterface);
    if (!opened.ok) {
      this.#failed(probe, opened.error, formatEndpoint(remote));
      return undefined;
    }
    const socket = opened.value;
    this.#open.set(probe.id, { close: () => socket.destroy() });
    return socket;
  }

  #dns(probe: ProbeRequest, { server, port, name, type }: Of<"dns">): void {
    const question = { id: randomInt(2 ** 16), name, type };
    const remote = { address: server, port };
    let sentAt = 0;
    const opened = openUdpExchange(remote, probe.sourceInterface, {
      datagram: (bytes, receivedAt) => {
        const verdict = readDnsAnswer(bytes, question);
        if (verdict?.kind === "answered") this.#answered(probe, receivedAt - sentAt);
        if (verdict?.kind === "refused") {
          this.#settle(
            probe,
            failure(probe, {
              code: "dns-error",
              reason: `${name} ${verdict.what}, says ${server}`,
            }),
          );
        }
      },
      fault: (errno) => this.#failed(probe, errno, formatEndpoint(remote)),
    });
    if (!opened.ok) {
      this.#failed(probe, opened.error, formatEndpoint(remote));
      return;
    }
    this.#open.set(probe.id, opened.value);
    sentAt = performance.now();
    const errno = opened.value.send(encodeDnsQuery(question));
    if (errno !== undefined) this.#failed(probe, errno, formatEndpoint(remote));
  }

  #http(probe: ProbeRequest, operation: Of<"http">, address: IpAddress): void {
    const { port, protocol } = new URL(operation.url);
    const remote = { address, port: Number(port) || (protocol === "https:" ? 443 : 80) };
    this.#asking.add(probe.id);
    // TLS is loaded with the first probe that may need it, not at start.
    void import("./http-probe.ts").then(({ probeHttp }) => {
      if (!this.#asking.delete(probe.id)) return;
      const sentAt = performance.now();
      const socket = this.#connect(probe, remote);
      if (!socket) return;
      probeHttp(operation, socket, (verdict) => {
        if (verdict.kind === "answered") this.#answered(probe, performance.now() - sentAt);
        else if (verdict.kind === "fault")
          this.#failed(probe, verdict.errno, formatEndpoint(remote));
        else this.#settle(probe, { ...verdict, sequence: probe.sequence });
      });
    });
  }

  #answered(probe: ProbeRequest, rtt: number): void {
    this.#settle(probe, { kind: "answered", sequence: probe.sequence, rtt });
  }

  #failed(probe: ProbeRequest, errno: Errno, target: string): void {
    const device = probe.sourceInterface;
    this.#fail(probe, probeFailure(errno, { target, ...(device !== undefined && { device }) }));
  }

  #fail(probe: ProbeRequest, why: ProbeFailure): void {
    this.#settle(probe, failure(probe, why));
  }

  /** Lets go of what was open for it, and tells. */
  #settle({ id }: ProbeRequest, outcome: ProbeOutcome): void {
    this.abandon(id);
    this.#tell(id, outcome);
  }

  /** The first address of a family that the interface has an address of. */
  #reachable(addresses: Addresses, device: string | undefined): IpAddress | undefined {
    if (device === undefined || addresses.length === 1) return addresses[0];
    return addresses.find((address) => !this.#unusable(device, ipFamily(address)));
  }

  #unusable(device: string, family: IpFamily): ProbeFailure | undefined {
    const state = this.#interfaceState(device);
    if (!state) return interfaceMissing(device);
    if (!state.isUp) return interfaceDown(device);
    const hasAddress = state.addresses.some((address) => ipFamily(address) === family);
    return hasAddress ? undefined : interfaceWithoutAddress(device, family);
  }

  /** As it was read last; one that carries nothing is looked at again after a moment, should no news of it come. */
  #interfaceState(device: string): InterfaceState | undefined {
    const now = performance.now();
    const seen = this.#interfaces.get(device);
    if (seen && (carries(seen.state) || now - seen.at < LOOK_AGAIN_MS)) return seen.state;
    const state = readInterface(device);
    this.#interfaces.set(device, { state, at: now });
    return state;
  }
}

/** News of an interface comes by the kernel's notifications; they are lost when too many come at once. */
const LOOK_AGAIN_MS = 1_000;

function carries(state: InterfaceState | undefined): boolean {
  return state?.isUp === true && state.addresses.length > 0;
}

function hostOf(operation: SlaOperation): SlaHost {
  if (operation.kind === "dns") return { kind: "address", address: operation.server };
  if (operation.kind !== "http") return operation.host;
  const name = new URL(operation.url).hostname.replace(/^\[(.*)\]$/, "$1");
  const address = parseIpAddress(name);
  return address ? { kind: "address", address } : { kind: "name", name };
}

const failure = ({ sequence }: ProbeRequest, why: ProbeFailure): ProbeOutcome => ({
  kind: "failed",
  sequence,
  ...why,
});

const corrupted = (sequence: number, target: string): ProbeOutcome => ({
  kind: "failed",
  sequence,
  code: "verify-error",
  reason: `${target} sent back other data than it got`,
});

function pingRefused(errno: Errno): ProbeFailure {
  if (errno !== "EACCES" && errno !== "EPERM") return probeFailure(errno, { target: "a host" });
  return {
    code: "busy",
    reason:
      'this process may send no echoes (run as root, or set net.ipv4.ping_group_range to "0 0")',
  };
}
