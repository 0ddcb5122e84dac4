/**
 * What `mmcli -J` prints, as far as a line needs it. Pure. mmcli writes `--` for what it does not know, and every number
 * as text. Source: mmcli(1), ModemManager 1.20 D-Bus interfaces Modem and Bearer
 */
import { type IpAddress, parseIpAddress } from "#lib/ip.ts";

/** One modem, of `mmcli -m M -J`. */
export interface ModemState {
  /** `connected`, `registered`, `searching`, `locked`, `failed`, … */
  readonly state: string;
  readonly failedReason?: string;
  /** Paths of its bearers, first to last. */
  readonly bearers: readonly string[];
}

/** One bearer, of `mmcli -b B -J`. */
export interface BearerState {
  readonly isConnected: boolean;
  readonly interface?: string;
  readonly ipv4?: IpConfig;
  readonly ipv6?: IpConfig;
}

/** How an interface gets its address. */
export interface IpConfig {
  readonly method: "static" | "dhcp" | "ppp";
  readonly address?: IpAddress;
  readonly prefixLength?: number;
  readonly gateway?: IpAddress;
  readonly dns: readonly IpAddress[];
  readonly mtu?: number;
}

/** @returns undefined when the text is not what mmcli prints of a modem. */
export function parseModem(text: string): ModemState | undefined {
  const generic = at(parse(text), "modem", "generic");
  const state = word(at(generic, "state"));
  if (state === undefined) return undefined;
  const failedReason = word(at(generic, "state-failed-reason"));
  return {
    state,
    ...(failedReason === undefined ? {} : { failedReason }),
    bearers: words(at(generic, "bearers")),
  };
}

/** @returns undefined when the text is not what mmcli prints of a bearer. */
export function parseBearer(text: string): BearerState | undefined {
  const bearer = at(parse(text), "bearer");
  const connected = word(at(bearer, "status", "connected"));
  if (connected === undefined) return undefined;
  const device = word(at(bearer, "status", "interface"));
  const ipv4 = ipConfig(at(bearer, "ipv4-config"));
  const ipv6 = ipConfig(at(bearer, "ipv6-config"));
  return {
    isConnected: connected === "yes",
    ...(device === undefined ? {} : { interface: device }),
    ...(ipv4 === undefined ? {} : { ipv4 }),
    ...(ipv6 === undefined ? {} : { ipv6 }),
  };
}

function ipConfig(config: unknown): IpConfig | undefined {
  const method = word(at(config, "method"));
  if (method !== "static" && method !== "dhcp" && method !== "ppp") return undefined;
  const address = parseIpAddress(word(at(config, "address")) ?? "");
  const gateway = parseIpAddress(word(at(config, "gateway")) ?? "");
  const prefixLength = number(at(config, "prefix"));
  const mtu = number(at(config, "mtu"));
  return {
    method,
    ...(address === undefined ? {} : { address }),
    ...(prefixLength === undefined ? {} : { prefixLength }),
    ...(gateway === undefined ? {} : { gateway }),
    dns: words(at(config, "dns")).flatMap((each) => parseIpAddress(each) ?? []),
    ...(mtu === undefined ? {} : { mtu }),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null && Object.hasOwn(inner, key)
        ? (inner as Record<string, unknown>)[key]
        : undefined,
    value,
  );
}

function word(value: unknown): string | undefined {
  return typeof value === "string" && value !== "--" && value !== "" ? value : undefined;
}

function words(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.flatMap((each) => word(each) ?? []) : [];
}

function number(value: unknown): number | undefined {
  const text = word(value);
  return text !== undefined && /^\d{1,5}$/.test(text) ? Number(text) : undefined;
}
