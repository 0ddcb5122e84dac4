import { createPrivateKey } from "node:crypto";
import { expect, test } from "vitest";
import { renderResolved } from "#config/render.ts";
import type { WallClock } from "#lib/duration.ts";
import { minutes, seconds } from "#lib/duration.ts";
import { makeRoot } from "#test/support/pki.ts";
import { type BranchFile, check, load, pskFiles, withLines } from "./branch-files.ts";

const root = makeRoot({ subject: "CN=Root" });
const leaf = root.issue({ subject: "CN=branch12" });
const old = makeRoot({ subject: "CN=Old", notAfter: "2021-01-01" });
const files: Readonly<Record<string, string | BranchFile>> = {
  ...pskFiles,
  "/etc/flexspoke/secrets/mqtt": "correct-horse\n",
  "/etc/flexspoke/pki/mqtt-ca.pem": root.pem,
  "/etc/flexspoke/pki/old.pem": old.pem,
  "/etc/flexspoke/pki/branch12.pem": leaf.pem,
  "/etc/flexspoke/pki/branch12.key": leaf.keyPem,
};
const now = Date.parse("2026-11-24") as WallClock;
const mqtt = (keys: string): string => withLines("end", `mqtt: { ${keys} }`);
const told = (keys: string) => check(mqtt(keys), { files, now });

test("a broker's address is all that is needed", () => {
  const { resolved } = load(mqtt("url: mqtt://broker.example.net"), { files });
  expect(resolved.mqtt).toEqual({
    host: { kind: "name", name: "broker.example.net" },
    port: 1883,
    clientId: "branch12",
    prefix: "flexspoke",
    keepalive: seconds(30),
    metricsInterval: seconds(30),
    spoolBytes: 8 * 2 ** 20,
    commands: [],
  });
});

test("the section of the manual becomes what the reporter works with", () => {
  const { resolved } = load(
    mqtt(`url: "mqtts://[2001:db8::1]:8884", client-id: twelve, ca: pki/mqtt-ca.pem,
  certificate: pki/branch12.pem, key: { file: pki/branch12.key }, username: branch12,
  password: { file: secrets/mqtt }, via: hq, prefix: sites/north, metrics-interval: 5m,
  spool: { max: 64KiB }, home-assistant: true, commands: [ connect, track, connect ]`),
    { files },
  );
  const { tls, password, ...rest } = resolved.mqtt ?? {};
  expect(rest).toMatchObject({
    host: { kind: "address", address: "2001:db8::1" },
    port: 8884,
    clientId: "twelve",
    username: "branch12",
    via: "hq",
    prefix: "sites/north",
    metricsInterval: minutes(5),
    spoolBytes: 65_536,
    homeAssistant: { prefix: "homeassistant" },
    commands: ["connect", "track"],
  });
  expect(new TextDecoder().decode(password?.reveal())).toBe("correct-horse");
  expect(tls?.authorities?.map((der) => new Uint8Array(der))).toEqual([new Uint8Array(root.der)]);
  expect(tls?.own?.key.equals(createPrivateKey(leaf.keyPem))).toBe(true);
});

test("without a ca, those that everybody trusts may have issued the broker's certificate", () => {
  expect(load(mqtt("url: mqtts://broker.example.net"), { files }).resolved.mqtt?.tls).toEqual({});
});

test("commands: true allows all of them, false none", () => {
  const { commands } = load(mqtt("url: mqtt://b.example.net, commands: true"), { files }).resolved
    .mqtt ?? { commands: [] };
  expect(commands).toContain("diagnose");
  expect(commands).toContain("track");
});

test("a section that is empty is no section", () => {
  expect(load(withLines("end", "mqtt:"), { files }).resolved).not.toHaveProperty("mqtt");
});

test("password and key are never shown", () => {
  const { complete } = load(mqtt("url: mqtts://b.example.net, username: u, password: hunter2"), {
    files,
  });
  expect(renderResolved(complete)).not.toContain("hunter2");
  expect(renderResolved(complete)).toContain("password: •••");
});

test.each([
  ["url: mqtts://u:hunter2@b.example.net", "mqtt.url: not a broker's address"],
  ["url: http://b.example.net", "mqtt.url: not a broker's address"],
  ["url: mqtt://b.example.net/path", "mqtt.url: not a broker's address"],
  ["url: mqtt://b.example.net:70000", "mqtt.url: not a broker's address"],
  ["prefix: a", "mqtt.url: is required"],
  ["url: mqtt://b.example.net, prefix: a/+/b", "mqtt.prefix: not usable here"],
  ["url: mqtt://b.example.net, prefix: $SYS", "mqtt.prefix: not usable here"],
  ["url: mqtt://b.example.net, client-id: a/b", "mqtt.client-id: not usable here"],
  ["url: mqtt://b.example.net, via: hub", "mqtt.via: no client has this name (any, hq)"],
  ["url: mqtt://b.example.net, ca: pki/mqtt-ca.pem", "mqtt.ca: the connection is in clear"],
  ["url: mqtt://b.example.net, password: hunter2", "mqtt.password: goes with a username"],
  [
    "url: mqtts://b.example.net, ca: pki/none.pem",
    "mqtt.ca: file /etc/flexspoke/pki/none.pem does",
  ],
  ["url: mqtts://b.example.net, ca: [ pki/mqtt-ca.pem, pki/no.pem ]", "mqtt.ca[1]: file"],
  [
    "url: mqtts://b.example.net, certificate: pki/branch12.pem",
    "mqtt: certificate and key go together",
  ],
  [
    "url: mqtts://b.example.net, certificate: pki/mqtt-ca.pem, key: { file: pki/branch12.key }",
    "mqtt.key: the key does not fit the certificate",
  ],
  ["url: mqtt://b.example.net, metrics-interval: 10ms", "mqtt.metrics-interval: "],
  ["url: mqtt://b.example.net, spool: { max: 1KiB }", "mqtt.spool.max: too small (at least 64KiB)"],
  ["url: mqtt://b.example.net, commands: [ reboot ]", "mqtt.commands[0]: not one of the known"],
  ["url: mqtt://b.example.net, qos: 2", "mqtt.qos: unknown key (known here: url, client-id"],
])("%s is refused where it stands", (keys, expected) => {
  const { errors } = told(keys);
  expect(errors).toHaveLength(1);
  expect(errors[0]).toContain(expected);
  expect(errors[0]).not.toContain("hunter2");
});

test("an authority that has expired and a password in clear are warned of", () => {
  expect(told("url: mqtts://b.example.net, ca: pki/old.pem").warnings[0]).toContain(
    "the certificate expired on",
  );
  const { warnings } = told("url: mqtt://b.example.net, username: u, password: hunter2");
  expect(warnings[0]).toContain("the password travels in clear");
  expect(
    told("url: mqtt://b.example.net, username: u, password: hunter2, via: hq").warnings,
  ).toEqual([]);
});
