/** charon in the branch's place, measured by its own log: what ours is compared with. */
import { clientInterfaceId } from "#test/lab/addresses.ts";
import type { Credentials } from "#test/lab/credentials.ts";
import { mergeSettings, type Settings } from "#test/lab/merge.ts";
import { Strongswan, type StrongswanConfig } from "#test/lab/strongswan.ts";
import { pskClient } from "#test/lab/strongswan-config.ts";
import type { Topology } from "#test/lab/topology.ts";

/**
 * What charon is told as the client; with credentials both ends prove themselves by certificate.
 * @param over added to the section `charon`: ports of its own let it run beside ours.
 */
export function charonClient(
  topology: Topology,
  credentials: Credentials | undefined,
  over: Settings = {},
): StrongswanConfig {
  const interfaceId = topology.ability.xfrm ? clientInterfaceId : undefined;
  const children = { net: { if_id_in: interfaceId, if_id_out: interfaceId } };
  const files = credentials?.branch().files ?? {};
  const certificate = {
    secrets: undefined,
    connections: {
      c: { local: { auth: "pubkey", certs: "branch.pem" }, remote: { auth: "pubkey" } },
    },
  };
  return {
    swanctl: mergeSettings(
      pskClient({ connections: { c: { children } } }),
      credentials ? certificate : {},
    ),
    charon: {
      install_virtual_ip: "no",
      filelog: { lab: { time_format: "%s", time_add_ms: "yes" } },
      ...over,
    },
    ...(credentials && {
      files: {
        "x509/branch.pem": files["pki/branch.pem"] ?? "",
        "private/branch.pem": files["pki/branch.key"] ?? "",
        "x509ca/root.pem": credentials.root,
      },
    }),
  };
}

/** One charon that connects and disconnects again and again. */
export class CharonClient {
  readonly #daemon: Strongswan;

  private constructor(daemon: Strongswan) {
    this.#daemon = daemon;
  }

  /** Beside ours in the same namespace, so both find the same network: it takes free ports for its own. */
  static async start(topology: Topology, credentials?: Credentials): Promise<CharonClient> {
    const daemon = new Strongswan(topology, "branch");
    await daemon.start(charonClient(topology, credentials, { port: 0, port_nat_t: 0 }));
    return new CharonClient(daemon);
  }

  async connectOnce(): Promise<void> {
    await this.#daemon.swanctl("--initiate --child net --loglevel 0");
    await this.#daemon.swanctl("--terminate --ike c --loglevel 0");
  }

  /** Milliseconds of each handshake so far. */
  async handshakes(): Promise<number[]> {
    return handshakesOf(await this.#daemon.log());
  }
}

/** @returns milliseconds from the first IKE_SA_INIT that left to the Child SA, for each IKE SA in the log. */
export function handshakesOf(log: string): number[] {
  const found: number[] = [];
  let isInitiating = false;
  let first: number | undefined;
  for (const line of log.split("\n")) {
    const at = Number(/^(\d+\.\d+) /.exec(line)?.[1]) * 1_000;
    if (line.includes("initiating IKE_SA ")) {
      isInitiating = true;
      first = undefined;
    } else if (isInitiating && first === undefined && line.includes("sending packet: ")) {
      first = at;
    } else if (first !== undefined && /CHILD_SA net\{\d+\} established/.test(line)) {
      found.push(at - first);
      isInitiating = false;
      first = undefined;
    }
  }
  return found;
}
