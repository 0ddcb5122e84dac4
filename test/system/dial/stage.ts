/**
 * A branch with a primary line and an Internet provider to dial: real pppd on both ends, over a pty pair joined by socat,
 * and a real PPPoE server. The provider asks for CHAP. Dialers are demanded by stub objects, so no hub is needed. There is
 * no modem: a stand-in for mmcli prints the files of test/vectors/mmcli, for a modem that is a plain interface; the DHCP
 * server behind one of them is real.
 */
import type { DialerState } from "#state/dialer-state.ts";
import type { StoredEvent } from "#state/document.ts";
import { projectRoot } from "#test/lab/cache.ts";
import { type Machine, type Process, until } from "#test/lab/machine.ts";

const branch = "dial-branch";
const isp = "dial-isp";
const folder = "/run/dial-lab";
const program = ["node", `${projectRoot}/build/flexspoke.cjs`];

export const username = "branch12@isp";
export const password = "correct-horse-battery";

/** Where things are, for the configuration of a test. */
export const place = { folder, line: `${folder}/line`, silent: `${folder}/silent-line` };

const base = "nodetach auth require-chap name isp local nolock noccp novj nodeflate nobsdcomp";
const providerOptions = `${base} lcp-echo-interval 1 lcp-echo-failure 3 ms-dns 192.0.2.53`;

/** A peers file of the branch: through a socket to the provider's bank of modems. */
const peersFile = (socket: string, secret: string): string => `pty "socat - UNIX-CONNECT:${socket}"
user branch12
password ${secret}
remotename isp
local
nolock
noccp
lcp-echo-interval 1
lcp-echo-failure 2
`;

const vectors = `${projectRoot}/test/vectors/mmcli`;

/** Says what mmcli says of a modem that connects to whatever it is asked for; to `mute` it never answers. */
const standIn = `#!/bin/sh
echo "$*" >>${folder}/mmcli.log
case "$*" in
  *--simple-connect=apn=mute) trap '' TERM; while :; do sleep 1; done ;;
  *--simple-connect=apn=*) echo "\${*##*apn=}" >${folder}/connected; echo 'successfully connected the modem' ;;
  *--simple-disconnect*) rm -f ${folder}/connected; echo 'successfully disconnected all bearers in the modem' ;;
  *--reset) echo 'successfully reseted the modem' ;;
  -m*-J) cat ${vectors}/modem.json ;;
  -b*/1*-J) cat ${vectors}/bearer-$(cat ${folder}/connected || echo old).json ;;
  -b*-J) cat ${vectors}/bearer-old.json ;;
esac
`;

const leases = `start 100.64.8.2
end 100.64.8.2
interface wwan
lease_file ${folder}/leases
pidfile ${folder}/udhcpd.pid
opt subnet 255.255.255.0
opt router 100.64.8.1
opt dns 192.0.2.71
`;

export class DialStage {
  readonly machine: Machine;
  #daemon: Process | undefined;
  #lines: Process | undefined;
  #concentrator: Process | undefined;

  private constructor(machine: Machine) {
    this.machine = machine;
  }

  /** Namespaces, files of pppd, and a provider that takes calls. */
  static async build(machine: Machine): Promise<DialStage> {
    const stage = new DialStage(machine);
    await machine.must(`
      modprobe -a ppp_generic ppp_async pppoe 2>/dev/null || true
      for place in ${branch} ${isp}; do
        ip netns del $place 2>/dev/null || true
        ip netns add $place
        ip -n $place link set lo up
      done
      ip -n ${branch} link add wan0 type dummy
      ip -n ${branch} address add 198.51.100.2/24 dev wan0
      ip -n ${branch} link set wan0 up
      ip -n ${branch} route add default via 198.51.100.1 metric 100
      ip -n ${branch} link add eth2 type veth peer name isp0 netns ${isp}
      ip -n ${branch} link set eth2 up
      ip -n ${isp} link set isp0 up
      ip -n ${branch} link add wwan1 type dummy
      ip -n ${branch} link add wwan2 type veth peer name wwan netns ${isp}
      ip -n ${isp} address add 100.64.8.1/24 dev wwan
      ip -n ${isp} link set wwan up
      rm -rf ${folder}; mkdir -p ${folder}
      printf '* isp "%s" *\\n' '${password}' >/etc/ppp/chap-secrets`);
    await machine.writeFile("/etc/ppp/peers/lab", peersFile(place.line, password));
    await machine.writeFile("/etc/ppp/peers/lab-wrong", peersFile(place.line, "wrong"));
    await machine.writeFile("/etc/ppp/peers/lab-silent", peersFile(place.silent, password));
    await machine.writeFile(`${folder}/bin/mmcli`, standIn, 0o755);
    await machine.writeFile(`${folder}/udhcpd.conf`, leases);
    await machine.must(`ln -s $(command -v busybox) ${folder}/bin/udhcpc; touch ${folder}/leases`);
    await machine.spawn(`exec busybox udhcpd -f ${folder}/udhcpd.conf`, { netns: isp });
    await stage.openLines();
    return stage;
  }

