import { expect, test } from "vitest";
import { LoginGuard } from "#api/login-guard.ts";
import type { IpAddress } from "#lib/ip.ts";

const address = (text: string) => text as IpAddress;
const [one, other] = [address("192.168.12.20"), address("192.168.12.21")];

/** A guard that saw so many failures of `one` at time 0. */
function after(failures: number): LoginGuard {
  const guard = new LoginGuard();
  for (let count = 0; count < failures; count++) guard.failed(one, 0);
  return guard;
}

test("who mistypes four times does not wait", () => {
  expect(after(4).wait(one, 0)).toBe(0);
});

test("each further failure doubles the wait, up to five minutes", () => {
  expect([5, 6, 7, 12, 13, 40].map((failures) => after(failures).wait(one, 0))).toEqual([
    2_000, 4_000, 8_000, 256_000, 300_000, 300_000,
  ]);
});

test("the wait of one address is not the other's", () => {
  expect(after(9).wait(other, 0)).toBe(0);
});

test("the wait is over when its time is, and a success forgets the failures", () => {
  const guard = after(5);
  expect(guard.wait(one, 2_000)).toBe(0);
  guard.succeeded(one);
  expect(guard.failed(one, 2_000)).toBe(1);
});

test("all addresses of an IPv6 host count as one", () => {
  const guard = new LoginGuard();
  for (let count = 0; count < 6; count++) guard.failed(address(`2001:db8::${count + 1}`), 0);
  expect(guard.wait(address("2001:db8::ffff:1"), 0)).toBeGreaterThan(0);
  expect(guard.wait(address("2001:db8:0:1::1"), 0)).toBe(0);
});

test("strangers in numbers do not make it remember without bound, and do not free who guesses", () => {
  const guard = new LoginGuard();
  for (let count = 0; count < 3_000; count++) {
    guard.failed(address(`10.0.${count >> 8}.${count & 255}`), 0);
    guard.failed(one, 0);
  }
  expect(guard.remembered).toBe(1_000);
  expect(guard.wait(one, 0)).toBe(300_000);
});
