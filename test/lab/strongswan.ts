/** strongSwan in one place of the lab: as a hub, or as the client that ours is compared with. */
import type { Place } from "./addresses.ts";
import { HubProcess } from "./hub-process.ts";
import { until } from "./machine.ts";
import { mergeSettings, type Settings } from "./merge.ts";
import { settingsText, type ViciSection, viciSections } from "./strongswan-text.ts";
import type { Topology } from "./topology.ts";

export interface StrongswanConfig {
  /** The whole of swanctl.conf: `connections`, `pools`, `secrets`; `strongswan-config.ts` makes it. */
  readonly swanctl: Settings;
  /** Added to the section `charon` of strongswan.conf. */
  readonly charon?: Settings;
  /** Certificates and keys by path below /etc/swanctl: `x509/hub1.pem`, `private/hub1.pem`, `x509ca/root.pem`. */
  readonly files?: Readonly<Record<string, string>>;
}

/** A Child SA as the hub sees it. */
export interface HubChildSa {
  readonly name: string;
  readonly state: string;
  readonly mode: string;
  readonly udpEncapsulation: boolean;
  readonly spiIn: string;
  readonly spiOut: string;
  readonly bytesIn: number;
  readonly packetsIn: number;
  readonly bytesOut: number;
  readonly packetsOut: number;
  readonly localTs: readonly string[];
  readonly remoteTs: readonly string[];
  readonly encryption: string;
}

/** An IKE SA as the hub sees it. */
export interface HubIkeSa {
  readonly uniqueId: string;
  readonly state: string;
  readonly remoteHost: string;
  readonly remotePort: string;
  readonly remoteId: string;
  readonly spiInitiator: string;
  readonly spiResponder: string;
  readonly assigned: readonly string[];
  readonly children: readonly HubChildSa[];
}

export class Strongswan {
  readonly place: Place;
  readonly #topology: Topology;
  #process: HubProcess | undefined;
  #config: StrongswanConfig | undefined;

  constructor(topology: Topology, place: Place) {
    this.#topology = topology;
    this.place = place;
  }