  /** The provider takes calls on its modems; on one of them nobody ever says a word. */
  async openLines(): Promise<void> {
    const answer = `#!/bin/sh\nexec pppd ${providerOptions} 10.64.0.1:10.64.0.2\n`;
    await this.machine.writeFile(`${folder}/answer`, answer, 0o755);
    this.#lines = await this.machine.spawn(
      `exec socat UNIX-LISTEN:${place.line},fork,unlink-early EXEC:${folder}/answer,pty,raw,echo=0`,
      { netns: isp },
    );
    await this.machine.spawn(
      `exec socat UNIX-LISTEN:${place.silent},fork,unlink-early EXEC:'sleep 3600'`,
      { netns: isp },
    );
    await this.#exists(place.line);
    await this.#exists(place.silent);
  }

  /** The DSL network's access concentrator. */
  async openConcentrator(): Promise<void> {
    await this.machine.writeFile(
      `${folder}/concentrator`,
      `auth\nrequire-chap\nname isp\nnoccp\nnovj\nlcp-echo-interval 5\nlcp-echo-failure 3\nms-dns 192.0.2.54\n`,
    );
    this.#concentrator = await this.machine.spawn(
      `exec pppoe-server -F -I isp0 -C lab-ac -L 10.65.0.1 -R 10.65.0.10 -N 4 -O ${folder}/concentrator`,
      { netns: isp },
    );
  }

  /** Cuts every line of the provider as a digger does: its programs die without a word. */
  async cutLines(): Promise<void> {
    await this.machine.must(`
      for pid in $(ip netns pids ${isp}); do
        case $(cat /proc/$pid/comm) in pppd) kill -9 $pid ;; esac
      done`);
  }

  /** @param config what `config.yaml` says; JSON is YAML. */
  async start(config: object): Promise<void> {
    await this.machine.writeFile(`${folder}/config.yaml`, JSON.stringify(config), 0o600);
    await this.#run();
  }

  async #run(): Promise<void> {
    const words = [...program, "run", "-c", `${folder}/config.yaml`, "--log-level", "debug"];
    const daemon = await this.machine.spawn(`PATH=${folder}/bin:$PATH exec ${words.join(" ")}`, {
      netns: branch,
      env: { FLEXSPOKE_RUN_DIR: `${folder}/run`, FLEXSPOKE_STATE_DIR: `${folder}/state` },
    });
    this.#daemon = daemon;
    await until(
      "the daemon answers",
      () =>
        this.dialers().then(
          () => true,
          () => false,
        ),
      60_000,
      () => Promise.resolve(daemon.output()),
    );
  }

  async stop(signal: "SIGTERM" | "SIGKILL"): Promise<number | undefined> {
    this.#daemon?.kill(signal);
    return await this.#daemon?.exited;
  }

  /** Sets the stub object that demands a dialer: `down` demands. */
  async track(name: string, state: "up" | "down"): Promise<void> {
    const body = JSON.stringify({ state });
    const answer = await this.machine.http(this.#socket, "POST", `/api/v1/track/${name}`, body);
    if (answer.status >= 300) throw new Error(`track ${name}: ${answer.status} ${answer.body}`);
  }

  async dialers(): Promise<Readonly<Record<string, DialerState>>> {
    return (await this.#get("/api/v1/state/dialers")) as Readonly<Record<string, DialerState>>;
  }

  async events(): Promise<readonly StoredEvent[]> {
    return (await this.#get("/api/v1/events?last=1000")) as readonly StoredEvent[];
  }

  /** Waits until a dialer is as `isSo` says. */
  async until(
    name: string,
    what: string,
    isSo: (dialer: DialerState) => boolean,
    within = 30_000,
  ): Promise<DialerState> {
    return await until(
      `dialer ${name} ${what}`,
      async () => {
        const dialer = (await this.dialers())[name];
        return dialer && isSo(dialer) ? dialer : undefined;
      },
      within,
      () => this.story(),
    );
  }

  /** What a command says in the branch. */
  show(command: string): Promise<string> {
    return this.machine.must(command, { netns: branch });
  }

  /** Process ids of the pppd that dial for a dialer; its pty has a child of the same name. */
  async dialling(name: string): Promise<readonly number[]> {
    const found = await this.machine.must(`
      for pid in $(ip netns pids ${branch}); do
        case $(tr '\\0' ' ' </proc/$pid/cmdline 2>/dev/null) in
          pppd*ppp-${name}*) [ "$(cut -d' ' -f5 /proc/$pid/stat)" = $pid ] && echo $pid ;;
        esac
      done; true`);
    return found
      .split("\n")
      .filter((line) => line !== "")
      .map(Number);
  }

  async cli(...words: string[]): Promise<string> {
    return await this.machine.must([...program, ...words, "--run-dir", `${folder}/run`]);
  }

  async story(): Promise<string> {
    const events = await this.events().catch(() => []);
    return [
      ...events.map(({ time, mnemonic, message }) => `${time} ${mnemonic} ${message}`),
      this.#daemon?.output() ?? "",
      this.#lines?.output() ?? "",
      this.#concentrator?.output() ?? "",
    ].join("\n");
  }

  /** What the daemon has written so far. */
  log(): string {
    return this.#daemon?.output() ?? "";
  }

  async close(): Promise<void> {
    await this.machine.exec(`
      for place in ${branch} ${isp}; do
        for pid in $(ip netns pids $place); do kill -9 $pid; done
        ip netns del $place
      done`);
  }

  get #socket(): string {
    return `${folder}/run/control.sock`;
  }

  async #get(path: string): Promise<unknown> {
    const answer = await this.machine.http(this.#socket, "GET", path);
    if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.status} ${answer.body}`);
    return JSON.parse(answer.body);
  }

  async #exists(path: string): Promise<void> {
    await until(
      `${path} is there`,
      async () => (await this.machine.exec(["test", "-e", path])).code === 0,
      20_000,
    );
  }
}
