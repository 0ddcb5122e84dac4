/** The product itself, in the namespace `branch`: started, asked and stopped as an operator would. */

import type { Diagnosis } from "#state/diagnose/diagnosis.ts";
import type { ClientState, StateDocument, StoredEvent } from "#state/document.ts";
import { lan, type Place } from "./addresses.ts";
import { projectRoot } from "./cache.ts";
import { type CommandResult, type Process, until } from "./machine.ts";
import { mergeSettings, type Settings } from "./merge.ts";
import { presharedKey } from "./strongswan-config.ts";
import type { Topology } from "./topology.ts";

export interface BranchConfig {
  /** What `config.yaml` says; JSON is YAML. */
  readonly config: Settings;
  /** Files beside it, by relative path: `secrets/hq.psk`, `pki/branch.pem`. */
  readonly files: Readonly<Record<string, string>>;
}

const program = ["node", `${projectRoot}/build/flexspoke.cjs`];

export class Branch {
  readonly #topology: Topology;
  readonly #place: Place;
  readonly #folder: string;
  #process: Process | undefined;

  /** @param place where it runs; another place than `branch` makes that one's router a branch too. */
  constructor(topology: Topology, place: Place = "branch") {
    this.#topology = topology;
    this.#place = place;
    this.#folder = `${topology.folder}/${place === "branch" ? place : `branch-at-${place}`}`;
  }

  /** Starts the daemon; resolves when its control socket answers. */
  async start(branch: BranchConfig): Promise<void> {
    await this.configure(branch);
    await this.run();
  }

  /** Writes the configuration without starting or reloading anything. */
  async configure({ config, files }: BranchConfig): Promise<void> {
    const { machine } = this.#topology;
    const all = { "config.yaml": `${JSON.stringify(config, null, 2)}\n`, ...files };
    for (const [path, content] of Object.entries(all)) {
      await machine.writeFile(`${this.#folder}/${path}`, content, 0o600);
    }
  }