  /** Resolves when the daemon has loaded the configuration and answers. */
  async start(config: StrongswanConfig): Promise<void> {
    this.#config = config;
    const hub = await HubProcess.start(this.#topology, this.place, {
      command: "exec env STRONGSWAN_CONF=/lab/strongswan.conf /usr/lib/ipsec/charon",
      mounts: { "/etc/swanctl": "swanctl" },
      files: {
        "strongswan.conf": this.#strongswanConf(config.charon ?? {}),
        "swanctl/swanctl.conf": settingsText(config.swanctl),
        ...Object.fromEntries(
          Object.entries(config.files ?? {}).map(([path, text]) => [`swanctl/${path}`, text]),
        ),
      },
    });
    this.#process = hub;
    const { machine } = this.#topology;
    const waited = await machine.exec(
      `i=0; until [ -S ${hub.folder}/run/charon.vici ]; do i=$((i+1)); kill -0 ${hub.pid} && [ $i -lt 400 ] || exit 1; sleep 0.05; done`,
      { timeout: 60_000 },
    );
    if (waited.code !== 0) {
      throw new Error(`charon does not come up: ${hub.output()}\n${await this.log()}`);
    }
    await this.swanctl("--load-all");
  }

  /**
   * Runs swanctl beside the daemon.
   * @throws {Error} with its words when it fails.
   */
  async swanctl(words: string): Promise<string> {
    const result = await this.#running.exec(`timeout 50 swanctl ${words}`, { timeout: 60_000 });
    if (result.code !== 0) {
      throw new Error(`swanctl ${words}: ${result.stdout}${result.stderr}`);
    }
    return result.stdout;
  }

  /** charon's log so far; empty before the first start. */
  async log(): Promise<string> {
    const path = `${this.#topology.folder}/${this.place}/charon.log`;
    return (await this.#topology.machine.readFile(path)) ?? "";
  }

  /** Waits until the log has a line like this. */
  async logs(pattern: RegExp, within = 20_000): Promise<void> {
    await until(
      `${this.place} logs ${pattern}`,
      async () => pattern.test(await this.log()),
      within,
      () => this.log(),
    );
  }

  /** Every IKE SA that the hub has, half-open ones too. */
  async sas(): Promise<HubIkeSa[]> {
    const text = await this.swanctl("--list-sas --raw");
    return viciSections(text, "list-sa event").flatMap((event) =>
      Object.values(event).map((sa) => ikeSa(sa as ViciSection)),
    );
  }

  /** The child that carries traffic now, of the hub's only IKE SA. */
  async childSa(): Promise<HubChildSa> {
    const children = (await this.sas()).flatMap(({ children }) => children);
    const installed = children.filter(({ state }) => state === "INSTALLED");
    const [newest] = installed.slice(-1);
    if (!newest) throw new Error(`${this.place} has no Child SA: ${JSON.stringify(children)}`);
    return newest;
  }

  rekeyIke(): Promise<string> {
    return this.swanctl("--rekey --ike c");
  }

  rekeyChild(): Promise<string> {
    return this.swanctl("--rekey --child net");
  }

  /** Deletes the IKE SA with an INFORMATIONAL exchange. */
  terminate(): Promise<string> {
    return this.swanctl("--terminate --ike c --timeout 5 --force");
  }

  /** @param signal SIGKILL is a hub that loses power: no delete is sent, and its kernel state goes too. */
  async stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    if (!this.#process) return;
    await this.#process.stop(signal);
    this.#process = undefined;
    if (signal === "SIGKILL" && this.#topology.ability.xfrm) {
      await this.#topology.exec(this.place, "ip xfrm state flush; ip xfrm policy flush");
    }
  }

  /** Loses all state and comes back with the same configuration. */
  async restart(signal: "SIGTERM" | "SIGKILL" = "SIGKILL"): Promise<void> {
    const config = this.#config;
    if (!config) throw new Error(`${this.place} was never started`);
    await this.stop(signal);
    await this.start(config);
  }

  get #running(): HubProcess {
    if (!this.#process) throw new Error(`${this.place} is not running`);
    return this.#process;
  }

  /** Without ESP in the kernel the hub has its own, over a TUN device; it must load before kernel-netlink. */
  #strongswanConf(charon: Settings): string {
    const userSpaceEsp = this.#topology.ability.xfrm ? [] : ["kernel-libipsec"];
    const base: Settings = {
      load: [...userSpaceEsp, plugins].join(" "),
      install_routes: "no",
      retransmit_tries: 3,
      // On a busy machine an answer may take seconds, most of all an emulated one.
      retransmit_timeout: this.#topology.machine.kind === "vm" ? 4 : 2,
      half_open_timeout: 20,
      filelog: { lab: { path: "/lab/charon.log", flush_line: "yes", default: 1 } },
    };
    return settingsText({ charon: mergeSettings(base, charon) });
  }
}

/** Named one by one: all that Debian packs take seconds to load when emulated, and some get in the way. */
const plugins =
  "random nonce openssl pem pkcs1 pkcs7 pkcs8 pkcs12 pubkey x509 revocation constraints mgf1 sha2 sha1 hmac kdf drbg aes ccm gcm ctr " +
  "chapoly curve25519 kernel-netlink socket-default vici updown eap-identity eap-md5 eap-mschapv2 eap-gtc eap-tls eap-ttls counters";

function ikeSa(sa: ViciSection): HubIkeSa {
  const text = (key: string) => String(sa[key] ?? "");
  const children = sa["child-sas"];
  return {
    uniqueId: text("uniqueid"),
    state: text("state"),
    remoteHost: text("remote-host"),
    remotePort: text("remote-port"),
    remoteId: text("remote-id"),
    spiInitiator: text("initiator-spi"),
    spiResponder: text("responder-spi"),
    assigned: [sa["remote-vips"], sa["local-vips"]].flatMap((vips) =>
      Array.isArray(vips) ? vips : [],
    ),
    children: Object.values(typeof children === "object" ? children : {}).map((child) =>
      childSa(child as ViciSection),
    ),
  };
}

function childSa(sa: ViciSection): HubChildSa {
  const text = (key: string) => String(sa[key] ?? "");
  const list = (key: string) => (Array.isArray(sa[key]) ? sa[key] : []);
  return {
    name: text("name"),
    state: text("state"),
    mode: text("mode"),
    udpEncapsulation: text("encap") === "yes",
    spiIn: text("spi-in"),
    spiOut: text("spi-out"),
    bytesIn: Number(text("bytes-in")),
    packetsIn: Number(text("packets-in")),
    bytesOut: Number(text("bytes-out")),
    packetsOut: Number(text("packets-out")),
    localTs: list("local-ts"),
    remoteTs: list("remote-ts"),
    encryption: text("encr-alg"),
  };
}
