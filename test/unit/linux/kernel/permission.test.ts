import { expect, test } from "vitest";
import { permissionFault } from "#linux/kernel/permission.ts";

const status = (effective: string) =>
  `Name:\tnode\nUid:\t0\t0\t0\t0\nCapPrm:\t000001ffffffffff\nCapEff:\t${effective}\n`;

test("root may do everything", () => {
  expect(permissionFault(status("000001ffffffffff"))).toBeUndefined();
});

test("the two capabilities that are needed suffice", () => {
  expect(permissionFault(status("0000000000001400"))).toBeUndefined();
});

test("a process without any is told which it lacks and what for", () => {
  expect(permissionFault(status("0000000000000000"))).toMatchObject({
    code: "kernel.permission",
    what: expect.stringMatching(/CAP_NET_ADMIN and CAP_NET_BIND_SERVICE.*open UDP port 500/),
    remedy: expect.stringContaining("AmbientCapabilities=CAP_NET_ADMIN CAP_NET_BIND_SERVICE"),
  });
});

test("one that is missing is named alone", () => {
  expect(permissionFault(status("0000000000000400"))?.what).toMatch(/lacks CAP_NET_ADMIN:/);
});
