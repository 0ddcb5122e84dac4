/**
 * Lines by ModemManager, through mmcli: connects, puts on the interface what the bearer says, looks again and again
 * whether it is still connected, and disconnects. Every call of mmcli has a time limit of its own, and hangs nobody but
 * this line. Source: mmcli(1)
 */
import type { DialLine, ResolvedDialer } from "#config/resolved-dialer.ts";
import type { LineEnd } from "#dial/line.ts";
import { type Duration, seconds } from "#lib/duration.ts";
import { invariant } from "#lib/invariant.ts";
import { failed, ok, type Result } from "#lib/result.ts";
import { type Lease, startDhcp } from "./dhcp.ts";
import { clearInterface, configureInterface, type InterfacePlan } from "./interface-config.ts";
import { mmcliFault } from "./mmcli-fault.ts";
import { type BearerState, type IpConfig, parseBearer, parseModem } from "./mmcli-output.ts";
import { Program } from "./program.ts";
import { type DialTools, type Run, type RunListener, terminated } from "./run.ts";
import { markOf, RunRecord } from "./run-record.ts";

const LOOK_EVERY = seconds(5);
const ANSWER_LIMIT = seconds(15);
/** Characters: mmcli prints its JSON on one line. */
const LONGEST_ANSWER = 262_144;

/** Starts to connect a modem. */
export function dialModem(dialer: ResolvedDialer, tools: DialTools, listener: RunListener): Run {
  const run = new ModemRun(dialer, tools, listener);
  void run.connect();
  return run;
}

