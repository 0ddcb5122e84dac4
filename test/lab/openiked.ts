/** OpenIKED as a hub, with its own pool. Needs ESP in the kernel: it speaks PF_KEY. */
import { type HubName, hubs } from "./addresses.ts";
import { HubProcess } from "./hub-process.ts";
import type { Settings } from "./merge.ts";
import { presharedKey } from "./strongswan-config.ts";
import type { Topology } from "./topology.ts";

/** What a branch must offer it: with HMAC-SHA2-256 it negotiates an SA that its own kernel interface refuses. */
export const openikedEsp: Settings = {
  ipsec: { profiles: { default: { encryption: ["aes-cbc-256"], integrity: ["sha384"] } } },
};

export class OpenikedHub {
  readonly #topology: Topology;
  readonly #name: HubName;
  #process: HubProcess | undefined;

  constructor(topology: Topology, name: HubName) {
    this.#topology = topology;
    this.#name = name;
  }

  /** What it assigns begins with this. */
  get pool(): string {
    return hubs[this.#name].pool4.replace("10.250.", "10.252.").replace("0/24", "");
  }

  /** Resolves when it is bound to port 500; it says nothing itself. */
  async start(): Promise<void> {
    const { ipv4, network4, name } = hubs[this.#name];
    const configuration = `ikev2 "lab" passive esp \\
  from ${network4} to dynamic \\
  local ${ipv4} peer any \\
  ikesa enc aes-256-gcm prf hmac-sha2-384 group curve25519 \\
  childsa auth hmac-sha2-384 enc aes-256 group none noesn \\
  srcid ${name}.lab \\
  psk "${presharedKey}" \\
  config address ${this.pool}0/24 \\
  config name-server 10.1.0.53
`;
    this.#process = await HubProcess.start(this.#topology, this.#name, {
      // It wants a key of its own even where none is used.
      command: [
        "set -e; cd /etc/iked; mkdir -p ca certs crls private pubkeys",
        "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out private/local.key",
        "chmod 600 private/local.key",
        "exec /usr/sbin/iked -dv -f /etc/iked/iked.conf",
      ].join("\n"),
      mounts: { "/etc/iked": "iked" },
      files: { "iked/iked.conf": configuration },
    });
    const bound = await this.#topology.exec(
      this.#name,
      "i=0; until ss -lunH | grep -q ':500 '; do i=$((i+1)); [ $i -lt 100 ] || exit 1; sleep 0.2; done",
      { timeout: 60_000 },
    );
    if (bound.code !== 0) throw new Error(`iked does not come up: ${this.log()}`);
  }

  /** Its log so far. */
  log(): string {
    return this.#process?.output() ?? "";
  }

  async stop(): Promise<void> {
    await this.#process?.stop("SIGTERM");
    this.#process = undefined;
  }
}
