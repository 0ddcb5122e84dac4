import { expect, test } from "vitest";
import { downCodes, downReason } from "#ike/down-reason.ts";

test("a reason names the peer and what happened", () => {
  const reason = downReason("ike.auth.psk-mismatch", {
    peer: "203.0.113.1:500",
    identity: "branch12.example.net",
  });
  expect(reason.message).toContain("203.0.113.1:500");
  expect(reason.message).toContain("branch12.example.net");
  expect(reason.message).not.toContain("{");
  expect(reason.remedy).toContain("branch12.example.net");
  expect(reason.isTransient).toBe(false);
});

test("a code is lower case words between dots", () => {
  expect(downCodes.filter((code) => !/^ike(\.[a-z-]+)+$/.test(code))).toEqual([]);
});

test("every error says what to do", () => {
  const faults = downCodes.map((code) => downReason(code, {}));
  expect(faults.filter(({ severity, remedy }) => severity === "error" && !remedy)).toEqual([]);
});

test("a parameter that was forgotten shows, and braces never do", () => {
  for (const code of downCodes) {
    const { message, remedy = "" } = downReason(code, {});
    expect(`${message} ${remedy}`).not.toMatch(/[{}]/);
  }
});
