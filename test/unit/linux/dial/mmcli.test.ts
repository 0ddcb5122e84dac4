/** What mmcli prints comes from test/vectors/mmcli: its form is mmcli's, no modem stood behind it. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { parseLease } from "#linux/dial/dhcp.ts";
import { mmcliFault } from "#linux/dial/mmcli-fault.ts";
import { parseBearer, parseModem } from "#linux/dial/mmcli-output.ts";

const vector = (name: string): string =>
  readFileSync(path.resolve(import.meta.dirname, `../../../vectors/mmcli/${name}.json`), "utf8");

test("a modem shows its state and its bearers", () => {
  expect(parseModem(vector("modem"))).toEqual({
    state: "connected",
    bearers: ["/org/freedesktop/ModemManager1/Bearer/0", "/org/freedesktop/ModemManager1/Bearer/1"],
  });
});

test("a connected bearer shows its interface and the addresses of both families", () => {
  expect(parseBearer(vector("bearer-static"))).toEqual({
    isConnected: true,
    interface: "wwan1",
    ipv4: {
      method: "static",
      address: "100.64.7.9",
      prefixLength: 30,
      gateway: "100.64.7.10",
      dns: ["192.0.2.61", "192.0.2.62"],
      mtu: 1430,
    },
    ipv6: {
      method: "static",
      address: "2001:db8:64::9",
      prefixLength: 64,
      gateway: "2001:db8:64::1",
      dns: ["2001:db8::61"],
      mtu: 1430,
    },
  });
});

test("what mmcli does not know is left out", () => {
  expect(parseBearer(vector("bearer-old"))).toEqual({ isConnected: false });
  expect(parseBearer(vector("bearer-dhcp"))).toEqual({
    isConnected: true,
    interface: "wwan2",
    ipv4: { method: "dhcp", dns: [] },
  });
});

test.each(["", "error: couldn't find modem", "[]", "{}", '{"modem":7}', '{"bearer":null}', "null"])(
  "%j is neither a modem nor a bearer",
  (text) => {
    expect(parseModem(text)).toBeUndefined();
    expect(parseBearer(text)).toBeUndefined();
  },
);

const dbus = "error: couldn't connect the modem: 'GDBus.Error:org.freedesktop.ModemManager1.Error";

test.each([
  ["error: couldn't find modem", "dial.no-modem", true],
  [
    "error: couldn't create manager: GDBus.Error:org.freedesktop.DBus.Error.ServiceUnknown: The name org.freedesktop.ModemManager1 was not provided by any .service files",
    "dial.no-modem-manager",
    false,
  ],
  ["error: couldn't connect the modem: 'Timeout was reached'", "dial.modem-silent", true],
  [`${dbus}.MobileEquipment.SimPin: SIM PIN required'`, "dial.sim-locked", false],
  [
    `${dbus}.MobileEquipment.ServiceOptionNotSubscribed: Requested service option not subscribed'`,
    "dial.authentication-failed",
    false,
  ],
  [`${dbus}.MobileEquipment.NoNetwork: No network service'`, "dial.no-network", undefined],
])("%j is told as %s", (complaint, code, isModemFault) => {
  expect(mmcliFault(complaint)).toMatchObject({ code });
  expect(mmcliFault(complaint).isModemFault).toBe(isModemFault);
});

test("a complaint that nobody foresaw is told in ModemManager's own words", () => {
  expect(mmcliFault(`${dbus}.Core.WrongState: modem in initializing state'`)).toMatchObject({
    code: "dial.modem-refused",
    message: "ModemManager: modem in initializing state",
  });
  expect(mmcliFault("").message).toBe("ModemManager: no reason given");
});

test("a lease of DHCP is read from what the client's script tells", () => {
  expect(parseLease("lease bound 100.64.8.2 24 [100.64.8.1 100.64.8.9] [192.0.2.71]")).toEqual({
    address: "100.64.8.2",
    prefixLength: 24,
    gateway: "100.64.8.1",
    dns: ["192.0.2.71"],
  });
  expect(parseLease("lease renew 100.64.8.2 24 [] []")).toEqual({
    address: "100.64.8.2",
    prefixLength: 24,
    dns: [],
  });
  for (const line of [
    "lease deconfig",
    "udhcpc: started, v1.35.0",
    "lease bound nonsense 24 [] []",
  ])
    expect(parseLease(line)).toBeUndefined();
});
