import { expect, test } from "vitest";
import { diffConfig } from "#config/diff.ts";
import { configJsonSchema } from "#config/json-schema.ts";
import { renderConfig, renderResolved } from "#config/render.ts";
import { fileSchema } from "#config/schema.ts";
import { secret } from "#config/schema-scalars.ts";
import { secretPaths } from "#config/secret-paths.ts";
import { load, plantedSecret, shortConfig, withLines } from "./branch-files.ts";

const literalSecret = shortConfig.replaceAll("{ file: secrets/hq.psk }", plantedSecret);

test("the file as written has its secrets masked and nothing added", () => {
  expect(renderConfig(load(literalSecret).written)).toBe(`ikev2:
  profiles:
    hq:
      local:
        identity: fqdn:branch12.example.net
        authentication: psk
        psk: •••
      remote:
        identity: fqdn:hub.example.net
        authentication: psk
        psk: •••
clients:
  hq:
    peers:
      - fqdn: hub1.example.net
      - fqdn: hub2.example.net
    inside:
      - br-lan
`);
});

test("where a secret is kept is shown", () => {
  expect(renderConfig(load(shortConfig).written)).toContain("psk:\n          file: secrets/hq.psk");
});

test("comments are left out: they could hold an old secret", () => {
  const text = `# was ${plantedSecret}\n${shortConfig}`;
  expect(renderConfig(load(text).written)).not.toContain(plantedSecret);
});

test("the resolved file has every default and no secret", () => {
  const text = renderResolved(load(literalSecret).complete);
  expect(text).not.toContain(plantedSecret);
  for (const line of [
    "hostname: branch12",
    "lifetime: 24h",
    "kill-switch: true",
    "tunnel: Tunnel0",
    "seq: 20",
    "replay-window: 512",
    "- 127.0.0.1:8080",
  ])
    expect(text).toContain(line);
});

test.each([
  shortConfig,
  withLines("client", "source: [ { interface: wan0 } ]\nroutes: { accept: false }"),
  withLines(
    "end",
    "tunnels: { t: { address: 10.0.0.7/24, mtu: 1380, tcp-mss: 1200 } }\nipsec: { profiles: { x: { pfs: [ecp384], lifetime: { bytes: off } } } }",
  ),
  withLines("profile", "fragmentation: false\nconfig-exchange: { request: [ipv6] }"),
  shortConfig.replace(/ {6}remote: .*\n/, ""),
])("the resolved file means the same as the file it came from: %#", (text) => {
  const before = load(text);
  const after = load(renderResolved(before.complete));
  expect(diffConfig(before.resolved, after.resolved).isEmpty).toBe(true);
  expect(renderResolved(after.complete)).toBe(renderResolved(before.complete));
});

test("every secret of the schema is in the table that masking goes by", () => {
  const found: string[] = [];
  const walk = (schema: unknown, path: readonly string[]): void => {
    if (schema === secret) found.push(path.join("."));
    const { innerType, valueType, element, shape, options } = (
      schema as { _zod: { def: Record<string, unknown> } }
    )._zod.def as Record<"innerType" | "valueType" | "element", unknown> & {
      shape?: Record<string, unknown>;
      options?: readonly unknown[];
    };
    if (innerType) walk(innerType, path);
    if (valueType) walk(valueType, [...path, "*"]);
    if (element) walk(element, [...path, "*"]);
    for (const [key, value] of Object.entries(shape ?? {})) walk(value, [...path, key]);
    for (const option of options ?? []) walk(option, path);
  };
  walk(fileSchema, []);
  expect(found.sort()).toEqual(secretPaths.map((path) => path.join(".")).sort());
});

test("the JSON Schema is one of draft 2020-12 that refuses unknown keys and shows defaults", () => {
  const schema = configJsonSchema() as Record<string, unknown>;
  expect(schema).toMatchObject({
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    additionalProperties: false,
    properties: { web: { properties: { listen: { default: ["127.0.0.1:8080"] } } } },
  });
  expect(Object.keys(schema["properties" as const] as object)).toEqual([
    "hostname",
    "pki",
    "ikev2",
    "ipsec",
    "tunnels",
    "track",
    "sla",
    "clients",
    "dialers",
    "snmp",
    "change-guard",
    "mqtt",
    "syslog",
    "web",
    "prometheus",
    "system",
  ]);
  expect(schema).not.toHaveProperty("required");
});
