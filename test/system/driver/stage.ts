/**
 * Two namespaces and a cable: the driver in one, in the other a hub made with iproute2 alone, so that what the driver
 * installs is judged by a second hand.
 */
import type { DesiredState, SecurityAssociation } from "#dataplane/desired.ts";
import { emptyFirewall } from "#dataplane/desired.ts";
import { tunnelId } from "#dataplane/ownership.ts";
import { policiesFor } from "#dataplane/policy.ts";
import type { DataPlaneCounters, DataPlaneFault, DataPlaneNotification } from "#dataplane/port.ts";
import type { InterfaceAddress, IpAddress, Prefix } from "#lib/ip.ts";
import { projectRoot } from "#test/lab/cache.ts";
import { type Machine, type Process, until } from "#test/lab/machine.ts";
import { bundle } from "../../../tools/bundle.ts";

export const branchPlace = "driver-branch";
export const hubPlace = "driver-hub";
export const branch = "198.51.100.2" as IpAddress;
export const secondBranch = "198.51.100.3" as IpAddress;
export const hub = "198.51.100.1" as IpAddress;
export const host4 = "10.1.0.10";
export const host6 = "fd00:1::10";
export const ifId = tunnelId(1);

const sessionProgram = `${projectRoot}/build/driver-session.cjs`;

/** One JavaScript file: V8 now and then ends a process that strips types, which it does in Wasm, on QEMU's processor. */
export async function bundleSession(): Promise<void> {
  await bundle({ entry: "test/system/driver/session.ts", outfile: sessionProgram });
}

/** An SA as JSON carries it: the key is hexadecimal text. */
export type PlainSa = Omit<SecurityAssociation, "encryption" | "integrity"> & {
  readonly encryption: { readonly id: number; readonly key: string };
  readonly integrity?: { readonly id: number; readonly key: string };
};
export type PlainState = Omit<DesiredState, "securityAssociations"> & {
  readonly securityAssociations: readonly PlainSa[];
};

/** The hub's outer end of one SA pair; `key` is that of AES-GCM with its salt. */
const keyOf = (spi: number) => Buffer.alloc(36, spi & 0xff).toString("hex");

export function sa(direction: "in" | "out", spi: number, changes: Partial<PlainSa> = {}): PlainSa {
  const [from, to] = direction === "in" ? [hub, branch] : [branch, hub];
  return {
    spi,
    direction,
    source: { address: from, port: 4_500 },
    destination: { address: to, port: 4_500 },
    udpEncapsulation: false,
    mode: "tunnel",
    encryption: { id: 20, key: keyOf(spi) },
    esn: true,
    replayWindow: 512,
    lifetime: {},
    offload: "none",
    client: "hq",
    selectors: {
      local: ["10.250.1.7/32", "fd00:250::7/128"] as Prefix[],
      remote: ["10.1.0.0/16", "fd00:1::/64"] as Prefix[],
    },
    ...changes,
  };
}

/** Tunnel0 up with these SAs: addresses and routes of both families. */
export function tunnelUp(...sas: readonly PlainSa[]): PlainState {
  const route = (destination: string, source: string) => ({
    destination: destination as Prefix,
    device: "Tunnel0",
    source: source as IpAddress,
    metric: 2,
    table: 254,
    kind: "unicast" as const,
  });
  return {
    tunnels: [
      {
        name: "Tunnel0",
        ifId,
        client: "hq",
        mtu: 1_400,
        underlay: "wan0",
        addresses: ["10.250.1.7/32", "fd00:250::7/128"] as InterfaceAddress[],
      },
    ],
    securityAssociations: sas,
    policies: policiesFor(sas as unknown as readonly SecurityAssociation[], ifId),
    routes: [route("10.1.0.0/16", "10.250.1.7"), route("fd00:1::/64", "fd00:250::7")],
    firewall: emptyFirewall,
  };
}

export const nothingWanted: PlainState = {
  tunnels: [],
  securityAssociations: [],
  policies: [],
  routes: [],
  firewall: emptyFirewall,
};

/**
 * Makes both namespaces afresh; the hub has its xfrm interface and the host behind it on its loopback. Without a
 * link-local address the interface sends no router solicitations, so the counters hold a test's own packets alone.
 */
export async function buildStage(machine: Machine): Promise<void> {
  await machine.must(`
    for place in ${branchPlace} ${hubPlace}; do
      ip netns del $place 2>/dev/null || true
      ip netns add $place
      ip -n $place link set lo up
    done
    ip -n ${branchPlace} link add wan0 type veth peer name wan netns ${hubPlace}
    ip -n ${branchPlace} address add ${branch}/24 dev wan0
    ip -n ${branchPlace} address add ${secondBranch}/24 dev wan0
    ip -n ${branchPlace} link set wan0 up
    ip -n ${hubPlace} address add ${hub}/24 dev wan
    ip -n ${hubPlace} link set wan up
    ip -n ${hubPlace} link add ipsec0 type xfrm dev wan if_id 42
    ip -n ${hubPlace} link set ipsec0 addrgenmode none
    ip -n ${hubPlace} link set ipsec0 up
    ip -n ${hubPlace} address add ${host4}/32 dev lo
    ip -n ${hubPlace} address add ${host6}/128 dev lo nodad
    ip -n ${hubPlace} route add 10.250.1.0/24 dev ipsec0
    ip -n ${hubPlace} route add fd00:250::/64 dev ipsec0
    for family in 0.0.0.0/0 ::/0; do
      for direction in in fwd; do
        ip -n ${hubPlace} xfrm policy add src $family dst $family dir $direction if_id 42 \\
          tmpl src 0.0.0.0 dst 0.0.0.0 proto esp mode tunnel
      done
    done`);
}

