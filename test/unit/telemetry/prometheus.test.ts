import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { parse } from "yaml";
import type { Endpoint, IpAddress } from "#lib/ip.ts";
import { exposition } from "#telemetry/prometheus/exposition.ts";
import { metrics } from "#telemetry/prometheus/metrics.ts";
import { startPrometheus } from "#telemetry/prometheus/reporter.ts";
import { ExampleBackend, silentLog } from "../api/example-backend.ts";
import { exampleState } from "../api/example-state.ts";
import { ask } from "../api/http.ts";

const docs = new URL("../../../docs/", import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, docs), "utf8");
const { text } = await exposition(exampleState);
const names = new Set(metrics.map(({ name }) => name));

test.each([
  'flexspoke_info{version="0.1.0",hostname="branch12"} 1',
  'flexspoke_client_up{client="hq"} 1',
  'flexspoke_client_up{client="backup"} 0',
  'flexspoke_client_state{client="backup",state="backoff"} 1',
  'flexspoke_client_peer_info{client="hq",peer="hub1.example.net",address="203.0.113.1",source="wan0"} 1',
  'flexspoke_client_rehearsal_works{client="hq",peer="hub2.example.net",source="wan0"} 0',
  'flexspoke_ipsec_sas{client="hq"} 2',
  'flexspoke_ipsec_replay_drops{client="hq"} 1',
  'flexspoke_sla_rtt_seconds{operation="hub1-echo"} 0.012345',
  'flexspoke_sla_loss_ratio{operation="portal"} 1',
  'flexspoke_dialer_connected{dialer="lte"} 1',
  "flexspoke_memory_bytes 58720256",
  "# TYPE flexspoke_track_changes_total counter",
])("the exposition has %s", (line) => {
  expect(text.split("\n")).toContain(line);
});

test("a probe without an answer has no round-trip time", () => {
  expect(text).not.toContain('flexspoke_sla_rtt_seconds{operation="portal"}');
});

test("what a hub or an operator named can't break the format", async () => {
  const [client] = Object.values(exampleState.clients);
  const odd = { ...exampleState, clients: { 'a"b\\c\nd': client! } };
  const { text: escaped } = await exposition(odd);
  expect(escaped).toContain('flexspoke_client_up{client="a\\"b\\\\c\\nd"} 1');
});

test.each(metrics.map((metric) => [metric.name, metric] as const))(
  "%s follows Prometheus's rules for names, and its samples have all of its labels",
  (name, { type, labels, help, samples }) => {
    expect(name).toMatch(/^flexspoke_[a-z]+(_[a-z]+)*$/);
    expect(name.endsWith("_total")).toBe(type === "counter");
    expect(help).toMatch(/^[A-Z0-9][^\n]*[^.]$/);
    for (const [labelled] of samples(exampleState))
      expect(Object.keys(labelled).sort()).toEqual([...labels].sort());
  },
);

const named = (source: string): readonly string[] =>
  [...new Set(source.match(/\bflexspoke_[a-z_]+/g))].sort();

test("every metric that the dashboard and the alert rules name exists", () => {
  for (const file of ["monitoring/grafana-dashboard.json", "monitoring/alerts.yaml"]) {
    expect(named(read(file)).length).toBeGreaterThan(5);
    expect(named(read(file)).filter((name) => !names.has(name))).toEqual([]);
  }
});

test("the dashboard is one that Grafana imports, every panel with a query of its own", () => {
  const dashboard = JSON.parse(read("monitoring/grafana-dashboard.json")) as {
    panels: { id: number; title: string; targets: { expr: string }[] }[];
  };
  expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  for (const { targets } of dashboard.panels)
    for (const { expr } of targets) expect(expr).toContain('instance=~"$instance"');
});

test("every alert says what is wrong and what to do", () => {
  const { groups } = parse(read("monitoring/alerts.yaml")) as {
    groups: { rules: { alert: string; expr: string; annotations: Record<string, string> }[] }[];
  };
  const rules = groups.flatMap((group) => group.rules);
  expect(rules.length).toBeGreaterThan(5);
  for (const { alert, expr, annotations } of rules) {
    expect(alert).toMatch(/^FlexSpoke[A-Za-z]+$/);
    expect(expr).not.toBe("");
    expect(Object.keys(annotations).sort()).toEqual(["description", "summary"]);
  }
});

test("the manual lists every metric", () => {
  const rows = metrics.map(
    ({ name, labels, help }) =>
      `| \`${name}\` | ${labels.map((label) => `\`${label}\``).join(" ")} | ${help} |`,
  );
  const [, listed = ""] =
    /<!-- metrics -->\n([\s\S]*)\n<!-- \/metrics -->/.exec(read("prometheus.md")) ?? [];
  expect(listed).toBe(["| metric | labels | what |", "| --- | --- | --- |", ...rows].join("\n"));
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test("a scraper needs no password, and finds nothing but the metrics", async () => {
  const listen: Endpoint = { address: "127.0.0.1" as IpAddress, port: await freePort() };
  const backend = new ExampleBackend();
  const context = { backend, log: silentLog };
  const reporter = await startPrometheus({ listen }, context);
  const target = { host: listen.address, port: listen.port };
  const { status, headers, bytes } = await ask(target, "/metrics");
  expect(status).toBe(200);
  expect(headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(String(bytes)).toBe(text);
  expect((await ask(target, "/api/v1/state")).status).toBe(404);
  expect((await ask(target, "/metrics", { method: "POST", body: "x" })).status).toBe(405);
  await expect(startPrometheus({ listen }, context)).rejects.toThrow(
    `can't listen on 127.0.0.1:${listen.port} (change prometheus.listen)`,
  );
  await reporter.close();
});
