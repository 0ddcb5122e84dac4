import { expect, test } from "vitest";
import { SETUP_ADDRESS, setupConfiguration } from "#intake/setup-configuration.ts";
import { setupPage } from "#intake/setup-page.ts";
import { load } from "../config/branch-files.ts";

const facts = {
  board: "raspberrypi",
  version: "0.5.0",
  outcome: { kind: "nothing", hints: [] },
  errors: [],
} as const;

test("a device with one port takes it as its LAN, and hands out no addresses beside another server", () => {
  const { system, web } = load(setupConfiguration(["dc:a6:32:01:02:03"])).resolved;
  expect(system?.wan).toEqual([]);
  expect(system?.lan).toMatchObject({
    devices: ["dc:a6:32:01:02:03"],
    address: `${SETUP_ADDRESS}/24`,
  });
  expect(system?.lan?.dhcp).toBeUndefined();
  expect(web.listen).toEqual([{ address: SETUP_ADDRESS, port: 80 }]);
});

test("a device with more ports divides them as it does without a system section", () => {
  expect(load(setupConfiguration(["eth0", "eth1"])).resolved.system).toBeUndefined();
  expect(load(setupConfiguration([])).resolved.system).toBeUndefined();
});

test("the page of a device without configuration says the steps that are missing", () => {
  expect(setupPage(facts)).toContain("Put config.yaml onto the partition FLEXSPOKE");
  expect(setupPage(facts)).toContain("Board raspberrypi, version 0.5.0");
});

test("what is wrong with a configuration is shown as text, whatever stands in it", () => {
  const outcome = {
    kind: "refused",
    errors: ["config.yaml:1:1: <script>alert(1)</script>"],
    hints: [],
  } as const;
  const page = setupPage({ ...facts, outcome });
  expect(page).toContain("config.yaml:1:1: &lt;script&gt;");
  expect(page).not.toContain("<script");
});
