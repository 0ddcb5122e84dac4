/** Probes. IOS: ip sla N; older: ip sla monitor N, rtr N */
import { parseIpAddress } from "#lib/ip.ts";
import { parseHost, parseHostPort, parseWebUrl } from "../host-syntax.ts";
import { isDnsName } from "../identity-syntax.ts";
import { readInterfaceName } from "./interface-name.ts";
import { idOf, type Section, sectionsOf, valueIn } from "./read-sections.ts";
import { carriedNumber, lineOf, type Work } from "./work.ts";

const kinds = ["echo", "icmp-jitter", "tcp", "udp", "udp-jitter", "dns", "http", "kind"] as const;

/** Puts a probe into the draft. @returns its name there; undefined when it has no equivalent. */
export function translateSla(work: Work, number: string): string | undefined {
  if (work.draft.sla.has(number)) return number;
  const section = sectionsOf(work.roots, "sla").findLast(
    (each) => valueIn(each, "number") === number,
  );
  const line = lineOf(section, ...kinds);
  if (!section || !line) return undefined;
  const target = targetOf(work, line);
  if (!target) return undefined;
  work.ledger.carried(section);
  const value = { ...target, ...sourceOf(work, line), ...timesOf(work, section) };
  shorten(value);
  const schedule = sectionsOf(work.roots, "sla-schedule").filter(
    (each) => valueIn(each, "number") === number,
  );
  const isScheduled = schedule.length > 0;
  work.ledger.carried(...schedule);
  const notes = isScheduled ? [] : ["it is not scheduled on the router; here it always runs"];
  work.draft.sla.set(number, { value, from: [section], notes });
  return number;
}

function targetOf(work: Work, line: Section): Record<string, unknown> | undefined {
  const host = bracketed(valueIn(line, "host"));
  const target = rawTarget(line, host);
  if (target === undefined) {
    work.ledger.left(line, "probes of this kind have no equivalent");
    return undefined;
  }
  work.ledger.carried(line);
  const rest = valueIn(line, "rest");
  const isOwnService = /udp|tcp/.test(idOf(line)) && !/control\s+disable/i.test(rest);
  if (isOwnService)
    work.ledger.left(
      line,
      "carried over, but IOS agrees with an IP SLA responder on the port first, which nothing here does: it has to be open",
    );
  return target;
}

function rawTarget(line: Section, host: string): Record<string, unknown> | undefined {
  const place = `${host}:${valueIn(line, "port")}`;
  const rest = valueIn(line, "rest");
  switch (idOf(line)) {
    case "echo":
      return parseHost(valueIn(line, "host")) && { "icmp-echo": valueIn(line, "host") };
    case "icmp-jitter":
      return (
        parseHost(valueIn(line, "host")) && { "icmp-echo": valueIn(line, "host"), ...series(rest) }
      );
    case "tcp":
      return parseHostPort(place) && { "tcp-connect": place };
    case "udp":
      return parseHostPort(place) && { "udp-echo": place };
    case "udp-jitter":
      return parseHostPort(place) && { "udp-echo": place, ...series(rest) };
    case "dns": {
      const [server, name] = [parseIpAddress(valueIn(line, "server")), valueIn(line, "name")];
      return server && isDnsName(name) ? { dns: { server, name } } : undefined;
    }
    case "http":
      return parseWebUrl(valueIn(line, "url")) && { http: valueIn(line, "url") };
    default:
      return undefined;
  }
}

/** IOS: 10 packets, 20 ms apart, unless told otherwise. */
function series(rest: string): { readonly packets: number; readonly interval?: string } {
  const packets = Number(/num-packets\s+(\d{1,4})\b/i.exec(rest)?.[1] ?? 10);
  const interval = Number(/interval\s+(\d{1,5})\b/i.exec(rest)?.[1] ?? 20);
  const count = Math.min(1000, Math.max(1, packets));
  const isSeries = count > 1 && interval >= 1 && interval <= 60_000;
  return { packets: count, ...(isSeries && { interval: `${interval}ms` }) };
}

const bracketed = (host: string): string => (host.includes(":") ? `[${host}]` : host);

function sourceOf(work: Work, line: Section): { readonly "source-interface"?: string } {
  const text = `${valueIn(line, "source")} ${valueIn(line, "from")} ${valueIn(line, "rest")}`;
  const words = text.trim().split(/\s+/);
  const at = words.indexOf("source-interface");
  const named = at < 0 ? undefined : readInterfaceName(words.slice(at + 1));
  if (named) return { "source-interface": work.names.nameOf(named.name) };
  const address = words[words.findIndex((word) => /^source-ip/.test(word)) + 1];
  const owner = /source-ip/.test(text) ? interfaceWith(work, address ?? "") : undefined;
  if (owner !== undefined) return { "source-interface": work.names.nameOf(owner) };
  if (/source-i/.test(text))
    work.ledger.left(
      line,
      "carried over without its source, which is no interface of this configuration",
    );
  return {};
}

/** A series that takes longer than its timeout has fewer packets. */
function shorten(value: {
  packets?: unknown;
  interval?: unknown;
  timeout?: string;
  frequency: string;
}): void {
  if (typeof value.packets !== "number") return;
  const interval = Number.parseInt(String(value.interval ?? "20ms"), 10);
  const room = Number.parseInt(
    value.timeout ?? String(Math.min(5000, Number.parseInt(value.frequency, 10) * 1000)),
    10,
  );
  value.packets = Math.max(1, Math.min(value.packets, Math.ceil(room / interval)));
  if (value.packets === 1) delete value.interval;
}

/** The interface that has this address; undefined when none has. */
export function interfaceWith(work: Work, address: string): string | undefined {
  const wanted = parseIpAddress(address);
  const owner = sectionsOf(work.roots, "interface").find((section) =>
    section.children.some(
      (line) =>
        (idOf(line) === "address" && valueIn(line, "address") === wanted) ||
        (idOf(line) === "address6" &&
          parseIpAddress(valueIn(line, "prefix").split("/")[0] ?? "") === wanted),
    ),
  );
  return wanted && owner && valueIn(owner, "name");
}

/** Kept in order: threshold <= timeout <= frequency, and a series within its timeout. */
function timesOf(work: Work, section: Section) {
  const frequency =
    carriedNumber(work, lineOf(section, "frequency"), "seconds", [1, 604_800]) ?? 60;
  const asked = lineOf(section, "timeout");
  const timeout = carriedNumber(work, asked, "milliseconds", [10, frequency * 1000]);
  const longest = timeout ?? Math.min(5000, frequency * 1000);
  const line = lineOf(section, "threshold");
  const threshold = carriedNumber(work, line, "milliseconds", [1, Math.min(60_000, longest)]);
  return {
    frequency: `${frequency}s`,
    ...(timeout !== undefined && { timeout: `${timeout}ms` }),
    ...(threshold !== undefined && { threshold: `${threshold}ms` }),
  };
}
