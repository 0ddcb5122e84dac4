/**
 * Turns a hub's name into addresses. It asks as every program of the machine asks (getaddrinfo), so that /etc/hosts,
 * mDNS, a local resolver and a resolv.conf rewritten by DHCP all count; a resolver of our own would see only some of
 * them. It keeps no answer: every call asks anew. Source: getaddrinfo(3), RFC 6724
 */
import { lookup } from "node:dns";
import type { Duration } from "#lib/duration.ts";
import { type IpAddress, parseIpAddress } from "#lib/ip.ts";
import { failed, ok, type Result } from "#lib/result.ts";

export interface DnsFault {
  readonly code: "dns.not-found" | "dns.server-unreachable" | "dns.timeout";
  /** What could not be done, in words. */
  readonly what: string;
  readonly errno: string;
  readonly remedy: string;
}

/** As `ResolvedPeer` has it; `dynamic` takes both in the order of RFC 6724. */
export type NameFamily = "ipv4" | "ipv6" | "dynamic";

interface Question {
  readonly name: string;
  readonly family: NameFamily;
  /** The resolver gives up by its own rules, often later; its answer is then no longer waited for. */
  readonly timeout: Duration;
}

/** Addresses of a name, best first, never an empty list. */
export function resolveName(question: Question): Promise<Result<readonly IpAddress[], DnsFault>> {
  return new Promise((resolve) => {
    const timer = setTimeout(
      () => resolve(failed(dnsFault(question, "ETIMEDOUT"))),
      question.timeout,
    );
    void ask(question).then((answer) => {
      clearTimeout(timer);
      resolve(answer);
    });
  });
}

/**
 * Questions that the resolver still works on. A question asked again meanwhile waits for the same answer: with a dead
 * server each one blocks a thread of Node's pool of four for up to half a minute, and file access waits behind them.
 */
const open = new Map<string, Promise<Result<readonly IpAddress[], DnsFault>>>();

function ask(question: Question): Promise<Result<readonly IpAddress[], DnsFault>> {
  const key = `${question.family} ${question.name}`;
  const asked = open.get(key);
  if (asked !== undefined) return asked;
  const answer = askResolver(question);
  open.set(key, answer);
  void answer.then(() => open.delete(key));
  return answer;
}

function askResolver(question: Question): Promise<Result<readonly IpAddress[], DnsFault>> {
  const family = { ipv4: 4, ipv6: 6, dynamic: 0 }[question.family];
  return new Promise((resolve) => {
    lookup(question.name, { all: true, family, order: "verbatim" }, (error, entries) => {
      if (error) return resolve(failed(dnsFault(question, error.code ?? "EAI_FAIL")));
      const addresses = entries
        .map(({ address }) => parseIpAddress(address))
        .filter((address) => address !== undefined);
      resolve(
        addresses.length === 0
          ? failed(dnsFault(question, "ENOTFOUND"))
          : ok([...new Set(addresses)]),
      );
    });
  });
}

/** @param errno `ETIMEDOUT`, or what getaddrinfo said: `ENOTFOUND`, `EAI_AGAIN`, … */
export function dnsFault({ name, family, timeout }: Question, errno: string): DnsFault {
  if (errno === "ETIMEDOUT") {
    return {
      code: "dns.timeout",
      what: `no answer about ${name} within ${timeout / 1_000} s`,
      errno,
      remedy: "check the uplink and the name servers in /etc/resolv.conf",
    };
  }
  if (errno === "ENOTFOUND") {
    const kind =
      family === "dynamic" ? "address" : `${family === "ipv4" ? "IPv4" : "IPv6"} address`;
    return {
      code: "dns.not-found",
      what: `the name ${name} has no ${kind}`,
      errno,
      remedy: "correct the peer's fqdn or its family, or add the name to DNS or /etc/hosts",
    };
  }
  return {
    code: "dns.server-unreachable",
    what: `the name servers gave no answer about ${name} (${errno})`,
    errno,
    remedy: "check the uplink and the name servers in /etc/resolv.conf",
  };
}
