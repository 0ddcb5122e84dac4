import { expect, test } from "vitest";
import { losesCollision, lowestNonce } from "#ike/task/collision.ts";

test("nonces are compared octet by octet, not as numbers", () => {
  const short = Uint8Array.of(2);
  const long = Uint8Array.of(1, 255, 255);
  expect(lowestNonce(short, long)).toBe(long);
  expect(lowestNonce(long, short)).toBe(long);
});

test("a nonce that is the beginning of another is the lower", () => {
  const short = Uint8Array.of(1, 2);
  expect(lowestNonce(Uint8Array.of(1, 2, 0), short)).toBe(short);
});

test("the exchange with the lowest nonce loses, and exactly one side does", () => {
  const [low, high] = [Uint8Array.of(1), Uint8Array.of(2)];
  expect(losesCollision(low, high)).toBe(true);
  expect(losesCollision(high, low)).toBe(false);
});
