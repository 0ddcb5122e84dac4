import { expect, test } from "vitest";
import { check, load, withLines } from "./branch-files.ts";

const dsl = `dsl: { pppoe: { interface: eth1, username: u, password: "secret-of-pppoe" } }`;
const branch = (wan: string, dialers = `{ ${dsl} }`) =>
  withLines("end", `dialers: ${dialers}\nsystem:\n  wan: ${wan}`);
const errors = (text: string) => check(text).errors.join("\n");

test("a WAN over PPPoE is dialled at all times, under the WAN's name and with its rank", () => {
  const { dialers, system } = load(
    branch("[ { interface: wan0, device: eth0 }, { interface: wan1, dialer: dsl } ]"),
  ).resolved;
  expect(dialers["dsl"]).toMatchObject({ interface: "wan1", demand: "always", metric: 200 });
  expect(system?.wan[1]).toEqual({ interface: "wan1", address: { kind: "dialer" }, metric: 200 });
});

test("a WAN that a client dials as its backup is dialled on demand alone", () => {
  const text = branch("[ { interface: wan1, dialer: dsl } ]").replace(
    "    inside:",
    "    dialer: dsl\n    inside:",
  );
  expect(load(text).resolved.dialers["dsl"]).toMatchObject({ interface: "wan1", metric: 100 });
  expect(load(text).resolved.dialers["dsl"]?.demand).toBeUndefined();
});

test("what the dialer itself says stands", () => {
  const own = `{ dsl: { pppoe: { interface: eth1, username: u, password: "p" }, interface: wan1, metric: 7, demand: always } }`;
  expect(
    load(branch("[ { interface: wan1, dialer: dsl } ]", own)).resolved.dialers["dsl"],
  ).toMatchObject({ interface: "wan1", metric: 7, demand: "always" });
});

test("a dialer that makes no WAN has the rank behind all others", () => {
  expect(load(branch("[]")).resolved.dialers["dsl"]).toMatchObject({
    metric: 4096,
    interface: "ppp-dsl",
  });
});

test.each([
  [
    branch(
      "[ { interface: wan1, dialer: dsl } ]",
      `{ dsl: { pppd: { peer: p }, interface: ppp7 } }`,
    ),
    "system.wan[0].interface: dialer dsl makes ppp7",
  ],
  [
    branch("[ { interface: wan1, device: eth1, dialer: dsl } ]"),
    "system.wan[0].device: the dialer says its device",
  ],
  [
    branch("[ { interface: wan0, device: eth1 }, { interface: wan1, dialer: dsl } ]"),
    "dialers.dsl.pppoe.interface: is called wan0 here",
  ],
])("what does not fit together is refused (%#)", (text, message) => {
  expect(errors(text)).toContain(message);
});
