/** Network namespaces of a test's own, and a way to run code of this process inside one. */
import { execFileSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import koffi from "koffi";

/** A set of namespaces with a common prefix; removed as a whole. */
export class Namespaces {
  readonly #prefix: string;
  readonly #names: string[] = [];

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Makes a namespace with its loopback up. @returns its full name. */
  add(name: string): string {
    const full = `${this.#prefix}${name}`;
    remove(full);
    ip("netns", "add", full);
    this.#names.push(full);
    ip("-n", full, "link", "set", "lo", "up");
    return full;
  }

  /** Joins two namespaces by a cable; each end has the addresses given, IPv6 ones usable at once. */
  link(a: CableEnd, b: CableEnd): void {
    const peer = ["peer", "name", b.device, "netns", b.namespace];
    ip("-n", a.namespace, "link", "add", a.device, "type", "veth", ...peer);
    for (const { namespace, device, addresses } of [a, b]) {
      for (const address of addresses) {
        const flags = address.includes(":") ? ["nodad"] : [];
        ip("-n", namespace, "address", "add", address, "dev", device, ...flags);
      }
      ip("-n", namespace, "link", "set", device, "up");
    }
  }

  removeAll(): void {
    for (const name of this.#names.splice(0)) remove(name);
  }
}

export interface CableEnd {
  readonly namespace: string;
  readonly device: string;
  readonly addresses: readonly string[];
}

/** Runs `ip` and gives its output. @throws when it fails. */
export function ip(...argv: readonly string[]): string {
  return execFileSync("ip", argv, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** Runs a program in a namespace. @returns its exit status and output. */
export function runIn(namespace: string, ...argv: readonly string[]): string {
  return execFileSync("ip", ["netns", "exec", namespace, ...argv], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/**
 * Runs `act` with this thread in the namespace: sockets made and programs started meanwhile belong there and stay there.
 * Only one such call at a time.
 */
export async function inside<Value>(
  namespace: string,
  act: () => Value | Promise<Value>,
): Promise<Value> {
  const home = openSync("/proc/thread-self/ns/net", "r");
  const away = openSync(`/run/netns/${namespace}`, "r");
  enter(away);
  try {
    return await act();
  } finally {
    enter(home);
    closeSync(away);
    closeSync(home);
  }
}

function enter(descriptor: number): void {
  if (setns(descriptor, CLONE_NEWNET) !== 0) throw new Error("could not enter the namespace");
}

function remove(name: string): void {
  try {
    ip("netns", "delete", name);
  } catch {
    // There was none.
  }
}

const CLONE_NEWNET = 0x4000_0000;
// setns(2)
const setns: (descriptor: number, kind: number) => number = koffi
  .load("libc.so.6")
  .func("int setns(int descriptor, int kind)");