/** Gives the hub the other end of SAs, by iproute2; its outbound policy takes the last of the branch's inbound ones. */
export async function giveHub(machine: Machine, ...sas: readonly PlainSa[]): Promise<void> {
  await machine.must(sas.map(hubCommands).join("\n"));
}

function hubCommands(item: PlainSa): string {
  const { source, destination, spi, esn } = item;
  const encap = item.udpEncapsulation
    ? `encap espinudp ${source.port} ${destination.port} 0.0.0.0`
    : "";
  const add = `ip -n ${hubPlace} xfrm state add src ${source.address} dst ${destination.address} proto esp \\
    spi ${spi} mode tunnel flag af-unspec ${esn ? "esn replay-window 512" : ""} if_id 42 \\
    aead 'rfc4106(gcm(aes))' 0x${item.encryption.key} 128 ${encap}`;
  if (item.direction === "out") return add;
  const policies = ["0.0.0.0/0", "::/0"].map(
    (all) => `ip -n ${hubPlace} xfrm policy update src ${all} dst ${all} dir out if_id 42 \\
      tmpl src ${source.address} dst ${destination.address} proto esp spi ${spi} mode tunnel`,
  );
  return [add, ...policies].join("\n");
}

/** How many of `count` pings from the branch are answered. */
export async function ping(machine: Machine, host = host4, count = 2): Promise<number> {
  const { stdout } = await machine.exec(["ping", "-c", `${count}`, "-i", "0.2", "-W", "1", host], {
    netns: branchPlace,
  });
  return Number(/(\d+) received/.exec(stdout)?.[1] ?? 0);
}

/** The driver in its process. */
export class DriverSession {
  readonly #process: Process;
  #lastId = 0;

  private constructor(process: Process) {
    this.#process = process;
  }

  static async start(
    machine: Machine,
    place = branchPlace,
    wrapper: readonly string[] = [],
  ): Promise<DriverSession> {
    return new DriverSession(
      await machine.spawn([...wrapper, "node", sessionProgram], { netns: place }),
    );
  }

  async adopt(): Promise<readonly DataPlaneFault[]> {
    return (await this.#call("adopt")).result as readonly DataPlaneFault[];
  }

  async apply(state: PlainState): Promise<readonly DataPlaneFault[]> {
    return (await this.timedApply(state)).faults;
  }

  /** Milliseconds in the driver. */
  async timedApply(
    state: PlainState,
  ): Promise<{ faults: readonly DataPlaneFault[]; milliseconds: number }> {
    const { result, milliseconds } = await this.#call("apply", JSON.stringify(state));
    return { faults: result as readonly DataPlaneFault[], milliseconds };
  }

  async counters(): Promise<DataPlaneCounters> {
    return (await this.#call("counters")).result as DataPlaneCounters;
  }

  async receiveUdp(): Promise<boolean> {
    return (await this.#call("receive-udp")).result as boolean;
  }

  async close(): Promise<void> {
    await this.#call("close");
    this.#process.kill();
    await this.#process.exited;
  }

  /** Ends it as a crash does. */
  async crash(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.exited;
  }

  notifications(): readonly DataPlaneNotification[] {
    return this.#lines().flatMap(({ notification }) => (notification ? [notification] : []));
  }

  /** Waits for a notification that agrees with `wanted` in all that it names. */
  async notified(wanted: Partial<DataPlaneNotification>, within = 20_000): Promise<void> {
    const agrees = (item: DataPlaneNotification) =>
      Object.entries(wanted).every(([name, value]) => item[name as keyof typeof item] === value);
    await until(
      `the kernel tells ${JSON.stringify(wanted)}`,
      () => Promise.resolve(this.notifications().some(agrees)),
      within,
      () => Promise.resolve(this.#process.output()),
    );
  }

  async #call(verb: string, state?: string): Promise<Answer> {
    const id = ++this.#lastId;
    this.#process.write(`${JSON.stringify({ id, do: verb, state })}\n`);
    const ended = this.#process.exited.then((status) => {
      throw new Error(`the driver ended with ${status} at ${verb}: ${this.#process.output()}`);
    });
    const answered = until(
      `the driver has done ${verb}`,
      () => Promise.resolve(this.#lines().find((line) => line.id === id)),
      60_000,
      () => Promise.resolve(this.#process.output()),
    );
    return await Promise.race([answered, ended]);
  }

  #lines(): readonly Answer[] {
    const lines = this.#process.output().split("\n");
    return lines
      .slice(0, -1)
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line));
  }
}

interface Answer {
  readonly id?: number;
  readonly result?: unknown;
  readonly milliseconds: number;
  readonly notification?: DataPlaneNotification;
}
