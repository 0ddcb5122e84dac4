/**
 * The kernel settings without which packets of inside networks don't pass: read, decided, and set where that is
 * harmless. Source: linux Documentation/networking/ip-sysctl.rst
 */
import { readFileSync, writeFileSync } from "node:fs";
import type { DataPlaneFault } from "#dataplane/port.ts";

/** What the settings are for. */
export interface ForwardingUse {
  readonly inside: readonly string[];
  /** Inside networks with IPv6. */
  readonly ipv6: boolean;
  /** Interfaces that tunnels leave by, as far as they are named. */
  readonly sources: readonly string[];
}

/** Reads a setting by its path below /proc/sys; undefined when there is no such setting. */
export type ReadSetting = (path: string) => string | undefined;

export interface SettingAdvice {
  /** Below /proc/sys: `net/ipv4/ip_forward`. */
  readonly path: string;
  readonly value: string;
  /** What doesn't work as it is. */
  readonly consequence: string;
  /** True when the daemon may set it by itself: it changes nothing for anybody who doesn't route. */
  readonly isSafe: boolean;
}

/**
 * Lists the settings that stand in the way. IPv6 forwarding is only advised, never set: it makes the kernel stop
 * taking router advertisements, which may cost the uplink its default route.
 */
export function adviseForwarding(use: ForwardingUse, read: ReadSetting): readonly SettingAdvice[] {
  const advice: SettingAdvice[] = [];
  if (use.inside.length > 0 && read(IPV4_FORWARD) === "0") {
    advice.push({
      path: IPV4_FORWARD,
      value: "1",
      consequence: "no packet of an inside network is forwarded",
      isSafe: true,
    });
  }
  if (use.inside.length > 0 && use.ipv6 && read(IPV6_FORWARD) === "0") {
    advice.push({
      path: IPV6_FORWARD,
      value: "1",
      consequence:
        "no IPv6 packet of an inside network is forwarded (an uplink that learns its route by router advertisement " +
        "needs accept_ra=2 as well)",
      isSafe: false,
    });
  }
  for (const source of use.sources) {
    const path = `net/ipv4/conf/${source}/rp_filter`;
    if (use.sources.length < 2 || strictest(read("net/ipv4/conf/all/rp_filter"), read(path)) !== 1)
      continue;
    advice.push({
      path,
      value: "2",
      consequence: `answers that arrive on ${source} while the default route is on another uplink are dropped`,
      isSafe: false,
    });
  }
  return advice;
}

/** Sets what is safe and missing. @returns what was set, and a notice for each setting left to the operator. */
export function prepareForwarding(use: ForwardingUse): {
  readonly set: readonly SettingAdvice[];
  readonly notices: readonly DataPlaneFault[];
} {
  const set: SettingAdvice[] = [];
  const notices: DataPlaneFault[] = [];
  for (const advice of adviseForwarding(use, readSetting)) {
    const errno = advice.isSafe ? writeSetting(advice) : undefined;
    if (advice.isSafe && errno === undefined) set.push(advice);
    else notices.push(notice(advice, errno));
  }
  return { set, notices };
}

/** A setting as an operator should hear of it. */
function notice({ path, value, consequence }: SettingAdvice, errno?: string): DataPlaneFault {
  const name = path.replaceAll("/", ".");
  return {
    code: "kernel.setting",
    what: `with the kernel setting ${name} as it is, ${consequence}`,
    ...(errno === undefined ? {} : { errno }),
    remedy: `sysctl -w ${name}=${value}, and the same in /etc/sysctl.d for the next boot`,
  };
}

/** The kernel applies the larger of "all" and the interface's own; 1 is strict, 2 is loose. */
function strictest(all: string | undefined, own: string | undefined): number {
  return Math.max(Number(all ?? "0"), Number(own ?? "0"));
}

function readSetting(path: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${path}`, "utf8").trim();
  } catch {
    return undefined;
  }
}

/** @returns the errno name when it could not be written. */
function writeSetting({ path, value }: SettingAdvice): string | undefined {
  try {
    writeFileSync(`/proc/sys/${path}`, value);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "EIO";
  }
}

const IPV4_FORWARD = "net/ipv4/ip_forward";
const IPV6_FORWARD = "net/ipv6/conf/all/forwarding";
