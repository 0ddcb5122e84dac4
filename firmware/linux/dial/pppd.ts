/**
 * Lines by pppd: with the options of a peers file, or over PPPoE. pppd runs in the foreground for one connection; whether
 * to dial again is not for it to say. Its interface has a fixed name. The default route is ours, with a metric of its own:
 * pppd 2.4.9 leaves its own out when there is another, whatever `defaultroute-metric` says. Source: pppd(8)
 */

import type { DialLine, ResolvedDialer } from "#config/resolved-dialer.ts";
import type { LineEnd, LineFacts } from "#dial/line.ts";
import { invariant } from "#lib/invariant.ts";
import { type IpAddress, type IpFamily, ipFamily, splitPrefix } from "#lib/ip.ts";
import { addDefaultRoutes } from "./interface-config.ts";
import { PppdOutput } from "./pppd-output.ts";
import { Program, type ProgramEnd } from "./program.ts";
import type { DialTools, Run, RunListener } from "./run.ts";
import { markOf, RunRecord } from "./run-record.ts";

type Line<Kind extends DialLine["kind"]> = Extract<DialLine, { kind: Kind }>;

/** Starts pppd for a dialer. */
export function dialPppd(dialer: ResolvedDialer, tools: DialTools, listener: RunListener): Run {
  const { line, name, interface: device, metric } = dialer;
  invariant(line.kind === "pppd" || line.kind === "pppoe", "a line of pppd");
  invariant(device, "a line of pppd has a name for its interface");
  const log = tools.log.with({ dialer: name });
  const output = new PppdOutput(device);
  const routes = new LineRoutes(device, metric);
  const up = async (facts: LineFacts) => {
    const fault = await routes.add(facts);
    if (fault !== undefined) log.warn(`no default route by ${device}: ${fault}`);
    listener.up(facts);
  };
  const record = RunRecord.begin(tools.recordDir, name, { kind: line.kind, interface: device });
  const program = new Program({
    argv: pppdArguments(dialer, device),
    path: tools.path,
    env: markOf(tools.recordDir, name),
    ...(line.kind === "pppoe" ? { secret: line.password } : {}),
    onLine: (text) => {
      log.debug(text);
      const facts = output.read(text);
      if (facts) void up(facts);
    },
    onEnd: (end) => {
      // A connect script may have outlived it.
      program.signal("SIGKILL");
      record.end();
      listener.ended(endOf(end, output));
    },
  });
  record.started(program.pid);
  return {
    hangUp: () => program.signal("SIGTERM"),
    kill: () => program.signal("SIGKILL"),
    // Where the peer gives IPv6 alone, the address comes by router advertisement, and pppd says nothing of it.
    interfacesChanged: () => {
      const addresses = tools.readInterface(device)?.addresses ?? [];
      const own = addresses.map((each) => splitPrefix(each).address);
      if (own.some((address) => ipFamily(address) === 6 && !routes.has(6)))
        void up({ interface: device, addresses: own, dns: output.dns });
    },
  };
}

/** The default routes of a line, each there before the line is said to be up. */
class LineRoutes {
  readonly #device: string;
  readonly #metric: number;
  readonly #there = new Set<IpFamily>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(device: string, metric: number) {
    this.#device = device;
    this.#metric = metric;
  }

  has(family: IpFamily): boolean {
    return this.#there.has(family);
  }

  /** Adds those that the line's addresses ask for. @returns what went wrong; asked again, it tries again. */
  add({ addresses = [] }: LineFacts): Promise<string | undefined> {
    const added = this.#last.then(async () => {
      const families = new Set(addresses.map((address) => ipFamily(address as IpAddress)));
      const missing = [...families].filter((family) => !this.#there.has(family));
      if (missing.length === 0) return undefined;
      const fault = await addDefaultRoutes(this.#device, missing, this.#metric);
      if (fault === undefined) for (const family of missing) this.#there.add(family);
      return fault;
    });
    this.#last = added;
    return added;
  }
}

/** The command line of pppd; what stands later overrides the peers file. */
export function pppdArguments(dialer: ResolvedDialer, device: string): readonly string[] {
  const { line } = dialer;
  const way =
    line.kind === "pppd" ? ["call", line.peer] : line.kind === "pppoe" ? pppoeOptions(line) : [];
  return [
    "pppd",
    ...way,
    ...["nodetach", "nopersist", "maxfail", "1", "noauth", "hide-password", "ifname", device],
    // Without noipdefault it looks its own host name up first, and waits for name servers that can't be reached.
    ...["noipdefault", "nodefaultroute"],
  ];
}

/**
 * The host's hooks in /etc/ppp would hand the name servers of the line to the whole machine: they are left out, the name
 * servers are shown instead. The password comes by descriptor 3. RFC 2516 §7: an MRU of at most 1492
 */
function pppoeOptions(line: Line<"pppoe">): readonly string[] {
  return [
    ...["plugin", "pppoe.so", `nic-${line.interface}`, "user", line.username],
    ...["plugin", "passwordfd.so", "passwordfd", "3"],
    ...(line.service === undefined ? [] : ["pppoe-service", line.service]),
    ...(line.accessConcentrator === undefined ? [] : ["pppoe-ac", line.accessConcentrator]),
    ...["usepeerdns", "ip-up-script", "/bin/true", "ip-down-script", "/bin/true"],
    ...["mtu", "1492", "mru", "1492", "noaccomp", "nopcomp", "default-asyncmap", "novj", "noccp"],
    ...["lcp-echo-interval", "5", "lcp-echo-failure", "4"],
  ];
}

function endOf({ status, signal, error }: ProgramEnd, output: PppdOutput): LineEnd {
  if (error === undefined) return output.end(status, signal);
  return {
    code: "dial.program-missing",
    message: `pppd could not be started (${error})`,
    remedy: "install the package ppp",
  };
}
