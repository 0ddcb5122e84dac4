import { expect, test } from "vitest";
import { toHex } from "#lib/bytes.ts";
import { bypassPolicy } from "#linux/socket/ike-socket-options.ts";

// linux/xfrm.h: struct xfrm_userpolicy_info, 168 bytes on x86-64 and aarch64.
const NO_LIMITS = "ff".repeat(32) + "00".repeat(32);

test.each([
  [4, "in", "0200", "00"],
  [4, "out", "0200", "01"],
  [6, "in", "0a00", "00"],
  [6, "out", "0a00", "01"],
] as const)(
  "the IPv%i policy that lets traffic %s pass is laid out as the kernel has it",
  (family, direction, familyBytes, directionByte) => {
    const selector = `${"00".repeat(40)}${familyBytes}${"00".repeat(14)}`;
    const counts = "00".repeat(32);
    const priorityAndIndex = "00".repeat(8);
    const tail = `${directionByte}00000000000000`;
    expect(toHex(bypassPolicy(family, direction))).toBe(
      selector + NO_LIMITS + counts + priorityAndIndex + tail,
    );
  },
);