  /** Starts the daemon with the configuration that is there. */
  async run(): Promise<void> {
    const words = ["run", "-c", `${this.#folder}/config.yaml`, "--log-level", "debug"];
    const process = await this.#topology.spawn(this.#place, [...program, ...words], {
      env: this.#environment,
    });
    this.#process = process;
    let ended: number | undefined;
    void process.exited.then((code) => {
      ended = code;
    });
    await until(
      "the daemon answers",
      async () => ended !== undefined || (await this.#answers()),
      60_000,
      () => Promise.resolve(this.log()),
    );
    if (ended !== undefined) throw new Error(`the daemon ended with ${ended}:\n${this.log()}`);
  }

  /** Runs one command of the product. `--json` output is in `stdout`. */
  cli(...words: string[]): Promise<CommandResult> {
    return this.#topology.exec(this.#place, [...program, ...words], { env: this.#environment });
  }

  /** Starts a command that has no end of its own, such as `debug`. */
  watch(...words: string[]): Promise<Process> {
    return this.#topology.spawn(this.#place, [...program, ...words], { env: this.#environment });
  }

  async state(): Promise<StateDocument> {
    return JSON.parse(await this.#get("/api/v1/state")) as StateDocument;
  }

  /** One client's state; `hq` unless named. */
  async client(name = "hq"): Promise<ClientState> {
    const client = (await this.state()).clients[name];
    if (!client) throw new Error(`the branch has no client ${name}`);
    return client;
  }

  /** Every event since the start of the state folder, oldest first. */
  async events(): Promise<StoredEvent[]> {
    const found: unknown = JSON.parse(await this.#get("/api/v1/events?last=1000"));
    return (Array.isArray(found) ? found : (found as { events: unknown }).events) as StoredEvent[];
  }

  /** Waits until the client is in this state. @param within milliseconds. */
  untilState(state: ClientState["state"], within = 60_000, name = "hq"): Promise<ClientState> {
    return this.untilClient(state, (client) => client.state === state, within, name);
  }

  /** Waits until the client is up with this peer, from this source if one is named. */
  untilUp(way: { peer?: string; source?: string }, name = "hq"): Promise<ClientState> {
    const isThere = ({ state, peer, source }: ClientState) =>
      state === "up" &&
      peer?.address === (way.peer ?? peer?.address) &&
      source === (way.source ?? source);
    return this.untilClient(`up ${JSON.stringify(way)}`, isThere, 60_000, name);
  }

  /** Waits until this is true of the client. @param what completes "client hq is …". @param within milliseconds. */
  untilClient(
    what: string,
    isTrue: (client: ClientState) => boolean,
    within = 60_000,
    name = "hq",
  ): Promise<ClientState> {
    return until(
      `client ${name} is ${what}`,
      async () => {
        const client = await this.client(name);
        return isTrue(client) ? client : undefined;
      },
      within,
      async () => `${JSON.stringify(await this.client(name), null, 2)}\n${await this.#story()}`,
    );
  }

  /** Waits until there is such an event. */
  untilEvent(mnemonic: string, within = 60_000): Promise<StoredEvent> {
    return until(
      `the branch reports ${mnemonic}`,
      async () => (await this.events()).findLast((event) => event.mnemonic === mnemonic),
      within,
      () => this.#story(),
    );
  }

  /** Waits until there are so many events of this kind. */
  async untilEventCount(mnemonic: string, count: number, within = 60_000): Promise<void> {
    const isThere = async () =>
      (await this.events()).filter((event) => event.mnemonic === mnemonic).length >= count;
    await until(`the branch reports ${mnemonic} ${count} times`, isThere, within, () =>
      this.#story(),
    );
  }

  /** Waits until the configuration in force is known to be good. */
  async untilKept(): Promise<void> {
    const isKept = async () => (await this.state()).configuration?.kept;
    await until("the configuration is kept", isKept, 60_000, () => this.#story());
  }

  /** What it says is wrong with a client; `hq` unless named. */
  async diagnosis(name = "hq"): Promise<Diagnosis> {
    return JSON.parse(await this.#get(`/api/v1/diagnose/${name}`)) as Diagnosis;
  }

  /** What its engines were told, as `replay` takes it. */
  recording(): Promise<string> {
    return this.#get("/api/v1/recording");
  }

  async action(path: string, body?: object): Promise<void> {
    const { machine } = this.#topology;
    const text = body && JSON.stringify(body);
    const answer = await machine.http(this.#socket, "POST", `/api/v1/${path}`, text);
    if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${answer.body}`);
  }

  rekey(what: "ike" | "child", name = "hq"): Promise<void> {
    return this.action(`clients/${name}/rekey`, { what });
  }

  reload(): void {
    this.#process?.kill("SIGHUP");
  }

  /** @param signal SIGTERM takes tunnels down cleanly, SIGKILL is a crash. @returns the exit status. */
  async stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<number | undefined> {
    this.#process?.kill(signal);
    const status = await this.#process?.exited;
    this.#process = undefined;
    return status;
  }

  /** What the daemon wrote to its outputs. */
  log(): string {
    return this.#process?.output() ?? "";
  }

  /** Forgets configuration, state and events; the daemon is not running. */
  async forget(): Promise<void> {
    await this.#topology.machine.must(`rm -rf ${this.#folder}`);
    await this.#topology.exec(this.#place, "nft delete table inet flexspoke");
  }

  /** Process id of the daemon on the machine. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /**
   * Everything of ours that is in the kernel of the branch but the firewall, one line each; empty after a clean end.
   * The firewall is a matter of its own: the kill switch is meant to outlive the daemon.
   */
  async leftovers(): Promise<string[]> {
    const text = await this.#topology.must(
      this.#place,
      `ip xfrm state | grep -A1 ^src; ip xfrm policy | grep ^src; ip -br link show type xfrm
       ip route show table all proto 186; ip -6 route show table all proto 186; ip rule show | grep -w 186; true`,
    );
    return text.split("\n").filter((line) => line.trim() !== "");
  }

  /** Our rules as nftables prints them; empty when there is no table of ours. */
  async firewall(): Promise<string> {
    return (await this.#topology.exec(this.#place, "nft list table inet flexspoke")).stdout;
  }

  get #environment() {
    return {
      FLEXSPOKE_RUN_DIR: `${this.#folder}/run`,
      FLEXSPOKE_STATE_DIR: `${this.#folder}/state`,
    };
  }

  get #socket(): string {
    return `${this.#folder}/run/control.sock`;
  }

  async #get(path: string): Promise<string> {
    const answer = await this.#topology.machine.http(this.#socket, "GET", path);
    if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.status} ${answer.body}`);
    return answer.body;
  }

  #answers(): Promise<boolean> {
    return this.state().then(
      () => true,
      () => false,
    );
  }

  async #story(): Promise<string> {
    const events = (await this.events()).map(({ time, mnemonic, message }) =>
      [time, mnemonic, message].join(" "),
    );
    return [...events, this.log()].join("\n");
  }
}

const profileBase: Settings = {
  local: { identity: "fqdn:branch12.lab" },
  remote: { identity: ["fqdn:*.lab"] },
};

const clientBase: Settings = {
  peers: [{ seq: 10, address: "203.0.113.2" }],
  inside: [lan.interface],
};

/**
 * A branch that joins hub1 with the pre-shared key.
 * @param over changes anything of the configuration.
 */
export function pskBranch(over: Settings = {}): BranchConfig {
  const proof = { authentication: "psk", psk: { file: "secrets/hq.psk" } };
  const profile = mergeSettings(profileBase, { local: proof, remote: proof });
  return {
    config: mergeSettings({ hostname: "branch12", ...oneClient(profile) }, over),
    files: { "secrets/hq.psk": presharedKey },
  };
}

/** A branch with a certificate. `chain` is the leaf with its intermediates after it, PEM. */
export function certificateBranch(
  proof: { readonly chain: string; readonly key: string; readonly anchor: string },
  over: Settings = {},
): BranchConfig {
  const certificate = { authentication: "certificate", trustpoint: "lab" };
  const profile = mergeSettings(profileBase, { local: certificate, remote: certificate });
  const trustpoint = {
    ca: ["pki/root.pem"],
    certificate: "pki/branch.pem",
    key: { file: "pki/branch.key" },
  };
  const pki = { trustpoints: { lab: trustpoint } };
  return {
    config: mergeSettings({ hostname: "branch12", pki, ...oneClient(profile) }, over),
    files: {
      "pki/root.pem": proof.anchor,
      "pki/branch.pem": proof.chain,
      "pki/branch.key": proof.key,
    },
  };
}

function oneClient(profile: Settings): Settings {
  return { ikev2: { profiles: { hq: profile } }, clients: { hq: clientBase } };
}
