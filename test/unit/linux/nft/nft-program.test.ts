import { expect, test } from "vitest";
import { nftFault } from "#linux/nft/nft-program.ts";

// Complaints as nft 1.0.6 prints them.
test.each([
  [
    "internal:0:0-0: Error: Could not process rule: Operation not permitted\n",
    "kernel.permission",
    "could not change the firewall: Could not process rule: Operation not permitted",
  ],
  [
    "internal:0:0-0: Error: Could not process rule: No such file or directory\n",
    "kernel.module-missing",
    "could not change the firewall: Could not process rule: No such file or directory",
  ],
  [
    "internal:0:0-0: Error: conflicting intervals specified\n",
    "kernel.rejected",
    "could not change the firewall: conflicting intervals specified",
  ],
])("the complaint %j is a fault with a remedy", (complaint, code, what) => {
  const fault = nftFault("change the firewall", { status: 1, complaint });
  expect(fault).toMatchObject({ code, what });
  expect(fault.remedy).not.toBe("");
});

test("a machine without nft is told which package to install", () => {
  const fault = nftFault("change the firewall", { status: undefined, complaint: "ENOENT" });
  expect(fault).toMatchObject({
    code: "kernel.program-missing",
    errno: "ENOENT",
    remedy: "install the package nftables",
  });
});
