import { expect, test } from "vitest";
import { withoutConsequences } from "#daemon/kernel-faults.ts";
import type { DataPlaneFault } from "#dataplane/port.ts";

const permission: DataPlaneFault = {
  code: "kernel.permission",
  what: "this process lacks CAP_NET_ADMIN",
  remedy: "run the daemon as root",
};
const refused: DataPlaneFault = { ...permission, what: "could not listen to the kernel" };

test("a process without permission is told so once, not for each thing that it can't do", () => {
  expect(withoutConsequences([refused, permission, refused], permission)).toEqual([permission]);
});

test("a lack of permission hides nothing that has another cause or concerns a client", () => {
  const others = [
    { ...permission, code: "kernel.module-missing" },
    { ...refused, tunnel: "Tunnel0" },
  ] as const satisfies readonly DataPlaneFault[];
  expect(withoutConsequences(others, permission)).toEqual(others);
});

test("what the kernel refuses to a process with every permission is told", () => {
  expect(withoutConsequences([refused], undefined)).toEqual([refused]);
});
