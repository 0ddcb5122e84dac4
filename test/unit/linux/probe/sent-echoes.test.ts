import { expect, test } from "vitest";
import { rangeWith } from "#linux/probe/ping-permission.ts";
import { probeFailure } from "#linux/probe/probe-fault.ts";
import { SentEchoes } from "#linux/probe/sent-echoes.ts";
import type { ProbeId } from "#sla/probe.ts";

const id = (value: number): ProbeId => value as ProbeId;

test("an answer is taken once, and only by the packet it belongs to", () => {
  const echoes = new SentEchoes();
  const sequence = echoes.nextSequence(0);
  const echo = { id: id(5), packet: 0, sentAt: 0, expiresAt: 100 };
  echoes.add(sequence, echo);
  expect(echoes.take(sequence, 6, 0)).toBeUndefined();
  expect(echoes.take(sequence, 5, 1)).toBeUndefined();
  expect(echoes.take(sequence, 5, 0)).toBe(echo);
  expect(echoes.take(sequence, 5, 0)).toBeUndefined();
});

test("what nobody answers is forgotten, however long it goes on", () => {
  const echoes = new SentEchoes();
  for (let now = 0; now < 200_000; now++) {
    const sequence = echoes.nextSequence(now);
    echoes.add(sequence, { id: id(now), packet: 0, sentAt: now, expiresAt: now + 500 });
  }
  expect(echoes.size).toBeLessThanOrEqual(501);
});

test("numbers in use are not given again while there are others; then the oldest gives way", () => {
  const echoes = new SentEchoes();
  for (let count = 0; count < 70_000; count++) {
    const sequence = echoes.nextSequence(0);
    echoes.add(sequence, { id: id(count), packet: 0, sentAt: 0, expiresAt: 1_000 });
  }
  expect(echoes.size).toBeLessThan(65_536);
  expect(echoes.take(69_999 & 0xffff, 69_999, 0)).toBeDefined();
});

test.each([
  ["1\t0\n", 0, "0 0"],
  ["1\t0\n", 1000, "1000 1000"],
  ["0\t2147483647\n", 0, undefined],
  ["100\t200\n", 0, "0 200"],
  ["100\t200\n", 300, "100 300"],
])("the range %j is opened for group %i by writing %s", (text, group, written) => {
  expect(rangeWith(text, group)).toBe(written);
});

test.each([
  ["ENETUNREACH", "no-connection", "there is no route to 10.0.0.1 by wan0"],
  ["ECONNREFUSED", "no-connection", "10.0.0.1 refuses the connection"],
  ["EMFILE", "busy", "this machine is out of sockets or buffers (EMFILE)"],
  ["EWEIRD", "no-connection", "10.0.0.1 could not be probed by wan0 (EWEIRD)"],
])("%s is %s in words", (errno, code, reason) => {
  expect(probeFailure(errno, { target: "10.0.0.1", device: "wan0" })).toEqual({ code, reason });
});
