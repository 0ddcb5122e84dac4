import { expect, test } from "vitest";
import { exampleSlaHistory } from "#test/unit/api/example-sla.ts";
import { exampleState } from "#test/unit/api/example-state.ts";
import { concerns, glanceAt, glanceAtBranch } from "#web/model/glance.ts";
import { peerWays } from "#web/model/peer-ways.ts";
import { probeSeries, resultMarks } from "#web/model/probe-series.ts";
import { rehearsalMatrix } from "#web/model/rehearsal-matrix.ts";

const { hq, backup } = exampleState.clients as Required<typeof exampleState.clients>;

test("a client that is up with a fault is not told as one that is well", () => {
  expect(glanceAt(hq!)).toMatchObject({ tone: "good", headline: "Connected" });
  expect(glanceAt({ ...hq!, "reason-code": "kernel.refused" })).toMatchObject({
    tone: "wait",
    headline: "Connected, with a fault",
  });
});

test("the branch is as its worst client, but those that nobody wants", () => {
  expect(glanceAtBranch(exampleState)).toMatchObject({
    tone: "bad",
    detail: "1 of 2 clients connected",
  });
  const clients = { hq: hq!, backup: { ...backup!, state: "idle" as const } };
  expect(glanceAtBranch({ ...exampleState, clients })).toMatchObject({ tone: "good" });
});

test("a backup that would not work and what the kernel lacks need attention", () => {
  expect(concerns(exampleState).map(({ view }) => view)).toContain("system");
  expect(concerns(exampleState).map(({ text }) => text)).toContainEqual(
    expect.stringMatching(/^hub2\.example\.net from wan0 would not work if hq needed it/),
  );
});

test("each peer is told by what it is to the client now", () => {
  expect(peerWays(hq!).map(({ host, use }) => [host, use])).toEqual([
    ["hub1.example.net", "in-use"],
    ["hub2.example.net", "held"],
    ["203.0.113.7", "standby"],
  ]);
  expect(peerWays(backup!)[0]).toMatchObject({ use: "spare", detail: "AUTHENTICATION_FAILED" });
});

test("a lost run leaves a gap in the line and a bar of loss", () => {
  const { rtt, loss, jitter } = probeSeries(exampleSlaHistory, "latest");
  expect(rtt).toEqual([null, 11.5, 12.345]);
  expect(loss).toEqual([100, 0, 0]);
  expect(jitter.map((value) => value && Math.round(value * 1_000))).toEqual([null, null, 845]);
});

test("a minute shows its average between its fastest and its slowest run", () => {
  const series = probeSeries(exampleSlaHistory, "hours");
  expect([series.low, series.rtt, series.high]).toEqual([[11], [12.1], [13]]);
  expect(series.loss[0]).toBeCloseTo(1.67);
});

test("the latest runs are marks, the newest last", () => {
  expect(resultMarks(exampleSlaHistory, 2).map(({ tone, text }) => [tone, text])).toEqual([
    ["good", "11.5 ms"],
    ["good", "12.345 ms"],
  ]);
});

test("a rehearsal is a matrix of peers and sources, with holes where nothing was tried", () => {
  const way = { at: "2026-11-24T02:10:00.000Z", milliseconds: 1, works: true };
  const matrix = rehearsalMatrix([
    { ...way, seq: 10, host: "hub1", source: "wan0" },
    { ...way, seq: 10, host: "hub1", source: "wwan0" },
    { ...way, seq: 20, host: "hub2", source: "wan0", works: false },
  ]);
  expect(matrix.sources).toEqual(["wan0", "wwan0"]);
  expect(matrix.rows.map(({ cells }) => cells.map((cell) => cell?.works))).toEqual([
    [true, true],
    [false, undefined],
  ]);
});
