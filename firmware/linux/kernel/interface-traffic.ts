/** What interfaces carried since they exist. Source: sysfs-class-net-statistics */
import { readFileSync } from "node:fs";

/** Bytes both ways. @returns undefined when there is no such interface. */
export function readTraffic(
  name: string,
): { readonly received: number; readonly sent: number } | undefined {
  const counters = readCounters(name);
  return counters && { received: counters["bytes-in"], sent: counters["bytes-out"] };
}

/** Bytes and errors both ways. @returns undefined when there is no such interface. */
export function readCounters(name: string):
  | {
      readonly "bytes-in": number;
      readonly "bytes-out": number;
      readonly "errors-in": number;
      readonly "errors-out": number;
    }
  | undefined {
  try {
    const read = (counter: string) =>
      Number(readFileSync(`/sys/class/net/${name}/statistics/${counter}`, "utf8"));
    return {
      "bytes-in": read("rx_bytes"),
      "bytes-out": read("tx_bytes"),
      "errors-in": read("rx_errors"),
      "errors-out": read("tx_errors"),
    };
  } catch {
    // It may go while it is looked at.
    return undefined;
  }
}