class ModemRun implements Run {
  readonly #dialer: ResolvedDialer;
  readonly #line: Extract<DialLine, { kind: "modem-manager" }>;
  readonly #tools: DialTools;
  readonly #listener: RunListener;
  readonly #record: RunRecord;
  readonly #programs = new Set<Program>();
  /** Why it ends; undefined while it is not to. */
  #end: LineEnd | undefined;
  #isKilled = false;
  #isConnecting = true;
  #plan: InterfacePlan | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(dialer: ResolvedDialer, tools: DialTools, listener: RunListener) {
    invariant(dialer.line.kind === "modem-manager", "a line of ModemManager");
    this.#dialer = dialer;
    this.#line = dialer.line;
    this.#tools = tools;
    this.#listener = listener;
    const { kind, modem } = dialer.line;
    this.#record = RunRecord.begin(tools.recordDir, dialer.name, { kind, modem });
  }

  async connect(): Promise<void> {
    const { apn, profile } = this.#line;
    const to = apn === undefined ? `profile-id=${profile}` : `apn=${apn}`;
    const limit = Math.ceil(this.#dialer.timeout / 1_000);
    const answer = await this.#mmcli([`--timeout=${limit}`, `--simple-connect=${to}`]);
    this.#isConnecting = false;
    if (!answer.ok) this.#end ??= answer.error;
    const bearer = this.#end ? undefined : await this.#findBearer();
    if (bearer?.ok === false) this.#end ??= bearer.error;
    if (this.#end || !bearer?.ok) {
      await this.#disconnect();
      return;
    }
    const fault = await this.#useBearer(bearer.value);
    if (fault) this.#end ??= fault;
    if (this.#end) await this.#disconnect();
    else this.#watch(bearer.value.path);
  }

  hangUp(): void {
    this.#stop(terminated);
  }

  kill(): void {
    this.#isKilled = true;
    this.#stop(terminated);
    for (const program of this.#programs) program.signal("SIGKILL");
  }

  interfacesChanged(): void {
    const device = this.#plan?.interface;
    if (device === undefined || this.#end) return;
    if (this.#tools.readInterface(device) === undefined)
      this.#stop({ code: "dial.interface-gone", message: `${device} is gone`, isModemFault: true });
  }

  #stop(end: LineEnd): void {
    if (this.#end) return;
    this.#end = end;
    clearTimeout(this.#timer);
    // What connects sees afterwards that it is not wanted any more, and disconnects.
    if (this.#isConnecting || this.#plan === undefined)
      for (const program of this.#programs) program.signal("SIGTERM");
    else void this.#disconnect();
  }

  async #findBearer(): Promise<Result<BearerState & { readonly path: string }, LineEnd>> {
    const answer = await this.#mmcli(["-J"]);
    if (!answer.ok) return answer;
    const modem = parseModem(answer.value);
    if (!modem) return failed(unreadable("a modem"));
    const { bearer: wanted } = this.#line;
    const paths = wanted === undefined ? modem.bearers : modem.bearers.slice(wanted, wanted + 1);
    for (const path of paths) {
      const state = await this.#readBearer(path);
      if (!state.ok) return state;
      if (state.value.isConnected) return ok({ ...state.value, path });
    }
    return failed({
      code: "dial.no-bearer",
      message: `the modem has no connected bearer${wanted === undefined ? "" : ` ${wanted}`}`,
      remedy: "`mmcli -m any` lists its bearers; leave bearer out to take the connected one",
    });
  }

  async #readBearer(path: string): Promise<Result<BearerState, LineEnd>> {
    const answer = await this.#program(["mmcli", "-b", path, "-J"], ANSWER_LIMIT);
    if (!answer.ok) return answer;
    const state = parseBearer(answer.value);
    return state ? ok(state) : failed(unreadable("a bearer"));
  }

  /** @returns why its interface can't be used; undefined when all is done or under way. */
  async #useBearer(bearer: BearerState): Promise<LineEnd | undefined> {
    const device = bearer.interface ?? this.#dialer.interface;
    if (device === undefined) return unreadable("the interface of a bearer");
    this.#record.add({ interface: device });
    const configs = [bearer.ipv4, bearer.ipv6].filter((config) => config !== undefined);
    if (configs.some(({ method }) => method === "ppp") || configs.length === 0) return NEEDS_PPP;
    const mtu = configs.find((config) => config.mtu !== undefined)?.mtu;
    const fixed = configs.filter(({ method }) => method === "static").flatMap(addressOf);
    const plan = {
      interface: device,
      ...(mtu === undefined ? {} : { mtu }),
      addresses: fixed,
      metric: this.#dialer.metric,
    };
    const dns = configs.flatMap((config) => config.dns);
    if (fixed.length > 0) return await this.#configure(plan, dns);
    const fault = await configureInterface(plan);
    if (fault !== undefined) return notConfigured(device, fault);
    this.#plan = plan;
    this.#askDhcp(plan);
    return undefined;
  }

  async #configure(plan: InterfacePlan, dns: readonly string[]): Promise<LineEnd | undefined> {
    const before = this.#plan;
    this.#plan = plan;
    if (before && String(before.addresses) !== String(plan.addresses)) await clearInterface(before);
    const fault = await configureInterface(plan);
    if (fault !== undefined) return notConfigured(plan.interface, fault);
    if (!this.#end)
      this.#listener.up({
        interface: plan.interface,
        addresses: plan.addresses.map(({ address }) => address),
        ...(dns.length > 0 ? { dns } : {}),
      });
    return undefined;
  }

  #askDhcp(bare: InterfacePlan): void {
    const take = async (lease: Lease) => {
      const fault = await this.#configure({ ...bare, addresses: [lease] }, lease.dns);
      if (fault) this.#stop(fault);
    };
    const client: Program = startDhcp(bare.interface, this.#tools, {
      leased: (lease) => void take(lease),
      lost: () => {
        if (this.#plan?.addresses.length)
          this.#stop({ code: "dial.lease-lost", message: "the DHCP lease ran out" });
      },
      ended: ({ error }) => {
        this.#programs.delete(client);
        this.#stop(error === undefined ? DHCP_ENDED : DHCP_MISSING);
      },
    });
    this.#programs.add(client);
  }

  #watch(path: string): void {
    this.#timer = setTimeout(() => void this.#look(path), LOOK_EVERY);
  }

  async #look(path: string): Promise<void> {
    const state = await this.#readBearer(path);
    if (this.#end) return;
    if (!state.ok) this.#stop(state.error);
    else if (!state.value.isConnected)
      this.#stop({ code: "dial.disconnected", message: "the network ended the connection" });
    else this.#watch(path);
  }

  /** The end of every run: address and route go, the modem disconnects, and then it is told. */
  async #disconnect(): Promise<void> {
    for (const program of this.#programs) program.signal("SIGTERM");
    if (this.#plan) await clearInterface(this.#plan);
    if (!this.#isKilled) {
      const answer = await this.#mmcli(["--simple-disconnect"]);
      if (!answer.ok && !this.#isKilled)
        this.#tools.log.debug(`disconnecting: ${answer.error.message}`, {
          dialer: this.#dialer.name,
        });
    }
    this.#record.end();
    this.#listener.ended(this.#end ?? terminated);
  }

  #mmcli(options: readonly string[]): Promise<Result<string, LineEnd>> {
    const isConnect = options.some((option) => option.startsWith("--simple-connect"));
    // The engine ends a connect that takes too long; all else is a matter of a moment.
    const limit = isConnect ? undefined : ANSWER_LIMIT;
    return this.#program(["mmcli", "-m", this.#line.modem, ...options], limit);
  }

  #program(argv: readonly string[], limit: Duration | undefined): Promise<Result<string, LineEnd>> {
    if (this.#isKilled) return Promise.resolve(failed(terminated));
    return new Promise((resolve) => {
      const said = { stdout: "", stderr: "" };
      let isLate = false;
      const program = new Program({
        argv,
        path: this.#tools.path,
        env: markOf(this.#tools.recordDir, this.#dialer.name),
        onLine: (line, from) => {
          said[from] += `${line}\n`;
        },
        longestLine: LONGEST_ANSWER,
        onEnd: ({ status, error }) => {
          clearTimeout(timer);
          this.#programs.delete(program);
          if (status === 0) resolve(ok(said.stdout));
          else if (error !== undefined) resolve(failed(missing(error)));
          else resolve(failed(isLate ? MMCLI_SILENT : mmcliFault(said.stderr || said.stdout)));
        },
      });
      this.#programs.add(program);
      const timer =
        limit &&
        setTimeout(() => {
          isLate = true;
          program.signal("SIGKILL");
        }, limit);
    });
  }
}

