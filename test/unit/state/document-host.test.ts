import { expect, test } from "vitest";
import { readCpuTicks, readInterfaces, readMemory } from "#state/document-host.ts";

test("idle ticks and waiting for a disk are not busy, and guests count once", () => {
  const text = "cpu  100 5 50 800 40 1 4 0 30 0\ncpu0 50 2 25 400 20 0 2 0 15 0\n";
  expect(readCpuTicks(text)).toEqual({ idle: 840, all: 1_000 });
});

test("memory is bytes", () => {
  const text = "MemTotal:        1024 kB\nMemFree: 1 kB\nMemAvailable:     512 kB\n";
  expect(readMemory(text)).toEqual({ total: 1_048_576, available: 524_288 });
});

test("every interface but the loopback has its counters, in their own columns", () => {
  const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0
  wan0:9876543210 20 3 4 0 0 0 0 500 6 7 8 0 0 0 0
`;
  expect(readInterfaces(text)).toEqual({
    wan0: {
      "bytes-in": 9_876_543_210,
      "bytes-out": 500,
      "packets-in": 20,
      "packets-out": 6,
      "errors-in": 3,
      "errors-out": 7,
      "drops-in": 4,
      "drops-out": 8,
    },
  });
});

test("what can't be read is nothing, not a fault", () => {
  expect(readCpuTicks("")).toEqual({ idle: 0, all: 0 });
  expect(readMemory("")).toEqual({ total: 0, available: 0 });
  expect(readInterfaces("")).toEqual({});
});
