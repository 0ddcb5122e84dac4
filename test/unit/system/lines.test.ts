import { expect, test } from "vitest";
import { systemPlan } from "#system/plan.ts";
import { load, withLines } from "../config/branch-files.ts";

test("the device that PPPoE runs over is set up under its own name, and the WAN it makes is behind the firewall", () => {
  const { resolved } = load(
    withLines(
      "end",
      `dialers: { dsl: { pppoe: { interface: eth1, username: u, password: "p" } } }\nsystem: { wan: [ { interface: wan0, dialer: dsl } ] }`,
    ),
  );
  const { system } = resolved;
  const plan = system && systemPlan(system, resolved);
  expect(plan?.links).toEqual([{ interface: "eth1", device: "eth1" }]);
  expect(plan?.firewall.wans).toEqual(["wan0"]);
  expect(plan?.services.map(({ name }) => name)).toEqual(["chronyd"]);
});