function addressOf(config: IpConfig): InterfacePlan["addresses"] {
  const { address, prefixLength, gateway } = config;
  if (address === undefined || prefixLength === undefined) return [];
  return [{ address, prefixLength, ...(gateway === undefined ? {} : { gateway }) }];
}

const missing = (error: string): LineEnd => ({
  code: "dial.program-missing",
  message: `mmcli could not be started (${error})`,
  remedy: "install the package modemmanager",
});

const unreadable = (what: string): LineEnd => ({
  code: "dial.unreadable",
  message: `mmcli said nothing of ${what} that could be read`,
  remedy: "ModemManager 1.14 or newer is needed",
});

const notConfigured = (device: string, fault: string): LineEnd => ({
  code: "dial.interface",
  message: `${device} did not take the address: ${fault}`,
  remedy: "see the kernel log",
});

const MMCLI_SILENT: LineEnd = {
  code: "dial.modem-silent",
  message: "ModemManager does not answer",
  remedy: "see the log of the service ModemManager",
  isModemFault: true,
};
const NEEDS_PPP: LineEnd = {
  code: "dial.needs-ppp",
  message: "this modem wants PPP on its serial port",
  remedy: "dial it by pppd: with a peers file and chat",
};
const DHCP_ENDED: LineEnd = { code: "dial.dhcp", message: "the DHCP client ended" };
const DHCP_MISSING: LineEnd = {
  code: "dial.program-missing",
  message: "udhcpc could not be started",
  remedy: "install the package udhcpc, or link busybox to that name",
};
